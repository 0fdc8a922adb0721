#include "dav/calendar/rule.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/calendar/scale.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

struct Bad {
  std::string reason;
};

constexpr std::array<std::string_view, 7> frequency_names = {"SECONDLY", "MINUTELY", "HOURLY", "DAILY",
                                                             "WEEKLY",   "MONTHLY",  "YEARLY"};
constexpr std::array<std::string_view, 3> skip_names = {"OMIT", "BACKWARD", "FORWARD"};
constexpr std::array<std::string_view, 7> weekday_names = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

/// The parts that are lists of numbers, and what numbers they take: RFC 5545 3.3.10, and with RSCALE ("numeric ranges
/// defined by the RSCALE value", RFC 7529 4) the most that any supported calendar has.
struct NumberList {
  std::string_view name;
  std::vector<int> Rule::*list;
  int least;
  int most;
  int most_scaled;
  bool may_be_negative;
};

constexpr std::array<NumberList, 8> number_lists = {{
    {"BYSECOND", &Rule::by_second, 0, 60, 60, false},
    {"BYMINUTE", &Rule::by_minute, 0, 59, 59, false},
    {"BYHOUR", &Rule::by_hour, 0, 23, 23, false},
    {"BYMONTHDAY", &Rule::by_month_day, 1, 31, 32, true},
    {"BYYEARDAY", &Rule::by_year_day, 1, 366, 385, true},
    {"BYWEEKNO", &Rule::by_week_number, 1, 53, 56, true},
    {"BYMONTH", &Rule::by_month, 1, 12, 13, false},
    {"BYSETPOS", &Rule::by_set_position, 1, 366, 385, true},
}};

template <std::size_t N>
std::optional<int> index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<int>(found - names.begin()));
}

int weekday(std::string_view name) {
  const auto index = index_of(weekday_names, name);
  if (!index) throw Bad{"no weekday: " + std::string(name)};
  return *index;
}

template <typename OnItem>
void for_each_item(std::string_view list, OnItem on_item) {
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t comma = std::min(list.find(',', begin), list.size());
    on_item(list.substr(begin, comma - begin));
    begin = comma + 1;
  }
}

void make_set(std::vector<int>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

void read_numbers(Rule& rule, const NumberList& part, std::string_view text, bool is_foreign) {
  for_each_item(text, [&](std::string_view item) {
    // RFC 7529 4.2
    const bool is_leap = is_foreign && part.name == "BYMONTH" && item.ends_with('L');
    const auto number = parse_integer(is_leap ? item.substr(0, item.size() - 1) : item);
    const int magnitude = number ? std::abs(*number) : -1;
    const int most = is_foreign ? part.most_scaled : part.most;
    if (!number || magnitude < part.least || magnitude > most || (*number < 0 && !part.may_be_negative)) {
      throw Bad{"bad number in " + std::string(part.name) + ": " + std::string(item)};
    }
    (is_leap ? rule.by_leap_month : rule.*part.list).push_back(*number);
  });
  make_set(rule.*part.list);
  make_set(rule.by_leap_month);
}

void read_weekdays(Rule& rule, std::string_view text) {
  for_each_item(text, [&](std::string_view item) {
    if (item.size() < 2) throw Bad{"no weekday: " + std::string(item)};
    WeekdayNumber day{0, weekday(item.substr(item.size() - 2))};
    if (item.size() > 2) {
      const auto ordinal = parse_integer(item.substr(0, item.size() - 2));
      if (!ordinal || *ordinal == 0 || std::abs(*ordinal) > 53) throw Bad{"bad number in BYDAY: " + std::string(item)};
      day.ordinal = *ordinal;
    }
    rule.by_day.push_back(day);
  });
  if (rule.by_day.size() > 1000) throw Bad{"BYDAY is too long"};
}

int positive(std::string_view name, std::string_view text) {
  const auto number = parse_integer(text);
  if (!number || *number < 1) throw Bad{"bad " + std::string(name) + ": " + std::string(text)};
  return *number;
}

void read_part(Rule& rule, std::string_view name, std::string_view text, std::string_view scale_name) {
  if (name == "FREQ") {
    const auto frequency = index_of(frequency_names, text);
    if (!frequency) throw Bad{"bad FREQ: " + std::string(text)};
    rule.frequency = static_cast<Frequency>(*frequency);
  } else if (name == "INTERVAL") {
    // Outlook add-ins write INTERVAL=0 for "every".
    rule.interval = text == "0" ? 1 : positive(name, text);
  } else if (name == "COUNT") {
    rule.count = positive(name, text);
  } else if (name == "UNTIL") {
    rule.until = parse_date_time(text);
    if (!rule.until) throw Bad{"bad UNTIL: " + std::string(text)};
  } else if (name == "WKST") {
    rule.week_start = weekday(text);
  } else if (name == "BYDAY") {
    read_weekdays(rule, text);
  } else if (name == "RSCALE") {
    const ScaleName* scale = find_scale(text);
    if (scale == nullptr) throw Bad{"RSCALE is not supported: " + std::string(text)};
    rule.scale = scale->calendar;
  } else if (name == "SKIP") {
    const auto skip = index_of(skip_names, text);
    if (!skip) throw Bad{"bad SKIP: " + std::string(text)};
    // RFC 7529 4: "MUST NOT be present unless "RSCALE" is present."
    if (scale_name.empty()) throw Bad{"SKIP without RSCALE"};
    rule.skip = static_cast<Skip>(*skip);
  } else if (!name.starts_with("X-")) {
    const auto* part =
        std::find_if(number_lists.begin(), number_lists.end(), [&](const auto& row) { return row.name == name; });
    if (part == number_lists.end()) throw Bad{"unknown part " + std::string(name)};
    const ScaleName* scale = find_scale(scale_name);
    read_numbers(rule, *part, text, scale != nullptr && !scale->calendar.empty());
  }
}

/// Whether a day of the months that the rule allows has one of the numbers that it asks for.
bool can_match_month_day(const Rule& rule) {
  if (rule.is_scaled() || rule.by_month.empty() || rule.by_month_day.empty()) return true;
  return std::any_of(rule.by_month.begin(), rule.by_month.end(), [&](int month) {
    return std::any_of(rule.by_month_day.begin(), rule.by_month_day.end(),
                       [&](int day_of_month) { return std::abs(day_of_month) <= days_in_month(2000, month); });
  });
}

/// What RFC 5545 3.3.10 says MUST NOT stand together.
void check_parts(const Rule& rule) {
  const Frequency frequency = rule.frequency;
  const bool numbered =
      std::any_of(rule.by_day.begin(), rule.by_day.end(), [](const WeekdayNumber& day) { return day.ordinal != 0; });
  const bool any_by = !rule.by_day.empty() || !rule.by_leap_month.empty() ||
                      std::any_of(number_lists.begin(), number_lists.end() - 1,
                                  [&](const auto& part) { return !(rule.*part.list).empty(); });
  if (rule.count && rule.until) throw Bad{"COUNT and UNTIL together"};
  if (numbered && frequency < Frequency::monthly) throw Bad{"BYDAY with a number needs FREQ=MONTHLY or YEARLY"};
  if (numbered && !rule.by_week_number.empty()) throw Bad{"BYDAY with a number together with BYWEEKNO"};
  if (!rule.by_month_day.empty() && frequency == Frequency::weekly) throw Bad{"BYMONTHDAY with FREQ=WEEKLY"};
  if (!rule.by_year_day.empty() && frequency >= Frequency::daily && frequency <= Frequency::monthly) {
    throw Bad{"BYYEARDAY with FREQ=DAILY, WEEKLY or MONTHLY"};
  }
  if (!rule.by_week_number.empty() && frequency != Frequency::yearly) throw Bad{"BYWEEKNO without FREQ=YEARLY"};
  if (!rule.by_set_position.empty() && !any_by) throw Bad{"BYSETPOS without another BY part"};
  if (!can_match_month_day(rule)) throw Bad{"no month of BYMONTH has a day of BYMONTHDAY"};
}

}  // namespace

std::string scale_of_rule(std::string_view text) {
  for (const std::string_view part : content::split(text, ';')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || !content::equal_ignoring_case(part.substr(0, equals), "RSCALE")) continue;
    return content::upper(part.substr(equals + 1));
  }
  return {};
}

std::variant<Rule, std::string> parse_rule(std::string_view given) {
  const std::string text = content::upper(given);
  const std::string scale = scale_of_rule(text);
  Rule rule;
  std::vector<std::string_view> seen;
  try {
    for (const std::string_view part : content::split(text, ';')) {
      if (part.empty()) continue;
      const auto equals = part.find('=');
      if (equals == std::string_view::npos) throw Bad{"no '=' in " + std::string(part)};
      const std::string_view name = part.substr(0, equals);
      if (std::find(seen.begin(), seen.end(), name) != seen.end()) throw Bad{std::string(name) + " twice"};
      seen.push_back(name);
      if (seen.size() > 64) throw Bad{"too many parts"};
      read_part(rule, name, part.substr(equals + 1), scale);
    }
    if (std::find(seen.begin(), seen.end(), "FREQ") == seen.end()) throw Bad{"no FREQ"};
    check_parts(rule);
  } catch (const Bad& bad) {
    return bad.reason;
  }
  return rule;
}

std::optional<std::int64_t> numbered_day(const WeekdayNumber& wanted, std::int64_t first, std::int64_t length) {
  std::int64_t found = 0;
  if (wanted.ordinal > 0) {
    found = first + (wanted.weekday - weekday_of(first) + 7) % 7 + std::int64_t{wanted.ordinal - 1} * 7;
  } else {
    const std::int64_t last = first + length - 1;
    found = last - (weekday_of(last) - wanted.weekday + 7) % 7 + std::int64_t{wanted.ordinal + 1} * 7;
  }
  return found >= first && found < first + length ? std::optional(found) : std::nullopt;
}

}  // namespace dav::calendar
