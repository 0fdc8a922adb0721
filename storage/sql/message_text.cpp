// Which messages may have a text: by their signatures, of which those of a mailbox are read through.
#include "storage/signature.h"
#include "storage/sql/database.h"

namespace storage {

constexpr const char* select_signatures =
    "SELECT m.uid, s.bits FROM message m LEFT JOIN message_signature s ON s.blob = m.blob WHERE m.mailbox = $1 AND "
    "m.uid > $2 ORDER BY m.uid LIMIT $3";

std::optional<std::vector<Uid>> Mail::holding(Id mailbox, SearchIn where, std::string_view key) {
  constexpr std::int64_t page_rows = 2000;
  if (transaction_.writing()) transaction_.connection_.hold(mailbox);
  const SignatureQuery query(where, key);
  if (query.empty()) return std::nullopt;
  std::vector<Uid> found;
  std::int64_t last = 0;
  for (std::int64_t rows = page_rows; rows == page_rows;) {
    const auto row = transaction_.connection_.prepare(select_signatures);
    row->bind(1, mailbox).bind(2, last).bind(3, page_rows);
    for (rows = 0; row->step(); ++rows) {
      last = row->integer(0);
      if (row->is_null(1) || query.matches(row->bytes(1))) found.push_back(static_cast<Uid>(last));
    }
  }
  return found;
}

}  // namespace storage
