#pragma once

#include "dav/calendar/filter.h"
#include "dav/xml.h"

namespace dav {

/// Reads a CALDAV:filter (RFC 4791 9.7). Throws Error{valid_filter, supported_collation}.
calendar::CompFilter read_calendar_filter(const xml::Element& filter);

/// Reads the attributes of a CALDAV:time-range, or of another element with the same ones (RFC 4791 9.9). `both` says
/// that neither may be missing. Throws Error{valid_filter}.
calendar::TimeRange read_time_range(const xml::Element& element, bool both = false);

}  // namespace dav
