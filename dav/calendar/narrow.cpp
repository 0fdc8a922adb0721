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

std::optional<RangeNeeded> narrower(const std::optional<RangeNeeded>& one, const std::optional<RangeNeeded>& other) {
  if (!one || !other) return one ? one : other;
  const auto length = [](const RangeNeeded& each) { return each.range.end - each.range.start; };
  return length(*one) <= length(*other) ? one : other;
}

std::optional<RangeNeeded> occurrences_in(const std::optional<TimeRange>& range) {
  return range ? std::optional(RangeNeeded{*range, false}) : std::nullopt;
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
std::optional<RangeNeeded> range_of(const PropFilter& filter, std::string_view component) {
  if (filter.is_not_defined || !all_count(filter)) return std::nullopt;
  const bool of_start = is_one_of(filter.name, {"DTSTART"});
  const bool of_end = is_one_of(component, {"VEVENT"})
                          ? is_one_of(filter.name, {"DTEND"})
                          : is_one_of(component, {"VTODO"}) && is_one_of(filter.name, {"DUE"});
  return of_start || of_end ? occurrences_in(filter.range) : std::nullopt;
}

std::optional<RangeNeeded> range_of_alarms(const CompFilter& filter) {
  if (filter.is_not_defined || !all_count(filter) || !filter.range || !is_one_of(filter.name, {"VALARM"})) {
    return std::nullopt;
  }
  return RangeNeeded{*filter.range, true};
}

std::optional<RangeNeeded> range_of(const CompFilter& filter) {
  if (filter.is_not_defined || !all_count(filter)) return std::nullopt;
  const bool recurs = is_one_of(filter.name, {"VEVENT", "VTODO", "VJOURNAL"});
  if (!recurs && !is_one_of(filter.name, {"VFREEBUSY", "VAVAILABILITY"})) return std::nullopt;
  auto range = occurrences_in(filter.range);
  if (!recurs) return range;
  for (const PropFilter& each : filter.properties) range = narrower(range, range_of(each, filter.name));
  for (const CompFilter& each : filter.components) range = narrower(range, range_of_alarms(each));
  return range;
}

}  // namespace

std::optional<RangeNeeded> range_needed(const CompFilter& filter) {
  if (filter.is_not_defined || !all_count(filter)) return std::nullopt;
  std::optional<RangeNeeded> range;
  for (const CompFilter& each : filter.components) range = narrower(range, range_of(each));
  return range;
}

}  // namespace dav::calendar
