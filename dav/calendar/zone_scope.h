#pragma once

#include <map>
#include <optional>
#include <string>

#include "dav/calendar/timezone.h"
#include "dav/calendar/value.h"
#include "dav/content/content_line.h"

namespace dav::calendar {

/// The zone that a VTIMEZONE describes: its onsets, and from the start of its last two yearly rules on these for ever.
/// Rules of other shapes are followed to the year 2200. Nothing if it has no onset that can be read. RFC 5545 3.6.5
std::optional<Zone> read_vtimezone(const content::Component& vtimezone);

/// How the values of one calendar become instants: the system's zones first, its own VTIMEZONEs for the rest, and one
/// zone for what floats. Holds references to the zones and the calendar. For one thread at a time.
class ZoneScope {
 public:
  /// `floating` is for dates and times without a zone: what the request, the collection or the account says.
  ZoneScope(const TimeZones& zones, const content::Component& calendar, const Zone& floating = TimeZones::utc())
      : zones_(zones), calendar_(calendar), floating_(floating) {}

  /// The zone in which a value is to be read: UTC, the one it names, or that for floating ones; the latter too if the
  /// name leads nowhere.
  const Zone& zone_of(const DateTime& value) const;

  /// The instant of a date-time; of a date, its midnight.
  Seconds to_utc(const DateTime& value) const;

  /// Whether any value so far was read in the zone for floating ones.
  bool has_floated() const { return has_floated_; }

 private:
  const Zone& named(const std::string& tzid) const;
  const Zone& find(const std::string& tzid) const;

  const TimeZones& zones_;
  const content::Component& calendar_;
  const Zone& floating_;
  mutable std::map<std::string, std::optional<Zone>, std::less<>> own_;  ///< by TZID; nothing where it leads nowhere
  mutable std::string last_tzid_;  ///< the name asked for last, which is mostly the next one too
  mutable const Zone* last_ = nullptr;
  mutable bool has_floated_ = false;
};

}  // namespace dav::calendar
