#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dav/calendar/budget.h"
#include "dav/calendar/rule.h"
#include "dav/calendar/value.h"

namespace dav::calendar {

class ScaledDays;

/// The starts that a rule makes from DTSTART on, as wall clock readings, rising and without repetitions. DTSTART itself
/// is always the first and counts ("The DTSTART property value always counts as the first occurrence"; RFC 5545
/// 3.3.10). Time zones play no part: the caller gives UNTIL as the clock shows it.
///
/// A rule without COUNT costs nothing before the place that skip_to() names, but for one of months by another calendar.
class RuleIterator {
 public:
  /// `until` is the last reading allowed. The rule and the budget must outlive the iterator. Of a DATE, BYHOUR,
  /// BYMINUTE and BYSECOND are ignored (RFC 5545 3.3.10).
  RuleIterator(const Rule& rule, Seconds start, bool is_date, std::optional<Seconds> until, Budget& budget);
  ~RuleIterator();

  /// Leaves DTSTART out unless the rule makes it: of EXRULE. Before all else only.
  void follow_rule_alone();

  /// Leaves out all starts before this reading. Before the first next() only.
  void skip_to(Seconds local);

  /// The next start; nothing at the end.
  std::optional<Seconds> next();

 private:
  using Days = std::vector<std::int64_t>;

  void prepare_days();
  void prepare_times();
  bool open_period();
  bool open_calendar_period();
  bool open_clock_period();
  std::int64_t period_with(Seconds local);
  bool jump_to_unit(std::int64_t unit);
  void fill_year(std::int64_t year);
  void fill_month(std::int64_t year, int month);
  void fill_month_days(std::int64_t year, int month, const Days& numbered);
  void add_numbered_days(std::int64_t first, std::int64_t length, Days& out) const;
  bool day_matches(std::int64_t days, const Civil& civil) const;
  bool month_day_matches(std::int64_t year, int month, int day_of_month) const;
  bool year_day_matches(std::int64_t days, std::int64_t year) const;
  bool week_matches(std::int64_t days, std::int64_t year) const;
  void select_positions();
  std::optional<Seconds> next_candidate();
  Seconds take_reading();

  const Rule& rule_;
  Budget& budget_;
  Seconds start_;
  bool is_date_;
  std::optional<Seconds> until_;
  Seconds from_;                        ///< earlier starts are left out
  Seconds latest_;                      ///< what the rule made last; DTSTART before that
  std::unique_ptr<ScaledDays> scaled_;  ///< of a rule with RSCALE

  // The rule, made ready: which of each are allowed. An empty set of days or times means that all are.
  std::bitset<13> months_;
  std::bitset<32> month_days_, month_days_from_end_;
  std::bitset<367> year_days_, year_days_from_end_;
  std::bitset<54> weeks_, weeks_from_end_;
  std::bitset<7> weekdays_;
  std::bitset<24> hours_;
  std::bitset<60> minutes_, seconds_;
  bool has_numbered_days_ = false;
  std::vector<std::int32_t> times_;  ///< of a period's day, hour, minute or second, from its start

  // Where the iteration stands.
  std::int64_t first_period_ = 0;  ///< of DTSTART: year, month, week, day, hour, minute or second
  std::int64_t period_ = 0;        ///< the next to open
  Days days_;                      ///< of the open period: days, or for hours and less the unit itself
  std::size_t day_index_ = 0;
  std::size_t time_index_ = 0;
  std::vector<Seconds> selected_;  ///< by BYSETPOS, of the open period
  std::size_t selected_index_ = 0;
  std::size_t barren_ = 0;   ///< periods without a start since the last one
  std::optional<int> left_;  ///< of COUNT
  bool started_ = false;
  bool done_ = false;
};

}  // namespace dav::calendar
