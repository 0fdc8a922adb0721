#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "dav/calendar/instances.h"
#include "dav/calendar/pattern.h"

namespace dav::calendar {

/// From when to when an object is, over all its occurrences: what an index needs. Alarms aren't counted.
struct Span {
  Seconds first = 0;            ///< the earliest start
  std::optional<Seconds> last;  ///< the latest end; nothing if it goes on for ever, or further than can be counted
  std::size_t instances = 0;    ///< how many there are, if `last` is there
};

/// How far from what they belong to alarms may be at most, in the layers of an index that stretches of alarms are in.
constexpr std::array<Seconds, 3> alarm_reaches = {day, 4 * day, 32 * day};

/// A stretch of time in which an object is, its ends included: what an index holds.
struct Stretch {
  /// Of what has no end, and (negative) no start.
  static constexpr Seconds ever = std::numeric_limits<Seconds>::max();

  Seconds first = 0;    ///< an instant; of a yearly one a day of the year, as yearly_runs() has it
  Seconds last = 0;     ///< an instant
  Pattern pattern = 0;  ///< on which days within it occurrences start
  bool yearly = false;  ///< it comes back every year until `last`
  /// 0 of the object itself; else alarms go off in it, or before or after it by no more than the reach of this number,
  /// counted from 1.
  int alarms = 0;
};

/// Where an object is, in one stretch or a few, whichever zone dates and floating times are read in, so long as that is
/// one of the system's: whatever of it a time-range may meet (RFC 4791 9.9) or makes somebody busy lies within. What
/// can't be placed is at all times. The same for its alarms. Costs little, however the object recurs.
std::vector<Stretch> stretches_of(const Object& object, const TimeZones& zones);

/// Nothing for an object without a place in time (an undated task, a VFREEBUSY …).
std::optional<Span> span_of(const Object& object, const ZoneScope& scope);

/// Whether the object has at most so many occurrences and all of them lie within the limits' dates; if not, why. What
/// goes on for ever is bounded by no number: its occurrences are made when asked for. RFC 4791 5.2.6, 5.2.7, 5.2.8
std::optional<Refusal> obey_instances(const Object& object, const ObjectLimits& limits, std::size_t max_instances,
                                      const ZoneScope& scope);

}  // namespace dav::calendar
