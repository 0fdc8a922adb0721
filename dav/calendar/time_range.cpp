#include "dav/calendar/time_range.h"

#include <algorithm>
#include <cstdlib>

namespace dav::calendar {

using content::Component;
using content::Property;

namespace {

bool holds(const TimeRange& range, Seconds instant) { return range.start <= instant && range.end > instant; }

/// RFC 4791 9.9, the table of VEVENT.
bool event_overlaps(const Instance& event, const TimeRange& range) {
  if (event.end_utc <= event.start_utc) return holds(range, event.start_utc);
  return range.start < event.end_utc && range.end > event.start_utc;
}

/// RFC 4791 9.9, the first four rows of the table of VTODO.
bool todo_overlaps(const Instance& todo, const TimeRange& range) {
  const Seconds dtstart = todo.start_utc;
  const Seconds due = todo.end_utc;
  const bool has_start = todo.part->find("DTSTART") != nullptr;
  const bool has_due = todo.part->find("DUE") != nullptr;
  if (!has_start) return range.start < due && range.end >= due;
  if (has_due) return (range.start < due || range.start <= dtstart) && (range.end > dtstart || range.end >= due);
  if (todo.part->find("DURATION") != nullptr) return range.start <= due && (range.end > dtstart || range.end >= due);
  return holds(range, dtstart);
}

/// REPEAT and DURATION: how often the alarm goes off again, and after how long each time.
struct Repetition {
  std::int64_t times = 0;
  Seconds interval = 0;

  explicit Repetition(const Component& alarm) {
    const Property* repeat = alarm.find("REPEAT");
    const Property* duration = alarm.find("DURATION");
    if (repeat == nullptr || duration == nullptr) return;
    const auto each = parse_duration(duration->value).value_or(Duration{});
    times = std::max(0, parse_integer(repeat->value).value_or(0));
    interval = each.days * day + each.seconds;
    if (interval <= 0) times = 0;
    // Nothing is asked for beyond the last year, and no sum leaves the range of numbers.
    constexpr Seconds longest = (last_year + 1) * 366 * day;
    if (times > 0) times = std::min(times, longest / interval);
  }
};

}  // namespace

bool overlaps(const Instance& instance, const TimeRange& range) {
  if (instance.part->is("VTODO")) return todo_overlaps(instance, range);
  if (instance.part->is("VJOURNAL") && !instance.start.is_date()) return holds(range, instance.start_utc);
  return event_overlaps(instance, range);
}

bool undated_overlaps(const Component& component, const TimeRange& range, const ZoneScope& scope) {
  if (!component.is("VTODO")) return false;
  const auto completed_value = date_time_in(component, "COMPLETED");
  const auto created_value = date_time_in(component, "CREATED");
  if (completed_value && created_value) {
    const Seconds completed = scope.to_utc(*completed_value);
    const Seconds created = scope.to_utc(*created_value);
    return (range.start <= created || range.start <= completed) && (range.end >= created || range.end >= completed);
  }
  if (completed_value) {
    const Seconds completed = scope.to_utc(*completed_value);
    return range.start <= completed && range.end >= completed;
  }
  return !created_value || range.end > scope.to_utc(*created_value);
}

bool free_busy_overlaps(const Component& component, const TimeRange& range, const ZoneScope& scope) {
  const auto start = date_time_in(component, "DTSTART");
  const auto end = date_time_in(component, "DTEND");
  if (start && end) return range.start <= scope.to_utc(*end) && range.end > scope.to_utc(*start);
  for (const Property& property : component.properties) {
    if (!property.is("FREEBUSY")) continue;
    for (const Period& period : periods_of(property).value_or(std::vector<Period>{})) {
      const Seconds first = scope.to_utc(period.start);
      const Seconds last =
          period.end ? scope.to_utc(*period.end) : first + period.duration.days * day + period.duration.seconds;
      if (range.start < last && range.end > first) return true;
    }
  }
  return false;
}

TimeRange availability_range(const Component& component, const ZoneScope& scope) {
  TimeRange own;
  const auto start = date_time_in(component, "DTSTART");
  const auto end = date_time_in(component, "DTEND");
  const Property* duration = component.find("DURATION");
  if (start) own.start = scope.to_utc(*start);
  if (end) {
    own.end = scope.to_utc(*end);
  } else if (start && duration != nullptr) {
    const auto length = parse_duration(duration->value).value_or(Duration{});
    DateTime last = *start;
    last.local += length.days * day;
    own.end = scope.to_utc(last) + length.seconds;
  }
  return own;
}

bool availability_overlaps(const Component& component, const TimeRange& range, const ZoneScope& scope) {
  const TimeRange own = availability_range(component, scope);
  return range.start < own.end && range.end > own.start;
}

bool alarm_overlaps(const Component& alarm, const Instance& instance, const TimeRange& range, const ZoneScope& scope) {
  const Property* property = alarm.find("TRIGGER");
  const auto trigger = property == nullptr ? std::nullopt : trigger_of(*property);
  if (!trigger) return false;
  Seconds first = 0;
  if (trigger->relative) {
    const Zone& zone = scope.zone_of(instance.start);
    const Seconds base = trigger->to_end ? instance.end_utc : instance.start_utc;
    // Days are counted on the clock, the rest in time that passes.
    first = trigger->relative->days == 0 ? base : zone.to_utc(zone.to_local(base) + trigger->relative->days * day);
    first += trigger->relative->seconds;
  } else {
    first = scope.to_utc(trigger->absolute);
  }
  const Repetition repetition(alarm);
  if (holds(range, first)) return true;
  if (repetition.times == 0 || first >= range.start) return false;
  const std::int64_t next = (range.start - first + repetition.interval - 1) / repetition.interval;
  return next <= repetition.times && holds(range, first + next * repetition.interval);
}

std::optional<AlarmPlace> place_of_alarm(const Component& alarm, const ZoneScope& scope) {
  const Property* property = alarm.find("TRIGGER");
  const auto trigger = property == nullptr ? std::nullopt : trigger_of(*property);
  if (!trigger) return std::nullopt;
  const Repetition repetition(alarm);
  const Seconds repeated = repetition.times * repetition.interval;
  if (!trigger->relative) return AlarmPlace{false, scope.to_utc(trigger->absolute), repeated};
  const auto& [days, seconds] = *trigger->relative;
  // Days are those of a clock that may be moved meanwhile.
  const Seconds doubt = days == 0 ? 0 : 2 * day;
  return AlarmPlace{true, 0, std::abs(days) * day + std::abs(seconds) + repeated + doubt};
}

Seconds alarm_reach(const Component& alarm) {
  const Property* property = alarm.find("TRIGGER");
  const auto trigger = property == nullptr ? std::nullopt : trigger_of(*property);
  const Repetition repetition(alarm);
  Seconds reach = 2 * day + repetition.times * repetition.interval;
  if (trigger && trigger->relative)
    reach += std::abs(trigger->relative->days * day) + std::abs(trigger->relative->seconds);
  return reach;
}

}  // namespace dav::calendar
