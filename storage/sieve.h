#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.h"
#include "storage/types.h"

namespace storage {

/// A Sieve script of an account, without its text.
struct SieveScript {
  std::string name;
  bool active = false;
  std::int64_t size = 0;  ///< octets
  Timestamp modified = 0;
};

/// The script that is run over an account's mail.
struct ActiveSieveScript {
  std::string name;
  std::string octets;
  std::string fault;  ///< what it ran into last; empty for nothing
};

/// How much an account may keep.
struct SieveQuota {
  std::int64_t scripts = 32;
  std::int64_t octets = 1024 * 1024;  ///< of one script
};

/// The verbs of Sieve scripts, on a transaction; see Mail in storage/mail.h. Names are compared octet by octet.
class Sieve {
 public:
  explicit Sieve(Transaction& transaction) : transaction_(transaction) {}

  std::vector<SieveScript> scripts(Id account);  ///< in order of name
  std::optional<std::string> script(Id account, std::string_view name);
  std::optional<ActiveSieveScript> active(Id account);

  /// Whether a script of that size may be put by that name. RFC 5804 1.3, QUOTA
  enum class Room { enough, too_large, too_many };
  Room room(Id account, std::string_view name, std::int64_t size, const SieveQuota& quota);
  /// Adds a script or replaces it; an active one stays so. The caller has asked for room in this transaction.
  void put(Id account, std::string_view name, std::string_view octets);
  /// From now on that one is active, none for an empty name. False if there is no such script.
  bool activate(Id account, std::string_view name);
  enum class Outcome { done, missing, active, taken };
  Outcome remove(Id account, std::string_view name);  ///< not an active one
  /// An active one stays so; not to a name that is taken.
  Outcome rename(Id account, std::string_view name, std::string_view to);
  /// Remembers what the script ran into; false if that is what is remembered already.
  bool set_fault(Id account, std::string_view name, std::string_view fault);

  /// Whether it is remembered and its time isn't over.
  bool remembers(Id account, std::string_view hash);
  /// Remembers it until then. Of an account at most `memory` are kept: those that end first go.
  void remember(Id account, std::string_view hash, Timestamp until);
  static constexpr std::int64_t memory = 10'000;

 private:
  Transaction& transaction_;
};

}  // namespace storage
