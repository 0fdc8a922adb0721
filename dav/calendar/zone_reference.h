#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "dav/content/content_line.h"

namespace dav::calendar {

/// The calendar without those VTIMEZONEs of which `is_standard` says that everybody has them; other octets as they are.
/// RFC 7809 3.1.3
std::string without_standard_zones(const content::Component& calendar,
                                   const std::function<bool(std::string_view tzid)>& is_standard);

/// The calendar with a VTIMEZONE for each zone that its TZID parameters name: where it has none itself, the one that
/// `vtimezone_of` gives, if that isn't empty. Other octets as they are. RFC 7809 3.1.3
std::string with_zones(const content::Component& calendar,
                       const std::function<std::string(std::string_view tzid)>& vtimezone_of);

}  // namespace dav::calendar
