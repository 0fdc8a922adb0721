#include "dav/calendar/pattern.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <optional>

namespace dav::calendar {

namespace {

/// The bits of a pattern from the lowest: kind, longest days, and by the kind what follows.
enum class Kind : std::uint64_t { none, days, weeks, months };
constexpr int kind_bits = 2;
constexpr int length_bits = 6;
constexpr int rest_shift = kind_bits + length_bits;

constexpr std::int64_t most_length = (1 << length_bits) - 1;
constexpr std::int64_t most_days = 0xFFFF;  // 16 bits each for interval and phase
constexpr std::int64_t most_weeks = 0xFF;   // 8 bits each
constexpr int month_day_bits = 31;

constexpr std::uint64_t all_days = (std::uint64_t{1} << month_day_bits) - 1;
constexpr std::uint64_t all_months = (1 << 12) - 1;

/// Ranges from this length on have a day of any pattern in them, or nearly so.
constexpr std::int64_t widest_days = 300;

std::uint64_t part(Pattern pattern, int shift, int bits) {
  return static_cast<std::uint64_t>(pattern) >> shift & ((std::uint64_t{1} << bits) - 1);
}

Kind kind_of(Pattern pattern) { return static_cast<Kind>(part(pattern, 0, kind_bits)); }

Pattern pack(Kind kind, std::int64_t length, std::uint64_t rest) {
  return static_cast<Pattern>(static_cast<std::uint64_t>(kind) | static_cast<std::uint64_t>(length) << kind_bits |
                              rest << rest_shift);
}

std::int64_t modulo(std::int64_t a, std::int64_t n) { return a - floor_div(a, n) * n; }

/// The number of the week that a day is in, of weeks that start on a weekday.
std::int64_t week_of(std::int64_t days, int week_start) { return floor_div(days + 3 - week_start, 7); }

/// The weekdays that a rule names; nothing where it numbers them. Without any, that of DTSTART or all.
std::optional<std::uint64_t> weekdays_of(const Rule& rule, std::uint64_t otherwise) {
  if (rule.by_day.empty()) return otherwise;
  std::uint64_t mask = 0;
  for (const WeekdayNumber& each : rule.by_day) {
    if (each.ordinal != 0) return std::nullopt;
    mask |= std::uint64_t{1} << each.weekday;
  }
  return mask;
}

std::optional<std::uint64_t> weekly(std::uint64_t weekdays, std::int64_t interval, std::int64_t phase, int week_start) {
  if (interval > most_weeks) return std::nullopt;
  return weekdays | static_cast<std::uint64_t>(interval) << 7 | static_cast<std::uint64_t>(phase) << 15 |
         static_cast<std::uint64_t>(week_start) << 23;
}

/// The days from `first` to `last` of a month, as bits.
std::uint64_t days_between(int first, int last) {
  std::uint64_t mask = 0;
  for (int each = std::max(first, 1); each <= std::min(last, 31); ++each) mask |= std::uint64_t{1} << (each - 1);
  return mask;
}

/// The days of a month that BYMONTHDAY, or numbered weekdays, may be; all where neither says anything.
std::uint64_t month_days_of(const Rule& rule, bool within_months) {
  std::uint64_t mask = 0;
  if (!rule.by_month_day.empty()) {
    for (const int each : rule.by_month_day) {
      // From the end, by the length of the month.
      mask |= each > 0 ? days_between(each, each) : days_between(29 + each, 32 + each);
    }
    return mask;
  }
  for (const WeekdayNumber& each : rule.by_day) {
    const int ordinal = each.ordinal;
    if (ordinal == 0 || !within_months) return all_days;
    mask |= ordinal > 0 ? days_between(7 * ordinal - 6, 7 * ordinal) : days_between(29 + 7 * ordinal, 38 + 7 * ordinal);
  }
  return mask;
}

std::uint64_t months_of(const Rule& rule) {
  std::uint64_t mask = 0;
  for (const int each : rule.by_month) mask |= std::uint64_t{1} << (each - 1);
  return rule.by_month.empty() ? all_months : mask;
}

/// Which days of which months; nothing where that is all of them.
std::optional<std::uint64_t> monthly(const Rule& rule, const Civil& start) {
  if (!rule.by_year_day.empty() || !rule.by_week_number.empty()) return std::nullopt;
  const bool yearly = rule.frequency == Frequency::yearly;
  const bool no_days = rule.by_month_day.empty() && rule.by_day.empty();
  // "Information … derived from the Start Time"; RFC 5545 3.3.10
  const std::uint64_t days =
      no_days ? days_between(start.day, start.day) : month_days_of(rule, !yearly || !rule.by_month.empty());
  std::uint64_t months = months_of(rule);
  if (yearly && no_days && rule.by_month.empty()) months = std::uint64_t{1} << (start.month - 1);
  if (!yearly) {
    std::uint64_t steps = 0;
    const int step = std::gcd(rule.interval % 12, 12);
    for (int month = start.month - 1, i = 0; i < 12; i += step, month = (month + step) % 12) {
      steps |= std::uint64_t{1} << month;
    }
    months &= steps;
  }
  if (days == all_days && months == all_months) return std::nullopt;
  return days | months << month_day_bits;
}

/// Days before the months, in a leap year.
constexpr std::array<int, 12> before_month = {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335};

int day_of_year(int month, int day_of_month) {
  return before_month.at(static_cast<std::size_t>(month - 1)) + day_of_month - 1;
}

}  // namespace

Pattern pattern_of(const Rule& rule, Seconds start, std::int64_t longest) {
  // The days of other calendars are not those of these months.
  if (longest < 0 || longest > most_length || rule.is_scaled()) return 0;
  const std::int64_t first = floor_div(start, day);
  const std::uint64_t own_weekday = std::uint64_t{1} << weekday_of(first);
  std::optional<std::uint64_t> rest;
  Kind kind = Kind::weeks;
  switch (rule.frequency) {
    case Frequency::daily:
      if (rule.interval == 1) {
        const auto weekdays = weekdays_of(rule, 0);
        if (weekdays && *weekdays != 0) rest = weekly(*weekdays, 1, 0, 0);
      } else if (rule.interval <= most_days) {
        kind = Kind::days;
        rest = static_cast<std::uint64_t>(rule.interval) | static_cast<std::uint64_t>(modulo(first, rule.interval))
                                                               << 16;
      }
      break;
    case Frequency::weekly:
      if (!rule.by_month_day.empty() || !rule.by_year_day.empty()) break;
      if (const auto weekdays = weekdays_of(rule, own_weekday)) {
        rest =
            weekly(*weekdays, rule.interval, modulo(week_of(first, rule.week_start), rule.interval), rule.week_start);
      }
      break;
    case Frequency::monthly:
    case Frequency::yearly:
      kind = Kind::months;
      rest = monthly(rule, to_civil(start));
      break;
    default:
      break;
  }
  return rest ? pack(kind, longest, *rest) : 0;
}

std::int64_t longest_days(Pattern pattern) {
  return kind_of(pattern) == Kind::none ? most_length
                                        : static_cast<std::int64_t>(part(pattern, kind_bits, length_bits));
}

namespace {

bool holds(Pattern pattern, std::int64_t days, int month, int day_of_month) {
  switch (kind_of(pattern)) {
    case Kind::none:
      return true;
    case Kind::days: {
      const auto interval = static_cast<std::int64_t>(part(pattern, rest_shift, 16));
      return modulo(days, interval) == static_cast<std::int64_t>(part(pattern, rest_shift + 16, 16));
    }
    case Kind::weeks: {
      if ((part(pattern, rest_shift, 7) >> weekday_of(days) & 1) == 0) return false;
      const auto interval = static_cast<std::int64_t>(part(pattern, rest_shift + 7, 8));
      const auto week_start = static_cast<int>(part(pattern, rest_shift + 23, 3));
      return interval <= 1 || modulo(week_of(days, week_start), interval) ==
                                  static_cast<std::int64_t>(part(pattern, rest_shift + 15, 8));
    }
    case Kind::months:
      return (part(pattern, rest_shift + month_day_bits, 12) >> (month - 1) & 1) != 0 &&
             (part(pattern, rest_shift, month_day_bits) >> (day_of_month - 1) & 1) != 0;
  }
  return true;
}

}  // namespace

bool holds(Pattern pattern, std::int64_t days) {
  const Civil civil = to_civil(days * day);
  return holds(pattern, days, civil.month, civil.day);
}

std::vector<int> yearly_runs(Pattern pattern, std::size_t most) {
  std::vector<int> runs;
  if (kind_of(pattern) != Kind::months) return runs;
  const std::uint64_t days = part(pattern, rest_shift, month_day_bits);
  const std::uint64_t first_days = days & ~(days << 1);
  for (int month = 1; month <= 12; ++month) {
    if ((part(pattern, rest_shift + month_day_bits, 12) >> (month - 1) & 1) == 0) continue;
    for (std::uint64_t left = first_days; left != 0; left &= left - 1) {
      if (runs.size() == most) return {};
      runs.push_back(std::min(day_of_year(month, std::countr_zero(left) + 1), 365));
    }
  }
  // A day that a short month doesn't have counts as one of the next month, which may have it too.
  std::sort(runs.begin(), runs.end());
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  return runs;
}

PatternWindow::PatternWindow(const TimeRange& range) {
  const std::int64_t first = floor_div(range.start, day) - 1;
  const std::int64_t last = floor_div(range.end, day) + 1;
  is_wide_ = last - first > widest_days;
  if (is_wide_) return;
  days_.reserve(static_cast<std::size_t>(last - first + most_length + 1));
  for (std::int64_t each = first - most_length; each <= last; ++each) {
    const Civil civil = to_civil(each * day);
    days_.push_back({each, civil.month, civil.day});
  }
  // A run may have begun a month before its day, in which case that day is not later than the month's last.
  const Civil lower = to_civil((days_.front().days - 31) * day);
  if (last - days_.front().days + 31 >= 365) return;
  first_day_of_year_ = day_of_year(lower.month, lower.day);
  last_day_of_year_ = day_of_year(days_.back().month, days_.back().day);
}

bool PatternWindow::may_touch(Pattern pattern) const {
  if (is_wide_ || pattern <= 0 || kind_of(pattern) == Kind::none) return true;
  const auto skipped = static_cast<std::size_t>(most_length - longest_days(pattern));
  return std::any_of(days_.begin() + static_cast<std::ptrdiff_t>(skipped), days_.end(),
                     [&](const Day& each) { return holds(pattern, each.days, each.month, each.day); });
}

}  // namespace dav::calendar
