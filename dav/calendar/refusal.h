#pragma once

#include <cstddef>
#include <string>

namespace dav::calendar {

/// The preconditions that a calendar object can fail by itself. RFC 4791 5.3.2.1
enum class Precondition {
  supported_calendar_data,
  valid_calendar_data,
  valid_calendar_object_resource,
  supported_calendar_component,
  supported_rscale,  ///< RFC 7529 10
  max_resource_size,
  min_date_time,
  max_date_time,
  max_instances,
  max_attendees_per_instance,
};

/// Why an object isn't taken. The reason is for people: it names the property.
struct Refusal {
  Precondition precondition = Precondition::valid_calendar_data;
  std::string reason;
  std::size_t line = 0;  ///< physical line from 1; 0 if it concerns the whole
};

}  // namespace dav::calendar
