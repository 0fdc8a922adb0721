#include "dav/contacts/jscontact_values.h"

#include <algorithm>

#include "dav/calendar/value.h"
#include "dav/contacts/convert_value.h"
#include "dav/content/json_tree.h"
#include "dav/content/text.h"

namespace dav::contacts::jscontact {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Whether the text looks like the pattern, in which 'd' stands for a digit.
bool has_form(std::string_view text, std::string_view pattern) {
  return text.size() == pattern.size() && std::equal(text.begin(), text.end(), pattern.begin(),
                                                     [](char c, char p) { return p == 'd' ? is_digit(c) : c == p; });
}

unsigned number(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

std::string padded(unsigned value, std::size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

bool is_date(unsigned month, unsigned day, std::optional<unsigned> year) {
  constexpr unsigned leap_year = 2000;
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= static_cast<unsigned>(calendar::days_in_month(year.value_or(leap_year), static_cast<int>(month)));
}

struct Parts {
  std::string_view year, month, day;
};

/// What of a date stands there; nothing if it has another form. Some programs write dashes in 4.0 too.
std::optional<Parts> parts_of(std::string_view text) {
  if (has_form(text, "dddddddd")) return Parts{text.substr(0, 4), text.substr(4, 2), text.substr(6)};
  if (has_form(text, "dddd-dd-dd")) return Parts{text.substr(0, 4), text.substr(5, 2), text.substr(8)};
  if (has_form(text, "dddd-dd")) return Parts{text.substr(0, 4), text.substr(5), {}};
  if (has_form(text, "dddd")) return Parts{text, {}, {}};
  if (has_form(text, "--dddd")) return Parts{{}, text.substr(2, 2), text.substr(4)};
  if (has_form(text, "--dd-dd")) return Parts{{}, text.substr(2, 2), text.substr(5)};
  return std::nullopt;
}

/// A member of a PartialDate that is no more than that; nothing if there is none.
std::optional<unsigned> part(const content::Json& date, std::string_view name, unsigned most) {
  const content::Json* found = content::find_member(date, name);
  return found == nullptr ? std::nullopt : content::small_number(found->text, 0, most);
}

}  // namespace

std::optional<content::Json> date_of(std::string_view value) {
  content::Json date = content::json_object();
  if (const std::string utc = utc_date_time(value); !utc.empty()) {
    content::add_member(date, "@type", content::json_string("Timestamp"));
    content::add_member(date, "utc", content::json_string(utc));
    return date;
  }
  const auto parts = parts_of(value);
  if (!parts) return std::nullopt;
  const unsigned month = number(parts->month), day = number(parts->day);
  const auto year = parts->year.empty() ? std::nullopt : std::optional(number(parts->year));
  if (!parts->day.empty() ? !is_date(month, day, year) : !parts->month.empty() && !is_date(month, 1, year)) {
    return std::nullopt;
  }
  if (year) content::add_member(date, "year", content::json_number(*year));
  if (!parts->month.empty()) content::add_member(date, "month", content::json_number(month));
  if (!parts->day.empty()) content::add_member(date, "day", content::json_number(day));
  return date;
}

std::string date_value(const content::Json& date) {
  if (content::string_member(date, "@type") == "Timestamp") {
    return timestamp_value(content::string_member(date, "utc"));
  }
  const auto year = part(date, "year", 9999), month = part(date, "month", 12), day = part(date, "day", 31);
  if (content::has_member(date, "year") != year.has_value()) return {};
  if (!month) return year ? padded(*year, 4) : std::string();
  if (!day) return year ? padded(*year, 4) + '-' + padded(*month, 2) : std::string();
  return (year ? padded(*year, 4) : "--") + padded(*month, 2) + padded(*day, 2);
}

std::string utc_date_time(std::string_view value) {
  std::string text(value);
  if (has_form(text, "ddddddddTddddddZ")) {
    text.insert(13, ":").insert(11, ":").insert(6, "-").insert(4, "-");
  }
  return is_utc_date_time(text) ? text : std::string();
}

std::string timestamp_value(std::string_view date_time) {
  if (!has_form(date_time, "dddd-dd-ddTdd:dd:ddZ")) return {};
  std::string text(date_time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

bool is_utc_date_time(std::string_view text) {
  if (text.size() < 20 || !text.ends_with('Z') || !has_form(text.substr(0, 19), "dddd-dd-ddTdd:dd:dd")) return false;
  const auto fraction = text.substr(19, text.size() - 20);
  if (!fraction.empty() && (fraction.size() < 2 || fraction[0] != '.' || fraction.ends_with('0') ||
                            !std::all_of(fraction.begin() + 1, fraction.end(), is_digit))) {
    return false;
  }
  return is_date(number(text.substr(5, 2)), number(text.substr(8, 2)), number(text.substr(0, 4))) &&
         number(text.substr(11, 2)) < 24 && number(text.substr(14, 2)) < 60 && number(text.substr(17, 2)) <= 60;
}

std::string zone_of_offset(std::string_view offset) {
  if (offset == "Z") return "Etc/UTC";
  if (offset.empty() || (offset[0] != '+' && offset[0] != '-')) return {};
  const auto digits = offset.substr(1);
  if (!has_form(digits, "dd") && !has_form(digits, "dd00")) return {};
  const unsigned hours = number(digits.substr(0, 2));
  if (hours == 0) return "Etc/UTC";
  const bool west = offset[0] == '-';
  if (hours > (west ? 12U : 14U)) return {};
  return std::string("Etc/GMT") + (west ? '+' : '-') + std::to_string(hours);
}

std::string offset_of_zone(std::string_view zone) {
  if (zone == "Etc/UTC") return "+0000";
  constexpr std::string_view prefix = "Etc/GMT";
  if (!zone.starts_with(prefix) || zone.size() < prefix.size() + 2) return {};
  const char sign = zone[prefix.size()];
  const bool west = sign == '+';
  const auto hours = content::small_number(zone.substr(prefix.size() + 1), 1, west ? 12 : 14);
  if (!hours || (!west && sign != '-')) return {};
  return (west ? '-' : '+') + padded(*hours, 2) + "00";
}

std::string with_line_ends(std::string_view label) {
  std::string text;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const bool line_end = label.substr(i, 2) == "\\n";
    text += line_end ? '\n' : label[i];
    if (line_end) ++i;
  }
  return text;
}

bool is_language_tag(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && text.back() != '-' && text.size() <= 255 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

bool is_plain_uri(std::string_view text) {
  return is_uri(text) && std::none_of(text.begin(), text.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool is_geo_uri(std::string_view text) {
  return content::equal_ignoring_case(text.substr(0, 4), "geo:") && is_plain_uri(text);
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
  });
}

}  // namespace dav::contacts::jscontact
