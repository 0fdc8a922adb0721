#pragma once

#include <string>
#include <string_view>

#include "dav/content/content_line.h"
#include "dav/content/json.h"

namespace dav::calendar {

/// The calendar as jCal (RFC 7265): each component with its properties, in order, then its components, in order.
std::string to_jcal(const content::Component& calendar);

/// The iCalendar text that a jCal text stands for; content::Document::parse reads it. Nothing is checked but that: what
/// an object must have is Object's to say. Throws content::MalformedJson.
std::string from_jcal(std::string_view text);

}  // namespace dav::calendar
