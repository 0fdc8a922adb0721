#include "storage/sql/database.h"
#include "storage/sql/rows.h"
#include "storage/store.h"

// $1 is what holds for people who have said nothing; 0 is AccountKind::user, 1 is CollectionKind::addressbook_home.
#define PILEUS_BIRTHDAYS_WANTED "COALESCE(a.birthdays, CASE WHEN a.kind = 0 THEN CAST($1 AS BIGINT) ELSE 0 END)"
#define PILEUS_SELECT_BIRTHDAYS                                                                                     \
  "SELECT a.id, " PILEUS_BIRTHDAYS_WANTED                                                                           \
  ", COALESCE(b.calendar, 0), COALESCE(b.seen, 0), COALESCE(b.edition, 0) FROM account a LEFT JOIN birthdays b ON " \
  "b.account = a.id "

namespace storage {

namespace {

Birthdays read_birthdays(const sql::Statement& row) {
  return {row.integer(0), row.integer(1) != 0, row.integer(2), row.integer(3), row.integer(4)};
}

}  // namespace

constexpr const char* select_birthdays = PILEUS_SELECT_BIRTHDAYS "WHERE a.id = $2";

std::optional<Birthdays> Transaction::birthdays(Id account, bool by_default) {
  const auto row = connection_.prepare(select_birthdays);
  row->bind(1, by_default ? 1 : 0).bind(2, account);
  if (!row->step()) return std::nullopt;
  return read_birthdays(*row);
}

constexpr const char* select_stale_birthdays = PILEUS_SELECT_BIRTHDAYS
    "JOIN collection h ON h.account = a.id AND h.kind = 1 AND h.parent IS NULL "
    "WHERE (" PILEUS_BIRTHDAYS_WANTED " = 0 AND b.calendar IS NOT NULL) OR (" PILEUS_BIRTHDAYS_WANTED
    " = 1 AND (b.calendar IS NULL OR b.seen <> h.modseq OR b.edition <> $2)) ORDER BY a.id";

std::vector<Birthdays> Transaction::stale_birthdays(bool by_default, std::int64_t edition) {
  const auto row = connection_.prepare(select_stale_birthdays);
  row->bind(1, by_default ? 1 : 0).bind(2, edition);
  std::vector<Birthdays> stale;
  while (row->step()) stale.push_back(read_birthdays(*row));
  return stale;
}

constexpr const char* upsert_birthdays =
    "INSERT INTO birthdays (calendar, account, seen, edition) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (calendar) DO UPDATE SET seen = excluded.seen, edition = excluded.edition";

void Transaction::set_birthdays(const Birthdays& made) {
  begin_change(made.calendar);
  sql::set_keeper(connection_, made.calendar, Keeper::birthdays);
  const auto upsert = connection_.prepare(upsert_birthdays);
  upsert->bind(1, made.calendar).bind(2, made.account).bind(3, made.seen).bind(4, made.edition);
  upsert->run();
}

}  // namespace storage
