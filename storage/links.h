#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.h"

namespace storage {

/// A secret address under which anybody who knows it reads one calendar or address book. The secret is 160 random bits,
/// given once; what is kept is its SHA-256.
struct Link {
  Id id = 0;
  Id collection = 0;
  std::string label;       ///< what it is for
  bool busy_only = false;  ///< shows when somebody is busy, and nothing else
  Timestamp created = 0;
  std::optional<Timestamp> expires;
  std::optional<Timestamp> last_used;
};

/// Makes a link as wanted (its id and times but `expires` are set here) and returns the secret, which can't be had
/// again: 32 letters and digits.
std::string create_link(Transaction& transaction, const Link& wanted);

/// Those of all collections of an account, the oldest first.
std::vector<Link> links_of(Transaction& transaction, Id account);

/// False where the account has no such link.
bool revoke_link(Transaction& transaction, Id account, Id link);

/// The link with that secret; nothing for one that was never given, is revoked, or has expired. By its time it can't be
/// told which.
std::optional<Link> find_link(Transaction& transaction, std::string_view secret);

/// Sets its last use to now.
void link_used(Transaction& transaction, Id link);

}  // namespace storage
