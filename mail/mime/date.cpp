#include "mail/mime/date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>

#include "mail/mime/header.h"
#include "mail/mime/lexer.h"

namespace mail::mime {

namespace {

namespace chrono = std::chrono;

constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};

struct Zone {
  std::string_view name;
  int hours;
};
/// RFC 5322 4.3. The military letters were so often used wrongly that they say nothing; nor do other names.
constexpr Zone zones[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5}, {"MST", -7},
                          {"MDT", -6}, {"PST", -8}, {"PDT", -7}, {"CET", 1},  {"CEST", 2},
                          {"MET", 1},  {"MEST", 2}, {"BST", 1},  {"EET", 2},  {"EEST", 3}};

/// A number of that many digits at the most; nothing if the text is anything else.
std::optional<int> number(std::string_view text, std::size_t most = 4) {
  int value = 0;
  if (text.empty() || text.size() > most) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What has been found in a date, word by word, in whatever order.
struct Found {
  std::optional<int> day;
  std::optional<int> month;
  std::optional<int> year;
  std::optional<int> seconds;
  std::optional<int> offset;
  bool afternoon = false;

  void add(std::string_view word);
  void add_number(std::string_view word);
  void add_time(std::string_view word);
  void add_offset(std::string_view word);
  void add_name(std::string_view word);
};

void Found::add(std::string_view word) {
  if (word.empty()) return;
  const char first = word.front();
  const auto t = word.find('T');
  if (is_digit(first) && t != std::string_view::npos) {
    // `1996-07-17T12:00:00`
    add(word.substr(0, t));
    return add(word.substr(t + 1));
  }
  if (word.find(':') != std::string_view::npos && is_digit(first)) return add_time(word);
  if ((first == '+' || first == '-') && seconds) return add_offset(word);
  const auto cut = word.find_first_of("-/");
  if (cut != std::string_view::npos && cut > 0) {
    // `17-Jul-1996`, `1996-07-17`
    add(word.substr(0, cut));
    return add(word.substr(cut + 1));
  }
  if (is_digit(first)) return add_number(word);
  add_name(word);
}

void Found::add_number(std::string_view word) {
  const auto value = number(word);
  if (!value) return;
  const bool is_year = word.size() >= 3 || (day && month);
  if (is_year) {
    if (year) return;
    // RFC 5322 4.3: two digits below 50 are of this century; other short years count from 1900.
    year = *value;
    if (word.size() == 2) year = *value < 50 ? *value + 2000 : *value + 1900;
    if (word.size() == 3) year = *value + 1900;
  } else if (year && !month) {
    if (*value >= 1 && *value <= 12) month = *value;
  } else if (!day) {
    day = *value;
  }
}

void Found::add_time(std::string_view word) {
  if (seconds) return;
  std::array<int, 3> parts = {0, 0, 0};
  std::string_view rest = word;
  // A zone may follow without a space.
  const auto zone = rest.find_first_of("+-Zz", 1);
  if (zone != std::string_view::npos) rest = rest.substr(0, zone);
  for (int& part : parts) {
    const auto end = rest.find_first_of(":.");
    const auto value = number(rest.substr(0, end), 2);
    if (!value) {
      // RFC 5256 2.2: an invalid time is midnight.
      parts = {0, 0, 0};
      break;
    }
    part = *value;
    if (end == std::string_view::npos || rest[end] == '.') break;
    rest = rest.substr(end + 1);
  }
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 60) parts = {0, 0, 0};
  seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (zone != std::string_view::npos) add(word.substr(zone));
}

void Found::add_offset(std::string_view word) {
  if (offset) return;
  std::string digits;
  for (const char c : word.substr(1)) {
    if (is_digit(c)) digits += c;
  }
  const auto value = number(digits);
  offset = 0;
  if (!value || digits.size() < 3) return;
  const int minutes = *value / 100 * 60 + *value % 100;
  if (*value % 100 < 60 && minutes < 24 * 60) offset = word.front() == '-' ? -minutes : minutes;
}

void Found::add_name(std::string_view word) {
  if (same_word(word, "PM")) afternoon = true;
  for (std::size_t i = 0; i < months.size() && !month; ++i) {
    if (word.size() >= 3 && same_word(word.substr(0, 3), months[i])) {
      month = static_cast<int>(i) + 1;
      return;
    }
  }
  if (!seconds || offset) return;
  for (const Zone& zone : zones) {
    if (same_word(word, zone.name)) offset = zone.hours * 60;
  }
}

/// A date without comments, and without the white space that may stand around the colons of a time. RFC 5322 4.3
std::string plain_text(std::string_view value) {
  std::string text;
  Lexer lexer(value);
  while (!lexer.at_end()) {
    const std::size_t before = lexer.at();
    lexer.skip_cfws();
    if (lexer.at() > before && !text.empty() && text.back() != ':' && lexer.peek() != ':') text += ' ';
    if (lexer.at_end()) break;
    text += lexer.peek();
    lexer.skip();
  }
  return text;
}

}  // namespace

std::optional<Date> parse_date(std::string_view value) {
  // No date is longer; what comes after is no part of it.
  const std::string text = plain_text(value.substr(0, 300));
  Found found;
  for (Lexer lexer(text); !lexer.at_end(); lexer.skip()) found.add(lexer.until(", "));
  if (!found.day || !found.month || !found.year) return std::nullopt;
  const chrono::year_month_day day(chrono::year(*found.year), chrono::month(static_cast<unsigned>(*found.month)),
                                   chrono::day(static_cast<unsigned>(*found.day)));
  if (!day.ok()) return std::nullopt;
  chrono::seconds time(found.seconds.value_or(0));
  if (found.afternoon && time < chrono::hours(12)) time += chrono::hours(12);
  const chrono::minutes offset(found.offset.value_or(0));
  const chrono::sys_seconds instant = chrono::sys_days(day) + time - offset;
  return Date{instant.time_since_epoch().count(), static_cast<std::int32_t>(offset.count())};
}

std::optional<Date> parse_trace_date(std::string_view value) {
  const auto semicolon = value.rfind(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  return parse_date(value.substr(semicolon + 1));
}

std::int64_t local_day(const Date& date) {
  const chrono::sys_seconds local{chrono::seconds(date.seconds) + chrono::minutes(date.offset_minutes)};
  return chrono::floor<chrono::days>(local).time_since_epoch().count();
}

std::string utc_text(std::int64_t seconds) {
  const chrono::sys_seconds instant{chrono::seconds(seconds)};
  const chrono::sys_days midnight = chrono::floor<chrono::days>(instant);
  const chrono::year_month_day date(midnight);
  const chrono::hh_mm_ss time(instant - midnight);
  const std::int64_t parts[] = {static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()),
                                static_cast<unsigned>(date.day()),
                                time.hours().count(),
                                time.minutes().count(),
                                time.seconds().count()};
  constexpr std::string_view after = "--T:: ";
  std::string text;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::string digits = std::to_string(parts[i]);
    text.append(i == 0 ? 4 - std::min<std::size_t>(4, digits.size()) : 2 - std::min<std::size_t>(2, digits.size()),
                '0');
    text += digits;
    if (i < 5) text += after[i];
  }
  return text;
}

}  // namespace mail::mime
