#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dav/calendar/expand.h"
#include "dav/content/selection.h"

namespace dav::calendar {

/// What of a component is asked for. One that asks for nothing at all is asked for in whole: `<C:comp
/// name="VTIMEZONE"/>` in the example of RFC 4791 7.8.1. RFC 4791 9.6.1
struct ComponentRequest {
  std::string name;
  bool all_properties = false;
  std::vector<content::PropertyRequest> properties;
  bool all_components = false;
  std::vector<ComponentRequest> components;

  bool is_whole() const { return !all_properties && !all_components && properties.empty() && components.empty(); }
};

/// What CALDAV:calendar-data of a report asks for. Of expand and limit-recurrence-set there is at most one. RFC
/// 4791 9.6
struct CalendarDataRequest {
  std::optional<ComponentRequest> component;  ///< of VCALENDAR; nothing for all
  std::optional<TimeRange> expand;
  std::optional<TimeRange> limit_recurrence_set;
  std::optional<TimeRange> limit_free_busy_set;

  bool is_whole() const { return !component && !expand && !limit_recurrence_set && !limit_free_busy_set; }
};

/// The text of an object for a report: its octets, or what is asked for of them. Folds inside UTF-8 sequences are moved
/// so that the text can stand in XML; no other octet of what is given out is changed but as `expand` says. `most` is
/// for expand.
Expansion calendar_data(const Object& object, const CalendarDataRequest& request, const TimeZones& zones,
                        const Zone& floating_zone = TimeZones::utc(), std::size_t most = 10'000);

/// What is asked for of a component, in the order of its text, octets as they are. RFC 4791 9.6.1
std::string select(const content::Component& component, const ComponentRequest& request);

}  // namespace dav::calendar
