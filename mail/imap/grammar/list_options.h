#pragma once

#include <string>
#include <vector>

#include "mail/imap/grammar/cursor.h"

namespace mail::imap {

/// What STATUS tells. RFC 9051 6.3.11
enum class StatusItem {
  messages,
  recent,  ///< RFC 3501 6.3.10
  uid_next,
  uid_validity,
  unseen,
  deleted,
  size,
  highest_modseq,   ///< RFC 7162 3.1.7
  mailbox_id,       ///< RFC 8474 4.3
  append_limit,     ///< RFC 7889 4
  deleted_storage,  ///< RFC 9208 5.2.2
};
std::string_view status_name(StatusItem item);

/// Reads `(MESSAGES UNSEEN)`, each once.
std::vector<StatusItem> read_status_items(Cursor& cursor);

/// LIST, and LSUB, which has only a reference and a pattern. RFC 9051 6.3.9, RFC 5258 3
struct ListArguments {
  // What is listed.
  bool subscribed = false;
  bool remote = false;
  bool recursive_match = false;
  bool special_use = false;  ///< RFC 6154 5.2
  std::string reference;
  std::vector<std::string> patterns;
  /// Selection options, several patterns or RETURN were there: `"" ""` is no question for the separator then.
  bool extended = false;

  // What is told of it.
  bool return_subscribed = false;
  bool return_children = false;
  bool return_special_use = false;        ///< RFC 6154 5.2
  bool return_my_rights = false;          ///< RFC 8440 3
  std::vector<StatusItem> return_status;  ///< RFC 5819 2
};

constexpr std::size_t most_patterns = 100;

ListArguments read_list_arguments(Cursor& cursor);

}  // namespace mail::imap
