#pragma once

#include <optional>

#include "dav/calendar/filter.h"

namespace dav::calendar {

/// A range that an object has to meet if it is to match this filter (see stretches_of); nothing where objects at any
/// time may match.
std::optional<TimeRange> range_needed(const CompFilter& filter);

}  // namespace dav::calendar
