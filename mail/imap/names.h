#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/imap/session.h"
#include "storage/mail.h"

namespace mail::imap {

/// Before the names of other accounts' mailboxes: `Other Users/ben/Projects`. RFC 2342 5
constexpr std::string_view other_users = "Other Users";

/// All rights there are, which the owner of a mailbox has. RFC 4314 2.1
constexpr std::string_view all_rights = "aeiklprstwx";

/// A mailbox as an account sees it.
struct Place {
  storage::Mailbox mailbox;
  std::string name;    ///< in full
  std::string rights;  ///< of all_rights, in that order
  bool own = false;

  bool may(char right) const { return rights.find(right) != std::string::npos; }
};

/// By what an account is named in lists of rights: itself, its groups, and everybody.
std::vector<std::string> identifiers_of(storage::Transaction& transaction, const storage::Principal& principal);

/// What entries of rights give to who is named by these: what is given less what is denied. RFC 4314 2
std::string rights_of(const std::vector<storage::MailboxRights>& entries, const std::vector<std::string>& identifiers);

/// The rights as they are told: with the obsolete ones that older clients look for, where any of those is there that
/// they stand for. RFC 4314 2.1.1
std::string shown_rights(std::string rights);

/// All mailboxes that the account may know of: its own, each after the one above it, then those of others.
std::vector<Place> all_places(storage::Transaction& transaction, const storage::Principal& principal);

/// The mailbox of that name; nothing if there is none that the account may know of. RFC 4314 6
std::optional<Place> find_place(storage::Transaction& transaction, const storage::Principal& principal,
                                std::string_view name);

/// The same; throws Refusal NONEXISTENT, and NOPERM without that right.
Place need_place(storage::Transaction& transaction, const storage::Principal& principal, std::string_view name,
                 char right);

/// Where a mailbox of a new name would be: what is above it, and its own level.
struct NewPlace {
  std::string above;  ///< empty for the home itself
  std::string level;
};
NewPlace parted(std::string_view name);

/// The mail home or mailbox that is to hold one of that name; what is missing above it is made. Throws Refusal. Writing
/// transactions only.
storage::Id make_above(storage::Transaction& transaction, const storage::Principal& principal, std::string_view name);

/// RFC 8474 4
std::string mailbox_id_text(storage::Id mailbox);

}  // namespace mail::imap
