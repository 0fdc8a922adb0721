#include "server/commands/output.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include "server/units.h"

namespace server {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Cell& cell) {
  return std::visit(
      [](const auto& value) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
          return nullptr;
        } else {
          return value;
        }
      },
      cell);
}

// Terminals obey control characters, and names come from elsewhere.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return out;
}

std::string to_text(const Cell& cell) {
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "yes" : "no";
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string>(&cell)) return printable(*text);
  std::string out;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&cell)) {
    for (const std::string& one : *texts) out += (out.empty() ? "" : ", ") + printable(one);
  }
  return out;
}

// Columns on the screen, near enough: characters, not octets.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Json row_object(const std::vector<std::string>& names, const std::vector<Cell>& row) {
  Json object = Json::object();
  for (std::size_t i = 0; i < names.size(); ++i) object[names[i]] = to_json(row[i]);
  return object;
}

std::string dumped(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

std::string Table::columns() const {
  std::vector<std::vector<std::string>> lines{names_};
  for (const auto& row : rows_) {
    std::vector<std::string>& line = lines.emplace_back();
    for (const Cell& cell : row) line.push_back(to_text(cell));
  }
  std::vector<std::size_t> widths(names_.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width(line[i]));
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) text += line[i] + std::string(widths[i] - width(line[i]) + 2, ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

std::string Table::list() const {
  std::string out;
  for (const auto& row : rows_) {
    if (!out.empty()) out += "\n";
    for (std::size_t i = 0; i < names_.size(); ++i) out += names_[i] + ": " + to_text(row[i]) + "\n";
  }
  return out;
}

std::string Table::json() const {
  Json array = Json::array();
  for (const auto& row : rows_) array.push_back(row_object(names_, row));
  return dumped(array);
}

std::string Table::json_object() const { return dumped(row_object(names_, rows_.at(0))); }

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw std::runtime_error("the output can't be written");
  }
}

std::string time_text(storage::Timestamp time) {
  const std::chrono::sys_seconds moment{std::chrono::seconds(time)};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{moment - day};
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return buffer.data();
}

storage::Timestamp parse_time(std::string_view text) {
  const auto wrong = [&] {
    return std::invalid_argument("\"" + std::string(text) +
                                 "\" is not a time, as in 2026-01-31 or 2026-01-31T12:00:00Z");
  };
  static constexpr std::string_view form = "0000-00-00T00:00:00Z";
  std::string full(text);
  if (full.size() == 10) full += "T00:00:00Z";
  if (full.size() != form.size()) throw wrong();
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '0' ? full[i] < '0' || full[i] > '9' : full[i] != form[i]) throw wrong();
  }
  const auto part = [&](std::size_t at, std::size_t length) {
    int value = 0;
    std::from_chars(full.data() + at, full.data() + at + length, value);
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(part(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(part(8, 2)))};
  if (!date.ok() || part(11, 2) > 23 || part(14, 2) > 59 || part(17, 2) > 59) throw wrong();
  const auto moment = std::chrono::sys_days(date) + std::chrono::hours(part(11, 2)) +
                      std::chrono::minutes(part(14, 2)) + std::chrono::seconds(part(17, 2));
  return std::chrono::duration_cast<std::chrono::seconds>(moment.time_since_epoch()).count();
}

storage::Timestamp parse_expiry(const std::string& text, storage::Timestamp now) {
  if (text.find('-') != std::string::npos) {
    const storage::Timestamp moment = parse_time(text);
    if (moment <= now) throw std::invalid_argument(text + " is over");
    return moment;
  }
  const auto duration = std::chrono::duration_cast<std::chrono::seconds>(parse_duration(text));
  if (duration.count() < 1) throw std::invalid_argument("--expires is less than a second");
  return now + duration.count();
}

}  // namespace server
