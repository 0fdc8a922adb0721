// What objects say: the index of queries by text.
//
// A row of card_fact has the texts of an object, and is always right. The index of grams follows in batches, since
// taking in many at once costs a tenth of taking in one at a time: rows that it doesn't know yet are looked at by
// themselves, and what it knows and is no longer true only makes a few candidates more.
#include <algorithm>

#include "storage/sql/database.h"
#include "storage/store.h"

namespace storage {

namespace {

// Every so many changes of a collection the index is brought up to date with it.
constexpr Modseq changes_behind = 128;
// The most that one transaction takes in.
constexpr std::int64_t batch_rows = 256;

std::string joined(const std::vector<Gram>& grams, std::string_view separator) {
  std::string words;
  for (const Gram gram : grams) {
    if (!words.empty()) words += separator;
    words += word_of(gram);
  }
  return words;
}

std::string array_of(const std::vector<Gram>& grams) {
  std::string array = "{";
  for (const Gram gram : grams) array.append(array.size() > 1 ? "," : "").append(std::to_string(gram));
  return array += '}';
}

std::optional<std::string> text_in(const sql::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return std::string(row.text(column));
}

constexpr const char* sqlite_insert_grams = "INSERT INTO card_gram (rowid, grams) VALUES ($1, $2)";
constexpr const char* sqlite_delete_grams = "INSERT INTO card_gram (card_gram, rowid, grams) VALUES ('delete', $1, $2)";
// Those that the index is right about: the others are looked at by themselves.
constexpr const char* sqlite_find_grams =
    "SELECT f.member FROM card_gram CROSS JOIN card_fact f ON f.collection = $2 AND f.member = card_gram.rowid WHERE "
    "card_gram MATCH $1 AND f.state = 0";
constexpr const char* postgres_insert_grams =
    "INSERT INTO card_gram (collection, member, grams) VALUES ($1, $2, CAST(CAST($3 AS TEXT) AS BIGINT[])) ON CONFLICT "
    "(collection, member) DO UPDATE SET grams = excluded.grams";
constexpr const char* postgres_delete_grams = "DELETE FROM card_gram WHERE collection = $1 AND member = $2";
constexpr const char* postgres_find_grams =
    "SELECT f.member FROM card_gram g JOIN card_fact f ON f.collection = g.collection AND f.member = g.member WHERE "
    "g.grams @> CAST(CAST($1 AS TEXT) AS BIGINT[]) AND g.collection = $2 AND f.state = 0";

void insert_grams(sql::Connection& connection, Id collection, Id member, const std::string& text) {
  const auto grams = grams_of(collection, text);
  if (connection.dialect() == sql::Dialect::sqlite) {
    const auto insert = connection.prepare(sqlite_insert_grams);
    insert->bind(1, member).bind(2, joined(grams, " "));
    insert->send();
  } else {
    const auto insert = connection.prepare(postgres_insert_grams);
    insert->bind(1, collection).bind(2, member).bind(3, array_of(grams));
    insert->send();
  }
}

void delete_grams(sql::Connection& connection, Id collection, Id member, const std::string& text) {
  if (connection.dialect() == sql::Dialect::sqlite) {
    const auto remove = connection.prepare(sqlite_delete_grams);
    remove->bind(1, member).bind(2, joined(grams_of(collection, text), " "));
    remove->send();
  } else {
    const auto remove = connection.prepare(postgres_delete_grams);
    remove->bind(1, collection).bind(2, member);
    remove->send();
  }
}

void find_grams(sql::Connection& connection, Id collection, const std::vector<Gram>& grams, std::vector<Id>& found) {
  const bool is_sqlite = connection.dialect() == sql::Dialect::sqlite;
  const auto row = connection.prepare(is_sqlite ? sqlite_find_grams : postgres_find_grams);
  row->bind(1, is_sqlite ? joined(grams, " AND ") : array_of(grams)).bind(2, collection);
  while (row->step()) found.push_back(row->integer(0));
}

/// For SQLite alone: PostgreSQL looks for many grams by comparing all arrays where it thinks that it has few, which
/// takes a hundred times as long as a look at all texts.
void find_range(sql::Connection& connection, Id collection, const GramRange& range, std::vector<Id>& found) {
  const auto row = connection.prepare(sqlite_find_grams);
  row->bind(1, words_begin_with(range) + "*").bind(2, collection);
  while (row->step()) found.push_back(row->integer(0));
}

constexpr const char* sqlite_scan_texts =
    "SELECT member, text FROM card_fact WHERE collection = $1 AND instr(text, $2) > 0";
constexpr const char* postgres_scan_texts =
    "SELECT member, text FROM card_fact WHERE collection = $1 AND strpos(text, $2) > 0";

/// For what is too short for a gram.
void scan_texts(sql::Connection& connection, Id collection, const std::vector<TextTerm>& terms,
                std::vector<Id>& found) {
  std::string longest;
  for (const TextTerm& term : terms) {
    if (const auto needle = needle_of(term); needle.size() > longest.size()) longest = needle;
  }
  const bool is_sqlite = connection.dialect() == sql::Dialect::sqlite;
  const auto row = connection.prepare(is_sqlite ? sqlite_scan_texts : postgres_scan_texts);
  row->bind(1, collection).bind(2, longest);
  while (row->step()) {
    if (holds(row->text(1), {terms})) found.push_back(row->integer(0));
  }
}

}  // namespace

// Without an order, for which SQLite would read all rows of the collection by their key.
constexpr const char* select_open = "SELECT member, text FROM card_fact WHERE collection = $1 AND state > 0";

std::vector<Id> Transaction::holding(Id collection, const TextSearch& search) {
  if (writing_) connection_.hold(collection);
  std::vector<Id> found;
  const bool is_sqlite = connection_.dialect() == sql::Dialect::sqlite;
  for (const auto& terms : search) {
    if (const auto grams = grams_for(collection, terms); !grams.empty()) {
      find_grams(connection_, collection, grams, found);
    } else if (const auto range = gram_range_for(collection, terms); is_sqlite && range) {
      find_range(connection_, collection, *range, found);
    } else {
      scan_texts(connection_, collection, terms, found);
    }
  }
  const auto row = connection_.prepare(select_open);
  row->bind(1, collection);
  while (row->step()) {
    if (row->is_null(1) || holds(row->text(1), search)) found.push_back(row->integer(0));
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

constexpr const char* select_text = "SELECT text FROM card_fact WHERE collection = $1 AND member = $2";

std::optional<std::string> Transaction::text(const Member& member) {
  const auto row = connection_.prepare(select_text);
  row->bind(1, member.collection).bind(2, member.id);
  return row->step() ? text_in(*row, 0) : std::nullopt;
}

void Transaction::set_text(const Member& member, const std::optional<std::string>& text) {
  begin_change(member.collection);
  put_text(member, text);
}

// What the index holds of a row that it knew until now.
#define PILEUS_STILL_HELD "CASE WHEN card_fact.state = 0 THEN card_fact.text ELSE card_fact.held END"

constexpr const char* upsert_text =
    "INSERT INTO card_fact (collection, member, text, state) VALUES ($1, $2, $3, 1) ON CONFLICT (collection, member) "
    "DO UPDATE SET text = excluded.text, held = " PILEUS_STILL_HELD
    ", state = 1 WHERE card_fact.text IS DISTINCT FROM excluded.text";

void Transaction::put_text(const Member& member, const std::optional<std::string>& text) {
  {
    const auto upsert = connection_.prepare(upsert_text);
    upsert->bind(1, member.collection).bind(2, member.id);
    text ? upsert->bind(3, *text) : upsert->bind_null(3);
    upsert->send();
  }
  if (member.modseq % changes_behind == 0) index_texts_of(member.collection);
}

constexpr const char* empty_text =
    "UPDATE card_fact SET text = '', held = " PILEUS_STILL_HELD ", state = 1 WHERE collection = $1 AND member = $2";

void Transaction::drop_text(Id collection, Id member) {
  const auto empty = connection_.prepare(empty_text);
  empty->bind(1, collection).bind(2, member);
  empty->send();
}

constexpr const char* empty_texts =
    "UPDATE card_fact SET text = '', held = " PILEUS_STILL_HELD ", state = 1 WHERE collection = $1";

void Transaction::drop_texts_within(Id collection) {
  const auto empty = connection_.prepare(empty_texts);
  empty->bind(1, collection);
  empty->send();
}

constexpr const char* copy_one_text =
    "INSERT INTO card_fact (collection, member, text, state) SELECT CAST($3 AS BIGINT), CAST($4 AS BIGINT), f.text, 1 "
    "FROM card_fact f WHERE f.collection = $1 AND f.member = $2 ON CONFLICT (collection, member) DO UPDATE SET text = "
    "excluded.text, held = " PILEUS_STILL_HELD ", state = 1";

void Transaction::copy_text(Id from, Id member, Id to, Id copied) {
  const auto copy = connection_.prepare(copy_one_text);
  copy->bind(1, from).bind(2, member).bind(3, to).bind(4, copied);
  copy->send();
}

constexpr const char* copy_all_texts =
    "INSERT INTO card_fact (collection, member, text, state) SELECT CAST($2 AS BIGINT), n.id, f.text, 1 FROM card_fact "
    "f JOIN member o ON o.id = f.member AND o.collection = f.collection JOIN member n ON n.collection = $2 AND "
    "n.deleted = 0 AND n.name = o.name WHERE f.collection = $1";

void Transaction::copy_texts_within(Id from, Id to) {
  const auto copy = connection_.prepare(copy_all_texts);
  copy->bind(1, from).bind(2, to);
  copy->send();
}

namespace {

struct Behind {
  Id member;
  std::optional<std::string> text;
  std::optional<std::string> held;
};

}  // namespace

// Those of state 1 by card_fact_open, of which SQLite must be told `state > 0`; and `state` in the order, and a sign
// before the member, keep it from reading all of the collection by the key.
constexpr const char* select_behind =
    "SELECT member, text, held FROM card_fact WHERE collection = $1 AND state > 0 AND state < 2 ORDER BY state, member "
    "LIMIT $2";
constexpr const char* forget_behind =
    "DELETE FROM card_fact WHERE collection = $1 AND state > 0 AND state < 2 AND +member <= $2 AND text = ''";
constexpr const char* settle_behind =
    "UPDATE card_fact SET held = NULL, state = CASE WHEN text IS NULL THEN 2 ELSE 0 END WHERE collection = $1 AND "
    "state > 0 AND state < 2 AND +member <= $2";

// In order of members, so that SQLite takes all of them in at once.
void Transaction::index_texts_of(Id collection) {
  std::vector<Behind> behind;
  {
    const auto row = connection_.prepare(select_behind);
    row->bind(1, collection).bind(2, batch_rows);
    while (row->step()) behind.push_back({row->integer(0), text_in(*row, 1), text_in(*row, 2)});
  }
  if (behind.empty()) return;
  for (const Behind& each : behind) {
    if (each.held) delete_grams(connection_, collection, each.member, *each.held);
    if (each.text && !each.text->empty()) insert_grams(connection_, collection, each.member, *each.text);
  }
  for (const char* sql : {forget_behind, settle_behind}) {
    const auto settle = connection_.prepare(sql);
    settle->bind(1, collection).bind(2, behind.back().member);
    settle->send();
  }
}

constexpr const char* select_far_behind =
    "SELECT f.collection FROM card_fact f LEFT JOIN collection c ON c.id = f.collection WHERE f.state > 0 AND f.state "
    "= 1 GROUP BY f.collection, c.id HAVING COUNT(*) > 256 OR c.id IS NULL LIMIT 1";

bool Transaction::index_texts() {
  Id collection = 0;
  {
    const auto row = connection_.prepare(select_far_behind);
    if (!row->step()) return false;
    collection = row->integer(0);
  }
  if (!writing_) return true;
  begin_change(collection);
  index_texts_of(collection);
  return true;
}

constexpr const char* select_edition = "SELECT edition FROM card_index";

std::string Transaction::text_edition() {
  const auto row = connection_.prepare(select_edition);
  return row->step() ? std::string(row->text(0)) : std::string();
}

constexpr const char* update_edition =
    "INSERT INTO card_index (one, edition) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET edition = excluded.edition";

void Transaction::set_text_edition(std::string_view edition) {
  begin_change(0);
  const auto update = connection_.prepare(update_edition);
  update->bind(1, edition);
  update->run();
}

}  // namespace storage
