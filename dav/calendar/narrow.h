#pragma once

#include <optional>

#include "dav/calendar/filter.h"

namespace dav::calendar {

/// A range that an object, or one of its alarms, has to meet.
struct RangeNeeded {
  TimeRange range;
  bool of_alarms = false;
};

/// What an object has to meet if it is to match this filter (see stretches_of); nothing where objects at any time may
/// match.
std::optional<RangeNeeded> range_needed(const CompFilter& filter);

}  // namespace dav::calendar
