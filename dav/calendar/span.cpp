#include "dav/calendar/span.h"

#include <algorithm>
#include <string>

namespace dav::calendar {

std::optional<Span> span_of(const Object& object, const ZoneScope& scope) {
  const Instances instances(object, scope);
  const bool infinite = instances.is_infinite();
  std::optional<Span> span;
  // Of what goes on for ever the first occurrences are enough, and the overrides, which come first.
  constexpr std::size_t few = 100;
  std::size_t steps = 0;
  Budget budget;
  instances.for_each({}, budget, [&](const Instance& instance) {
    const auto [start, end] = std::minmax(instance.start_utc, instance.end_utc);
    if (!span) span = Span{start, end, 0};
    span->first = std::min(span->first, start);
    span->last = std::max(*span->last, end);
    ++span->instances;
    return !infinite || instance.is_override || ++steps < few;
  });
  if (span && (infinite || budget.is_spent())) span->last.reset();
  return span;
}

std::optional<Refusal> obey_instances(const Object& object, const ObjectLimits& limits, std::size_t max_instances,
                                      const ZoneScope& scope) {
  const auto span = span_of(object, scope);
  if (!span) return std::nullopt;
  const content::Component& part = object.master() == nullptr ? *object.parts().front() : *object.master();
  const content::Property* rule = part.find("RRULE");
  const std::size_t line = rule == nullptr ? part.line : rule->line;
  const std::string what = rule == nullptr ? std::string(part.name) : "RRULE";
  if (span->first < limits.min_date_time) {
    return Refusal{Precondition::min_date_time, what + " has an occurrence that is too early", line};
  }
  if (!span->last) return std::nullopt;
  if (*span->last > limits.max_date_time) {
    return Refusal{Precondition::max_date_time, what + " has an occurrence that is too late", line};
  }
  if (span->instances <= max_instances) return std::nullopt;
  return Refusal{Precondition::max_instances, what + " has more than " + std::to_string(max_instances) + " occurrences",
                 line};
}

}  // namespace dav::calendar
