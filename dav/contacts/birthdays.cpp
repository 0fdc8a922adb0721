#include "dav/contacts/birthdays.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "dav/calendar/value.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

constexpr std::size_t most_dates = 20;
constexpr int apples_no_year = 1604;
constexpr int start_without_year = 1972;  // a leap year that every client knows
constexpr int earliest_start = 1900;
constexpr std::size_t longest_label = 200;

constexpr std::array<std::pair<std::string_view, YearlyDate::Kind>, 6> names{{
    {"BDAY", YearlyDate::Kind::birthday},
    {"ANNIVERSARY", YearlyDate::Kind::anniversary},
    {"X-ANNIVERSARY", YearlyDate::Kind::anniversary},
    {"X-EVOLUTION-ANNIVERSARY", YearlyDate::Kind::anniversary},
    {"X-KADDRESSBOOK-X-ANNIVERSARY", YearlyDate::Kind::anniversary},
    {"X-ABDATE", YearlyDate::Kind::other},
}};

/// The digits of a text of that form, where 0 stands for a digit; empty for another form.
std::string digits_in(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return {};
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '0' ? !digit : text[i] != form[i]) return {};
    if (digit) digits += text[i];
  }
  return digits;
}

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// RFC 6350 4.3.1, and the extended form of ISO 8601, which version 3.0 has; a time behind it doesn't matter.
bool read_day(std::string_view text, YearlyDate& date) {
  text = text.substr(0, text.find_first_of("Tt "));
  for (const std::string_view form : {"00000000", "0000-00-00", "--0000", "--00-00"}) {
    const std::string digits = digits_in(text, form);
    if (digits.empty()) continue;
    const std::size_t year = digits.size() - 4;
    if (year > 0) date.year = number(std::string_view(digits).substr(0, year));
    date.month = number(std::string_view(digits).substr(year, 2));
    date.day = number(std::string_view(digits).substr(year + 2));
    return true;
  }
  return false;
}

bool is_day(const YearlyDate& date) {
  const int year = date.year.value_or(start_without_year);
  return date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= calendar::days_in_month(year, date.month);
}

/// `_$!<Anniversary>!$_` is Apple's way to write a label that it translates.
std::string label_of(const content::Component& card, const content::Property& property) {
  std::string label;
  for (const content::Property& other : card.properties) {
    const bool same_group = !property.group.empty() && content::equal_ignoring_case(other.group, property.group);
    if (same_group && other.is("X-ABLABEL")) label = content::unescape_text(other.value);
  }
  constexpr std::string_view open = "_$!<", close = ">!$_";
  if (label.starts_with(open) && label.ends_with(close) && label.size() > open.size() + close.size()) {
    label = label.substr(open.size(), label.size() - open.size() - close.size());
  }
  return label.size() > longest_label || label.empty() ? "date" : label;
}

std::optional<YearlyDate> read_date(const content::Component& card, const content::Property& property,
                                    YearlyDate::Kind kind) {
  if (content::equal_ignoring_case(property.parameter("VALUE"), "text")) return std::nullopt;
  const std::string scale = property.parameter("CALSCALE");
  if (!scale.empty() && !content::equal_ignoring_case(scale, "gregorian")) return std::nullopt;
  YearlyDate date;
  if (!read_day(property.value, date)) return std::nullopt;
  const std::string omitted = property.parameter("X-APPLE-OMIT-YEAR");
  const int year = date.year.value_or(0);
  if (year == 0 || year == apples_no_year || (!omitted.empty() && year == number(omitted))) date.year.reset();
  if (!is_day(date)) return std::nullopt;
  date.kind = kind;
  if (kind != YearlyDate::Kind::other) return date;
  date.label = label_of(card, property);
  if (!content::equal_ignoring_case(date.label, "anniversary")) return date;
  date.kind = YearlyDate::Kind::anniversary;
  date.label.clear();
  return date;
}

std::string padded(int value, std::size_t width) {
  const std::string digits = std::to_string(value);
  return std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

std::string what(const YearlyDate& date) {
  switch (date.kind) {
    case YearlyDate::Kind::birthday:
      return "birthday";
    case YearlyDate::Kind::anniversary:
      return "anniversary";
    case YearlyDate::Kind::other:
      break;
  }
  return date.label;
}

}  // namespace

std::vector<YearlyDate> yearly_dates(const Card& card) {
  std::vector<YearlyDate> dates;
  for (const content::Property& property : card.component().properties) {
    const auto known = std::ranges::find_if(names, [&](const auto& name) { return property.is(name.first); });
    if (known == names.end() || dates.size() == most_dates) continue;
    const auto date = read_date(card.component(), property, known->second);
    if (date && std::ranges::find(dates, *date) == dates.end()) dates.push_back(*date);
  }
  return dates;
}

std::string yearly_event(const YearlyDate& date, std::string_view who, std::string_view uid) {
  const bool leap_day = date.month == 2 && date.day == 29;
  int start = std::max(date.year.value_or(start_without_year), earliest_start);
  while (leap_day && !calendar::is_leap(start)) ++start;
  std::string out;
  const auto line = [&](const std::string& text) { content::append_folded(out, text); };
  line("BEGIN:VCALENDAR");
  line("VERSION:2.0");
  line("PRODID:-//Pileus//Birthdays//EN");
  line("BEGIN:VEVENT");
  line("UID:" + content::escape_text(uid));
  // When the event was last changed, which only the card could tell; the same octets each time matter more.
  line("DTSTAMP:19700101T000000Z");
  line("DTSTART;VALUE=DATE:" + padded(start, 4) + padded(date.month, 2) + padded(date.day, 2));
  line(leap_day ? "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1" : "RRULE:FREQ=YEARLY");
  line("SUMMARY:" + content::escape_text(std::string(who) + " (" + what(date) + ")"));
  if (date.year) {
    line((date.kind == YearlyDate::Kind::birthday ? "DESCRIPTION:Born in " : "DESCRIPTION:Since ") +
         std::to_string(*date.year));
  }
  line("TRANSP:TRANSPARENT");
  line("END:VEVENT");
  line("END:VCALENDAR");
  return out;
}

std::string full_name(const Card& card) {
  const content::Property* name = card.component().find("FN");
  return name ? content::unescape_text(name->value) : std::string();
}

}  // namespace dav::contacts
