#pragma once

#include <cstddef>
#include <string>

#include "dav/calendar/instances.h"

namespace dav::calendar {

/// The text of an expansion, and whether all occurrences are in it.
struct Expansion {
  std::string text;
  bool is_complete = true;
};

/// The object as components of one occurrence each: those that overlap the range, in order of time, without recurrence
/// properties and VTIMEZONEs, zoned times in UTC, RECURRENCE-ID where it recurs. Everything else stays as it is,
/// unknown properties, parameters and components too. At most so many occurrences are written. RFC 4791 9.6.5
Expansion expand(const Object& object, const TimeRange& range, const TimeZones& zones,
                 const Zone& floating_zone = TimeZones::utc(), std::size_t most = 10'000);

/// The object without those overrides that don't matter to the range, neither by their time now nor by the one they
/// had; octets as they are. RFC 4791 9.6.6
std::string limit_recurrence_set(const Object& object, const TimeRange& range, const TimeZones& zones,
                                 const Zone& floating_zone = TimeZones::utc());

/// The object with only those FREEBUSY values that overlap the range; other octets as they are. RFC 4791 9.6.7
std::string limit_free_busy_set(const content::Component& calendar, const TimeRange& range);

}  // namespace dav::calendar
