#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::mime {

/// One entry of an address list; a group is a group_begin, its mailboxes, and a group_end. RFC 5322 3.4
struct Address {
  enum class Kind { mailbox, group_begin, group_end };

  Kind kind = Kind::mailbox;
  /// The display name without quoting, its encoded words as they came; or the comment after an address without one. For
  /// a group its name. Empty if there is none.
  std::string name;
  /// The obsolete source route, `@a,@b`. RFC 5322 4.4
  std::string route;
  /// The local part without quoting.
  std::string mailbox;
  /// Empty where the address has none.
  std::string host;
};

/// Reads an unfolded address list, with the obsolete forms (RFC 5322 4.4), UTF-8 (RFC 6532 3.2), and the faults of RFC
/// 7103 7.1. Whatever it is given, it takes time linear in its length.
std::vector<Address> parse_addresses(std::string_view value);

/// The address as `local@host`, the local part quoted if it must be. Empty for groups.
std::string address_text(const Address& address);

}  // namespace mail::mime
