// Which days a rule allows: the BY parts of RFC 5545 3.3.10 that choose days. All of them are sets, and a day is in the
// period's set if it is in each: whether the RFC calls a part "expand" or "limit", the days are the same.

#include <algorithm>
#include <cstddef>

#include "dav/calendar/recurrence.h"
#include "dav/calendar/scaled_days.h"

namespace dav::calendar {

namespace {

/// The first day of week 1 of a year: the first week that has at least four days in it. RFC 5545 3.3.10
std::int64_t first_week(std::int64_t year, int week_start) {
  const std::int64_t first = days_from_civil(year, 1, 1);
  const int into_week = (weekday_of(first) - week_start + 7) % 7;
  return into_week <= 3 ? first - into_week : first + 7 - into_week;
}

template <std::size_t N>
bool holds(const std::bitset<N>& set, std::int64_t number) {
  return number >= 0 && number < static_cast<std::int64_t>(N) && set.test(static_cast<std::size_t>(number));
}

}  // namespace

void RuleIterator::fill_year(std::int64_t year) {
  Days numbered;
  if (has_numbered_days_ && months_.none()) {
    add_numbered_days(days_from_civil(year, 1, 1), is_leap(year) ? 366 : 365, numbered);
  }
  for (int month = 1; month <= 12; ++month) {
    if (months_.any() && !holds(months_, month)) continue;
    if (has_numbered_days_ && months_.any()) {
      numbered.clear();
      add_numbered_days(days_from_civil(year, month, 1), days_in_month(year, month), numbered);
    }
    fill_month_days(year, month, numbered);
  }
}

void RuleIterator::fill_month(std::int64_t year, int month) {
  if (months_.any() && !holds(months_, month)) return;
  Days numbered;
  if (has_numbered_days_) add_numbered_days(days_from_civil(year, month, 1), days_in_month(year, month), numbered);
  fill_month_days(year, month, numbered);
}

void RuleIterator::fill_month_days(std::int64_t year, int month, const Days& numbered) {
  const std::int64_t first = days_from_civil(year, month, 1);
  const int length = days_in_month(year, month);
  const bool by_weekday = weekdays_.any() || has_numbered_days_;
  // So that a rule which finds little pays for what it looks at.
  budget_.spend(3 + numbered.size() / 4);
  for (int day_of_month = 1; day_of_month <= length; ++day_of_month) {
    if (!month_day_matches(year, month, day_of_month)) continue;
    const std::int64_t days = first + day_of_month - 1;
    if (by_weekday && !holds(weekdays_, weekday_of(days)) &&
        std::find(numbered.begin(), numbered.end(), days) == numbered.end()) {
      continue;
    }
    if (year_day_matches(days, year) && week_matches(days, year)) days_.push_back(days);
  }
}

/// Those of `-1FR` and the like that lie in the month or year which begins at `first`.
void RuleIterator::add_numbered_days(std::int64_t first, std::int64_t length, Days& out) const {
  for (const WeekdayNumber& each : rule_.by_day) {
    if (each.ordinal == 0) continue;
    if (const auto found = numbered_day(each, first, length)) out.push_back(*found);
  }
}

bool RuleIterator::day_matches(std::int64_t days, const Civil& civil) const {
  if (scaled_) return scaled_->allows(days);
  if (months_.any() && !holds(months_, civil.month)) return false;
  if (weekdays_.any() && !holds(weekdays_, weekday_of(days))) return false;
  return month_day_matches(civil.year, civil.month, civil.day) && year_day_matches(days, civil.year);
}

bool RuleIterator::month_day_matches(std::int64_t year, int month, int day_of_month) const {
  if (month_days_.none() && month_days_from_end_.none()) return true;
  return holds(month_days_, day_of_month) ||
         (month_days_from_end_.any() && holds(month_days_from_end_, days_in_month(year, month) - day_of_month + 1));
}

bool RuleIterator::year_day_matches(std::int64_t days, std::int64_t year) const {
  if (year_days_.none() && year_days_from_end_.none()) return true;
  const std::int64_t day_of_year = days - days_from_civil(year, 1, 1) + 1;
  return holds(year_days_, day_of_year) || holds(year_days_from_end_, (is_leap(year) ? 366 : 365) - day_of_year + 1);
}

/// The first and last days of a year may belong to a week of the year before or after.
bool RuleIterator::week_matches(std::int64_t days, std::int64_t year) const {
  if (weeks_.none() && weeks_from_end_.none()) return true;
  if (days < first_week(year, rule_.week_start)) --year;
  if (days >= first_week(year + 1, rule_.week_start)) ++year;
  const std::int64_t first = first_week(year, rule_.week_start);
  const std::int64_t number = (days - first) / 7 + 1;
  const std::int64_t count = (first_week(year + 1, rule_.week_start) - first) / 7;
  return holds(weeks_, number) || holds(weeks_from_end_, count - number + 1);
}

}  // namespace dav::calendar
