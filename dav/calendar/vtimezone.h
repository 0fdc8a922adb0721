#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dav/calendar/tzif.h"

namespace dav::calendar {

/// What of a zone is wanted, and what is said of it.
struct VtimezoneRequest {
  std::optional<Seconds> start;       ///< RFC 7808 3.9: nothing before
  std::optional<Seconds> end;         ///< and nothing from here on (TZUNTIL)
  std::vector<std::string> alias_of;  ///< TZID-ALIAS-OF: RFC 7808 7.2
};

/// The VTIMEZONE component for the zone: its whole history, and the rules that hold for ever. What the rules can't say
/// is written out to the year 2200 and ends there, by TZUNTIL. RFC 5545 3.6.5
std::string write_vtimezone(std::string_view tzid, const Tzif& file, const VtimezoneRequest& request = {});

/// A VCALENDAR around it. RFC 7808 5.3
std::string calendar_with_vtimezone(std::string_view vtimezone);

}  // namespace dav::calendar
