#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dav/calendar/object.h"
#include "dav/calendar/time_range.h"
#include "dav/content/collation.h"

namespace dav::calendar {

/// RFC 4791 9.7.5
struct TextMatch {
  content::Pattern pattern;
  bool negate = false;
};

/// RFC 4791 9.7.3
struct ParamFilter {
  std::string name;
  bool is_not_defined = false;
  std::optional<TextMatch> text;
};

/// RFC 4791 9.7.2. With `any_of` (test="anyof") one of its conditions is enough. Several texts are Apple's extension
/// (calendar-query-extended).
struct PropFilter {
  std::string name;
  bool is_not_defined = false;
  std::optional<TimeRange> range;
  std::vector<TextMatch> texts;
  std::vector<ParamFilter> parameters;
  bool any_of = false;
};

/// RFC 4791 9.7.1. With `any_of` (test="anyof") one of its conditions is enough.
struct CompFilter {
  std::string name;
  bool is_not_defined = false;
  std::optional<TimeRange> range;
  std::vector<PropFilter> properties;
  std::vector<CompFilter> components;
  bool any_of = false;
};

/// Whether the object matches a filter whose root is the comp-filter of VCALENDAR. Every occurrence is considered,
/// dates and floating times are read in `floating_zone`. A time-range on a component that RFC 4791 9.9 and RFC
/// 7953 7.2.2 don't name, or on a property without a date in it, never matches.
bool matches(const Object& object, const CompFilter& filter, const TimeZones& zones,
             const Zone& floating_zone = TimeZones::utc());

}  // namespace dav::calendar
