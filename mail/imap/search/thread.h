#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mail/imap/grammar/search_options.h"
#include "mail/mime/sort_keys.h"
#include "storage/mail.h"

namespace mail::imap {

/// What a message is threaded by.
struct ThreadRow {
  std::uint32_t number = 0;  ///< message number or UID
  std::int64_t sent = 0;
  std::int64_t arrival = 0;
  std::string subject;  ///< the collation key of its base subject
  bool is_reply = false;
  std::optional<std::string> message_id;
  std::vector<std::string> references;
};
ThreadRow thread_row(std::uint32_t number, const storage::Message& message, mime::SortKeys keys);

/// The threads of these messages, in ascending order of their numbers, as the THREAD response has them: `(2)(3 6 (4
/// 23)(44 7 96))`. RFC 5256 3, 4
std::string thread_text(const std::vector<ThreadRow>& messages, ThreadBy by);

}  // namespace mail::imap
