#pragma once

#include <cstdint>
#include <vector>

#include "dav/calendar/instances.h"
#include "dav/calendar/rule.h"

namespace dav::calendar {

/// On which days occurrences may start, packed into a number, so that most of what has none in a range can be passed
/// over without reading it: every n days; some weekdays of every n weeks; some days of some months. 0 says nothing: any
/// day. Days are those of the clock that the rule runs on.
using Pattern = std::int64_t;

/// Of a rule with this DTSTART whose occurrences end at most so many days after they start. Each occurrence is within
/// it, but DTSTART itself may not be.
Pattern pattern_of(const Rule& rule, Seconds start, std::int64_t longest);

/// Whether occurrences may start on that day (counted from 1970-01-01), and how many days one may last at most.
bool holds(Pattern pattern, std::int64_t days);
std::int64_t longest_days(Pattern pattern);

/// The days of the year, from 0 on as a leap year counts them, that begin runs of days of a pattern of months, each run
/// within a month; nothing where there are more than `most`, or where it is no such pattern.
std::vector<int> yearly_runs(Pattern pattern, std::size_t most);

/// The days around a range, to which patterns are put. Clocks may be off by a day.
class PatternWindow {
 public:
  explicit PatternWindow(const TimeRange& range);

  /// Whether an occurrence within the pattern may touch the range, its ends included.
  bool may_touch(Pattern pattern) const;

  /// The days of the year on which the runs of yearly_runs() begin that may touch the range; over New Year where the
  /// first is the greater one.
  int first_day_of_year() const { return first_day_of_year_; }
  int last_day_of_year() const { return last_day_of_year_; }

 private:
  struct Day {
    std::int64_t days = 0;
    int month = 1;
    int day = 1;
  };

  bool is_wide_ = false;   ///< too wide for patterns to tell anything
  std::vector<Day> days_;  ///< also those before the range on which the longest may start
  int first_day_of_year_ = 0;
  int last_day_of_year_ = 365;
};

}  // namespace dav::calendar
