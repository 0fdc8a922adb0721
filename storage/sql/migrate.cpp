#include "storage/sql/migrate.h"

#include <ctime>

#include "storage/failure.h"
#include "storage/schema.h"

namespace storage::sql {

namespace {

constexpr const char* select_newest = "SELECT COALESCE(MAX(number), 0) FROM schema_step";
constexpr const char* insert_step = "INSERT INTO schema_step (number, name, applied) VALUES ($1, $2, $3)";

std::int64_t newest_applied(Connection& connection) {
  const auto row = connection.prepare(select_newest);
  const std::int64_t newest = row->step() ? row->integer(0) : 0;
  if (newest > schema_steps().back().number) {
    throw Failure(Trouble::refused, "the store was made by a later version of Pileus: its schema is " +
                                        std::to_string(newest) + ", this version knows " +
                                        std::to_string(schema_steps().back().number));
  }
  return newest;
}

}  // namespace

bool migrate(Connection& connection, std::string (*translate)(std::string_view)) {
  connection.execute(
      translate("CREATE TABLE IF NOT EXISTS schema_step (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied "
                "INTEGER NOT NULL) "
                "STRICT"));
  const std::int64_t newest = newest_applied(connection);
  for (const SchemaStep& step : schema_steps()) {
    if (step.number <= newest) continue;
    connection.execute(translate(step.sql));
    const auto insert = connection.prepare(insert_step);
    insert->bind(1, step.number).bind(2, step.name).bind(3, static_cast<std::int64_t>(std::time(nullptr)));
    insert->run();
  }
  return newest == 0;
}

bool is_current(Connection& connection) {
  try {
    return newest_applied(connection) == schema_steps().back().number;
  } catch (const Failure& failure) {
    if (failure.trouble() == Trouble::refused) throw;
    return false;
  }
}

}  // namespace storage::sql
