#pragma once

#include <cstdint>
#include <vector>

#include "dav/calendar/budget.h"
#include "dav/calendar/rule.h"
#include "dav/calendar/scale.h"
#include "dav/calendar/value.h"

namespace dav::calendar {

/// Which days a rule with RSCALE allows: the parts that choose days, in the order of RFC 7529 4.1. Days are counted
/// since 1970-01-01. Years and months are those of the rule's calendar system.
class ScaledDays {
 public:
  using Days = std::vector<std::int64_t>;

  /// `start` is DTSTART on the clock. The rule and the budget must outlive this. When the budget is spent, periods have
  /// no days.
  ScaledDays(const Rule& rule, Seconds start, Budget& budget);

  std::int64_t year_of(std::int64_t day_number) { return scale_.year_of(day_number); }

  /// How many months the one with that day lies after DTSTART's, leap months counted. Before the first fill_month()
  /// only.
  std::int64_t month_of(std::int64_t day_number);

  /// Puts the days of a year, or of a month counted like month_of(), into `out`, rising. False after the last year that
  /// values may have, and when the budget is spent.
  bool fill_year(std::int64_t number, Days& out);
  bool fill_month(std::int64_t month, Days& out);

  /// For rules of weeks, days and less: whether the day is allowed.
  bool allows(std::int64_t day_number);

 private:
  const ScaleYear& year(std::int64_t number);
  const ScaleYear& year_with(std::int64_t day_number, std::int64_t& number);
  const ScaleMonth* find_month(std::int64_t number, MonthName name);
  std::vector<ScaleMonth> months_of(std::int64_t number);
  bool is_in_months(std::int64_t number, std::int64_t first_of_month);
  void add_day(std::int64_t first, int length, int which, Days& out) const;
  Days weeks_of(std::int64_t number);
  void limit_weekdays(std::int64_t first, std::int64_t length, Days& days) const;
  void limit_weekdays_by_month(const std::vector<ScaleMonth>& months, Days& days) const;

  const Rule& rule_;
  Budget& budget_;
  Scale scale_;
  bool by_month_;
  bool by_nothing_;  ///< no part chooses days, so that DTSTART's is meant
  std::vector<MonthName> months_;
  MonthName start_month_;
  int start_day_ = 1;
  std::vector<WeekdayNumber> weekdays_;
  std::int64_t last_number_ = 0;  ///< the year asked for last

  // A year, and how many months its first one lies after DTSTART's.
  std::int64_t counted_year_ = 0;
  std::int64_t counted_months_ = 0;
};

}  // namespace dav::calendar
