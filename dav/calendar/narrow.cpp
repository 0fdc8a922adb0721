#include "dav/calendar/narrow.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "dav/content/text.h"

namespace dav::calendar {

namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view each) { return content::equal_ignoring_case(name, each); });
}

std::optional<TimeRange> narrower(const std::optional<TimeRange>& one, const std::optional<TimeRange>& other) {
  if (!one || !other) return one ? one : other;
  return one->end - one->start <= other->end - other->start ? one : other;
}

/// Whether each of the conditions has to hold.
bool all_count(const CompFilter& filter) {
  return !filter.any_of || filter.properties.size() + filter.components.size() + (filter.range ? 1 : 0) <= 1;
}

bool all_count(const PropFilter& filter) {
  return !filter.any_of || filter.parameters.size() + filter.texts.size() + (filter.range ? 1 : 0) <= 1;
}

/// RFC 4791 9.9: of DTSTART, DTEND and DUE the times of every occurrence count, which are ends of what is indexed; of
/// other properties what stands in them.
std::optional<TimeRange> range_of(const PropFilter& filter, std::string_view component) {
  if (filter.is_not_defined || !all_count(filter)) return std::nullopt;
  const bool of_start = is_one_of(filter.name, {"DTSTART"});
  const bool of_end = is_one_of(component, {"VEVENT"})
                          ? is_one_of(filter.name, {"DTEND"})
                          : is_one_of(component, {"VTODO"}) && is_one_of(filter.name, {"DUE"});
  return of_start || of_end ? filter.range : std::nullopt;
}

std::optional<TimeRange> range_of(const CompFilter& filter) {
  if (filter.is_not_defined || !all_count(filter)) return std::nullopt;
  const bool recurs = is_one_of(filter.name, {"VEVENT", "VTODO", "VJOURNAL"});
  if (!recurs && !is_one_of(filter.name, {"VFREEBUSY", "VAVAILABILITY"})) return std::nullopt;
  std::optional<TimeRange> range = filter.range;
  if (!recurs) return range;
  for (const PropFilter& each : filter.properties) range = narrower(range, range_of(each, filter.name));
  return range;
}

}  // namespace

std::optional<TimeRange> range_needed(const CompFilter& filter) {
  if (filter.is_not_defined || !all_count(filter)) return std::nullopt;
  std::optional<TimeRange> range;
  for (const CompFilter& each : filter.components) range = narrower(range, range_of(each));
  return range;
}

}  // namespace dav::calendar
