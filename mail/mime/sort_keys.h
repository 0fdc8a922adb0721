#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::mime {

/// What SORT and THREAD need to know of a message, computed once. The texts are as they are shown; collation_key makes
/// them comparable. RFC 5256 3, RFC 5957 3
struct SortKeys {
  /// The mailboxes of the first addresses; a group's mailbox is its name.
  std::string from, to, cc;
  /// What these are called, or else their addresses.
  std::string display_from, display_to;
  std::string base_subject;
  bool is_reply = false;
  /// The sent date, since 1970 in UTC. Nothing if the message has none: the internal date stands for it (RFC 5256 2.2).
  std::optional<std::int64_t> sent;
  /// The day that the sender had then, for SENTBEFORE, SENTON and SENTSINCE: days since 1970.
  std::optional<std::int64_t> sent_day;
  /// The message's own id, and those it is threaded by.
  std::optional<std::string> message_id;
  std::vector<std::string> references;
};

SortKeys sort_keys(std::string_view header);

/// The octets by which i;unicode-casemap compares UTF-8 texts, for equality, order and substrings. RFC 5051 2
std::string collation_key(std::string_view text);

}  // namespace mail::mime
