#pragma once

#include <optional>

#include "dav/calendar/refusal.h"
#include "dav/calendar/timezone.h"
#include "dav/content/content_line.h"

namespace dav::calendar {

/// Checks a VCALENDAR against RFC 5545 3.6: required properties, how often they may stand, their value types,
/// recurrence rules, ends against starts, and that every TZID is a known zone or has its VTIMEZONE. Nothing if it
/// holds.
///
/// Tolerated, because clients in use write it: no PRODID (nor VERSION, see Object); no DTSTAMP (calcurse); a VTIMEZONE
/// with odd content if the system knows the zone anyway (Apple); DTEND equal to DTSTART; DUE before DTSTART (task
/// apps); a recurring VTODO with DUE but no DTSTART; an alarm without DESCRIPTION; unknown properties, parameters,
/// components.
std::optional<Refusal> validate(const content::Component& calendar, const TimeZones& zones);

}  // namespace dav::calendar
