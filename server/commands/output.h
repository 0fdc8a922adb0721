#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/types.h"

namespace server {

/// A value that a command prints: nothing, a flag, a number, a text, or texts.
using Cell = std::variant<std::monostate, bool, std::int64_t, std::string, std::vector<std::string>>;

/// What a command prints: rows of named values, for a person in columns, for a program as JSON.
class Table {
 public:
  explicit Table(std::vector<std::string> names) : names_(std::move(names)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

  std::string columns() const;      ///< a heading and one line a row
  std::string list() const;         ///< "name: value" lines, rows apart; for few rows of many values
  std::string json() const;         ///< an array of objects
  std::string json_object() const;  ///< the first row alone

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<Cell>> rows_;
};

/// Writes to stdout. Throws std::runtime_error where that can't be done.
void print(std::string_view text);

/// "2026-01-31T12:00:00Z".
std::string time_text(storage::Timestamp time);

/// The moment that "2026-01-31" or "2026-01-31T12:00:00Z" names. Throws std::invalid_argument.
storage::Timestamp parse_time(std::string_view text);

/// The moment that --expires names: a day, a moment, or a duration from now ("90 d"). Throws std::invalid_argument for
/// what is over.
storage::Timestamp parse_expiry(const std::string& text, storage::Timestamp now);

}  // namespace server
