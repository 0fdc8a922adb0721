#include "storage/sql/database.h"
#include "storage/sql/rows.h"
#include "storage/store.h"

namespace storage {

constexpr const char* upsert_merged =
    "INSERT INTO merged_book (book, seen) VALUES ($1, $2) ON CONFLICT (book) DO UPDATE SET seen = excluded.seen";

void Transaction::set_merged(Id book, Modseq seen) {
  begin_change(book);
  sql::set_keeper(connection_, book, Keeper::merged);
  const auto upsert = connection_.prepare(upsert_merged);
  upsert->bind(1, book).bind(2, seen);
  upsert->run();
}

constexpr const char* select_merged = "SELECT seen FROM merged_book WHERE book = $1";

std::optional<Modseq> Transaction::merged_seen(Id book) {
  const auto row = connection_.prepare(select_merged);
  row->bind(1, book);
  if (!row->step()) return std::nullopt;
  return row->integer(0);
}

}  // namespace storage
