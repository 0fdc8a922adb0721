#pragma once

#include <cstddef>
#include <optional>

#include "dav/calendar/instances.h"

namespace dav::calendar {

/// From when to when an object is, over all its occurrences: what an index needs. Alarms aren't counted.
struct Span {
  Seconds first = 0;            ///< the earliest start
  std::optional<Seconds> last;  ///< the latest end; nothing if it goes on for ever, or further than can be counted
  std::size_t instances = 0;    ///< how many there are, if `last` is there
};

/// Nothing for an object without a place in time (an undated task, a VFREEBUSY …).
std::optional<Span> span_of(const Object& object, const ZoneScope& scope);

/// Whether the object has at most so many occurrences and all of them lie within the limits' dates; if not, why. What
/// goes on for ever is bounded by no number: its occurrences are made when asked for. RFC 4791 5.2.6, 5.2.7, 5.2.8
std::optional<Refusal> obey_instances(const Object& object, const ObjectLimits& limits, std::size_t max_instances,
                                      const ZoneScope& scope);

}  // namespace dav::calendar
