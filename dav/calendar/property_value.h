#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "dav/calendar/value.h"
#include "dav/content/content_line.h"

namespace dav::calendar {

/// A period as it stands in RDATE and FREEBUSY: a start with either an end or a duration.
struct Period {
  DateTime start;
  std::optional<DateTime> end;
  Duration duration;  ///< where there is no end
};

/// The value of DTSTART and its kin, by VALUE, TZID and form. Nothing if it is malformed or not of the type that VALUE
/// says. Tolerated: a DATE without VALUE=DATE, TZID on a value in UTC or on a DATE (both ignored), an empty TZID.
std::optional<DateTime> date_time_of(const content::Property& property);

/// The values of EXDATE, or of RDATE but for periods. Nothing if one is malformed; empty values are skipped.
std::optional<std::vector<DateTime>> date_times_of(const content::Property& property);

/// Whether VALUE=PERIOD.
bool holds_periods(const content::Property& property);

/// The values of FREEBUSY, or of RDATE;VALUE=PERIOD. Nothing if one is malformed; empty values are skipped.
std::optional<std::vector<Period>> periods_of(const content::Property& property);

/// The value of a TRIGGER: a duration, or an instant.
struct Trigger {
  std::optional<Duration> relative;
  bool to_end = false;  ///< RELATED=END
  DateTime absolute;    ///< where it isn't relative
};

/// Nothing if it is malformed. RFC 5545 3.8.6.3
std::optional<Trigger> trigger_of(const content::Property& property);

/// The first property of that name with a value that reads as date or date-time; nothing if there is none.
std::optional<DateTime> date_time_in(const content::Component& component, std::string_view name);

}  // namespace dav::calendar
