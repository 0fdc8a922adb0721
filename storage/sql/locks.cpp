#include <algorithm>

#include "storage/sql/database.h"
#include "storage/store.h"

#define PILEUS_LOCK_COLUMNS \
  "l.token, l.collection, l.member, l.account, l.exclusive, l.infinite, l.owner, l.root, l.expires"

namespace storage {

namespace {

Lock read_lock(const sql::Statement& row) {
  Lock lock;
  lock.token = row.text(0);
  lock.collection = row.integer(1);
  lock.member = row.integer(2);
  lock.account = row.integer(3);
  lock.exclusive = row.integer(4) != 0;
  lock.infinite = row.integer(5) != 0;
  lock.owner = row.text(6);
  lock.root = row.text(7);
  lock.expires = row.integer(8);
  return lock;
}

std::vector<Lock> all_locks(sql::Statement& row) {
  std::vector<Lock> locks;
  while (row.step()) locks.push_back(read_lock(row));
  return locks;
}

}  // namespace

constexpr const char* select_locks_on =
    "SELECT " PILEUS_LOCK_COLUMNS
    " FROM lock l WHERE l.collection = $1 AND l.member = $2 AND l.expires > $3 ORDER BY l.token";

std::vector<Lock> Transaction::locks_on(Id collection, Id member) {
  if (writing_) connection_.hold(collection);
  const auto row = connection_.prepare(select_locks_on);
  row->bind(1, collection).bind(2, member).bind(3, now_);
  return all_locks(*row);
}

// With the collection above it, which stands in the first row even where there is no lock.
constexpr const char* select_locks_here_and_above =
    "SELECT " PILEUS_LOCK_COLUMNS
    ", c.parent FROM collection c LEFT JOIN lock l ON l.collection = c.id AND l.member = $2 AND "
    "l.infinite >= $3 AND l.expires > $4 WHERE c.id = $1";

// More than paths can have; a corrupt store must not keep a thread for ever.
constexpr std::size_t most_levels = 10'000;

// Goes up step by step: a recursive query costs more than the two or three steps that most trees have.
std::vector<Lock> Transaction::locks_covering(Id collection, Id member) {
  if (writing_) connection_.hold(collection);
  std::vector<sql::Use> rows;
  // Only on the resource itself those of depth 0 count too.
  const auto ask = [&](Id where, Id on, bool own) {
    sql::Use& row = rows.emplace_back(connection_.prepare(select_locks_here_and_above));
    row->bind(1, where).bind(2, on).bind(3, own ? 0 : 1).bind(4, now_);
    row->start();
  };
  ask(collection, member, true);
  std::vector<Id> chain = known_above(collection);
  for (std::size_t i = member == 0 ? 1 : 0; i < chain.size(); ++i) ask(chain[i], 0, false);
  std::vector<Lock> locks;
  for (std::size_t i = 0; i < rows.size() && i < most_levels; ++i) {
    Id above = 0;
    const auto nearer = static_cast<std::ptrdiff_t>(locks.size());
    while (rows[i]->step()) {
      if (!rows[i]->is_null(0)) locks.push_back(read_lock(*rows[i]));
      above = rows[i]->integer(9);
    }
    std::sort(locks.begin() + nearer, locks.end(),
              [](const Lock& one, const Lock& other) { return one.token < other.token; });
    if (i + 1 == rows.size() && above != 0) ask(above, 0, false);
  }
  return locks;
}

// CROSS JOIN, so that SQLite looks for the locks of each collection and not for the collection of each lock.
constexpr const char* select_locks_below =
    "WITH RECURSIVE below (id) AS (SELECT CAST($1 AS BIGINT) UNION ALL "
    "SELECT c.id FROM collection c JOIN below ON c.parent = below.id) "
    "SELECT " PILEUS_LOCK_COLUMNS
    " FROM below CROSS JOIN lock l WHERE l.collection = below.id AND "
    "(l.member <> 0 OR l.collection <> $1) AND l.expires > $2 ORDER BY l.token";

std::vector<Lock> Transaction::locks_below(Id collection) {
  if (writing_) connection_.hold(collection);
  const auto row = connection_.prepare(select_locks_below);
  row->bind(1, collection).bind(2, now_);
  return all_locks(*row);
}

constexpr const char* select_lock = "SELECT " PILEUS_LOCK_COLUMNS " FROM lock l WHERE l.token = $1 AND l.expires > $2";

std::optional<Lock> Transaction::lock(std::string_view token) {
  const auto row = connection_.prepare(select_lock);
  row->bind(1, token).bind(2, now_);
  if (!row->step()) return std::nullopt;
  return read_lock(*row);
}

constexpr const char* insert_lock =
    "INSERT INTO lock (token, collection, member, account, exclusive, infinite, owner, root, expires) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

void Transaction::add_lock(const Lock& lock) {
  begin_change(lock.collection);
  const auto insert = connection_.prepare(insert_lock);
  insert->bind(1, lock.token).bind(2, lock.collection).bind(3, lock.member).bind(4, lock.account);
  insert->bind(5, lock.exclusive ? 1 : 0).bind(6, lock.infinite ? 1 : 0).bind(7, lock.owner).bind(8, lock.root);
  insert->bind(9, lock.expires);
  insert->send();
}

constexpr const char* update_lock = "UPDATE lock SET expires = $2 WHERE token = $1";

void Transaction::refresh_lock(std::string_view token, Timestamp expires) {
  begin_change(0);
  const auto update = connection_.prepare(update_lock);
  update->bind(1, token).bind(2, expires);
  update->send();
}

constexpr const char* delete_lock = "DELETE FROM lock WHERE token = $1";

void Transaction::remove_lock(std::string_view token) {
  begin_change(0);
  const auto remove = connection_.prepare(delete_lock);
  remove->bind(1, token);
  remove->send();
}

}  // namespace storage
