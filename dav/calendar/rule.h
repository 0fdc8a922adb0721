#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dav/calendar/value.h"

namespace dav::calendar {

enum class Frequency { secondly, minutely, hourly, daily, weekly, monthly, yearly };

/// What becomes of a date that doesn't exist. RFC 7529 4.1
enum class Skip { omit, backward, forward };

/// `MO`, `-1FR`: ordinal 0 stands for every one. Monday = 0.
struct WeekdayNumber {
  int ordinal = 0;
  int weekday = 0;
};

/// A recurrence rule, as RFC 5545 3.3.10 and RFC 7529 4 have it. Lists are sorted and without repetitions.
struct Rule {
  Frequency frequency = Frequency::daily;
  int interval = 1;
  std::optional<int> count;
  std::optional<DateTime> until;
  std::vector<int> by_second, by_minute, by_hour;
  std::vector<WeekdayNumber> by_day;
  std::vector<int> by_month_day, by_year_day, by_week_number, by_month, by_set_position;
  std::vector<int> by_leap_month;  ///< those of BYMONTH with an L
  int week_start = 0;
  std::string_view scale;  ///< RSCALE as ScaleName::calendar; empty for Gregorian months
  Skip skip = Skip::omit;

  bool is_infinite() const { return !count && !until; }

  /// Whether it needs more than the calendar of RFC 5545.
  bool is_scaled() const { return !scale.empty() || skip != Skip::omit; }
};

/// Reads a RECUR value; the string says why it is none. Refused are bad syntax, parts that RFC 5545 3.3.10 forbids
/// together, and rules that can never match (the 30th of February). Tolerated are INTERVAL=0, read as 1, parts in any
/// order, empty parts, lower case, and X- parts (ignored).
std::variant<Rule, std::string> parse_rule(std::string_view text);

/// The value of RSCALE, in capitals; empty if the rule has none.
std::string scale_of_rule(std::string_view text);

/// The day that `1MO` and the like name in the month or year of `length` days that begins at `first`; nothing if it has
/// none. Days are counted as in value.h.
std::optional<std::int64_t> numbered_day(const WeekdayNumber& wanted, std::int64_t first, std::int64_t length);

}  // namespace dav::calendar
