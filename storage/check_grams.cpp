#include "storage/check_grams.h"

#include <functional>
#include <unordered_map>

#include "storage/sql/database.h"

namespace storage {

namespace {

constexpr std::int64_t page_rows = 500;

std::uint64_t hash_of(std::string_view word) { return std::hash<std::string_view>()(word); }

/// For each member the sum of the hashes of its grams: those that are there less those that should be.
using Sums = std::unordered_map<Id, std::uint64_t>;

constexpr const char* sqlite_grams = "SELECT doc, term FROM card_gram_held";

void add_sqlite(sql::Connection& connection, Sums& sums) {
  const auto row = connection.prepare(sqlite_grams);
  while (row->step()) sums[row->integer(0)] += hash_of(row->text(1));
}

constexpr const char* postgres_grams =
    "SELECT collection, member, array_to_string(grams, ',') FROM card_gram WHERE (collection, member) > ($1, $2) ORDER "
    "BY collection, member LIMIT $3";

void add_postgres(sql::Connection& connection, Sums& sums) {
  Id collection = 0, member = 0;
  for (std::int64_t rows = page_rows; rows == page_rows;) {
    const auto row = connection.prepare(postgres_grams);
    row->bind(1, collection).bind(2, member).bind(3, page_rows);
    for (rows = 0; row->step(); ++rows) {
      collection = row->integer(0);
      member = row->integer(1);
      std::string_view grams = row->text(2);
      while (!grams.empty()) {
        const std::size_t comma = std::min(grams.find(','), grams.size());
        sums[member] += hash_of(grams.substr(0, comma));
        grams.remove_prefix(std::min(comma + 1, grams.size()));
      }
    }
  }
}

constexpr const char* select_held =
    "SELECT collection, member, CASE WHEN state = 0 THEN text ELSE held END FROM card_fact WHERE (collection, member) "
    "> ($1, $2) ORDER BY collection, member LIMIT $3";

void subtract_held(sql::Connection& connection, Sums& sums) {
  const bool is_sqlite = connection.dialect() == sql::Dialect::sqlite;
  Id collection = 0, member = 0;
  for (std::int64_t rows = page_rows; rows == page_rows;) {
    const auto row = connection.prepare(select_held);
    row->bind(1, collection).bind(2, member).bind(3, page_rows);
    for (rows = 0; row->step(); ++rows) {
      collection = row->integer(0);
      member = row->integer(1);
      std::uint64_t& sum = sums[member];
      for (const Gram gram : grams_of(collection, row->text(2))) {
        sum -= hash_of(is_sqlite ? word_of(gram) : std::to_string(gram));
      }
    }
  }
}

}  // namespace

std::vector<Id> members_with_other_grams(Transaction& transaction) {
  auto& connection = transaction.connection();
  Sums sums;
  if (connection.dialect() == sql::Dialect::sqlite) {
    add_sqlite(connection, sums);
  } else {
    add_postgres(connection, sums);
  }
  subtract_held(connection, sums);
  std::vector<Id> others;
  for (const auto& [member, sum] : sums) {
    if (sum != 0) others.push_back(member);
  }
  return others;
}

}  // namespace storage
