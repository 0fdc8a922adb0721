#pragma once

#include <string>
#include <string_view>

#include "dav/content/content_line.h"
#include "dav/content/json.h"

namespace dav::calendar {

/// The calendar as jCal (RFC 7265): each component with its properties, in
/// order, then its components, in order.
std::string to_jcal(const content::Component& calendar);

/// The iCalendar text that a jCal text stands for; content::Document::parse
/// reads it. Nothing is checked but that: what an object must have is Object's
/// to say. Throws content::MalformedJson.
std::string from_jcal(std::string_view text);

/// A calendar as jCal that comes piece by piece: what opens it, made of the
/// lines from BEGIN:VCALENDAR to the first component; its components, of their
/// lines; what ends it.
std::string jcal_head(std::string_view lines);
inline constexpr std::string_view jcal_end = "]]";

/// Appends components; `first` tells whether none has come before, and is kept
/// up to date.
void append_jcal_components(std::string& out, std::string lines, bool& first);

}  // namespace dav::calendar
