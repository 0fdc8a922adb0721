#pragma once

#include "dav/calendar/instances.h"

namespace dav::calendar {

/// Whether an occurrence of a VEVENT, VTODO or VJOURNAL overlaps the range, by the tables of RFC 4791 9.9. An event
/// that ends when it starts is taken as one without DTEND.
bool overlaps(const Instance& instance, const TimeRange& range);

/// The same for a component that has no place in time: a VTODO without DTSTART and DUE, by COMPLETED and CREATED; a
/// VJOURNAL without DTSTART never does. RFC 4791 9.9
bool undated_overlaps(const content::Component& component, const TimeRange& range, const ZoneScope& scope);

/// A VFREEBUSY, by DTSTART and DTEND, else by its FREEBUSY periods. RFC 4791 9.9
bool free_busy_overlaps(const content::Component& component, const TimeRange& range, const ZoneScope& scope);

/// The time that a VAVAILABILITY is about: from DTSTART to DTEND or DURATION, each of them without bound where it is
/// missing. RFC 7953 3.1
TimeRange availability_range(const content::Component& component, const ZoneScope& scope);

/// A VAVAILABILITY, by the time that it is about. RFC 7953 7.2.2
bool availability_overlaps(const content::Component& component, const TimeRange& range, const ZoneScope& scope);

/// Whether an alarm of this occurrence goes off in the range: by its trigger, absolute or relative to start or end, or
/// one of its repetitions. RFC 4791 9.9, RFC 5545 3.8.6
bool alarm_overlaps(const content::Component& alarm, const Instance& instance, const TimeRange& range,
                    const ZoneScope& scope);

/// When an alarm goes off.
struct AlarmPlace {
  bool is_relative = false;
  Seconds first = 0;  ///< of an absolute trigger
  Seconds reach = 0;  ///< the last time is at most so much later; of a relative trigger, how far from either end of the
                      ///< occurrence any of them is
};

/// Nothing where it never goes off.
std::optional<AlarmPlace> place_of_alarm(const content::Component& alarm, const ZoneScope& scope);

/// How far from the occurrence the alarm may go off at most, in seconds.
Seconds alarm_reach(const content::Component& alarm);

}  // namespace dav::calendar
