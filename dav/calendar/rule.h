#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dav/calendar/value.h"

namespace dav::calendar {

enum class Frequency { secondly, minutely, hourly, daily, weekly, monthly, yearly };

/// `MO`, `-1FR`: ordinal 0 stands for every one. Monday = 0.
struct WeekdayNumber {
  int ordinal = 0;
  int weekday = 0;
};

/// A recurrence rule, as RFC 5545 3.3.10 has it. Lists are sorted and without repetitions.
struct Rule {
  Frequency frequency = Frequency::daily;
  int interval = 1;
  std::optional<int> count;
  std::optional<DateTime> until;
  std::vector<int> by_second, by_minute, by_hour;
  std::vector<WeekdayNumber> by_day;
  std::vector<int> by_month_day, by_year_day, by_week_number, by_month, by_set_position;
  int week_start = 0;

  bool is_infinite() const { return !count && !until; }
};

/// Reads a RECUR value; the string says why it is none. Refused are bad syntax, parts that RFC 5545 3.3.10 forbids
/// together, and rules that can never match (the 30th of February). Tolerated are INTERVAL=0, read as 1, parts in any
/// order, empty parts, lower case, X- parts (ignored), and RSCALE=GREGORIAN.
std::variant<Rule, std::string> parse_rule(std::string_view text);

}  // namespace dav::calendar
