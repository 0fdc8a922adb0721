#include "dav/calendar/expand.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "dav/calendar/time_range.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;
using content::Property;

template <std::size_t N>
bool is_one_of(const Property& property, const std::array<std::string_view, N>& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return property.is(name); });
}

bool recurs(const Property& property) {
  constexpr std::array<std::string_view, 4> names = {"RRULE", "RDATE", "EXDATE", "EXRULE"};
  return is_one_of(property, names);
}

/// The line up to the value, with the parameters that don't say how the value is to be read.
std::string head(const Property& property) {
  std::string line(property.name);
  for (const content::Parameter& parameter : property.parameters) {
    const auto is = [&](std::string_view name) { return content::equal_ignoring_case(parameter.name, name); };
    if (is("TZID") || is("VALUE") || is("RANGE")) continue;
    line += ';';
    line += parameter.name;
    if (parameter.has_value) line += '=' + std::string(parameter.raw);
  }
  return line;
}

/// A date stays one, floating times stay so, the rest is put in UTC.
std::string value_text(const DateTime& value, const ZoneScope& scope) {
  if (value.form == Form::date) return ";VALUE=DATE:" + print(value);
  if (value.form == Form::floating) return ":" + print(value);
  return ":" + print_utc(scope.to_utc(value));
}

/// Writes the components of one object.
class Expander {
 public:
  Expander(const ZoneScope& scope, std::string& out) : scope_(scope), out_(out) {}

  void write(const Component& part, const Instance* instance) {
    content::append_raw(out_, part.begin);
    bool needs_id = instance != nullptr && instance->id.has_value();
    part.for_each_child(
        [&](const Property& property) {
          // Where the rule stood stands the id.
          if (needs_id && (recurs(property) || property.is("RECURRENCE-ID"))) {
            write_id(property, *instance);
            needs_id = false;
          }
          if (!recurs(property) && !property.is("RECURRENCE-ID")) write_property(property, instance);
        },
        [&](const Component& inner) {
          if (needs_id) write_id({}, *instance);
          needs_id = false;
          write(inner, nullptr);
        });
    if (needs_id) write_id({}, *instance);
    content::append_raw(out_, part.end);
  }

 private:
  void write_id(const Property& property, const Instance& instance) {
    const std::string start = property.is("RECURRENCE-ID") ? head(property) : "RECURRENCE-ID";
    content::append_folded(out_, start + value_text(*instance.id, scope_));
  }

  void write_property(const Property& property, const Instance* instance) {
    if (instance != nullptr && property.is("DTSTART")) {
      content::append_folded(out_, head(property) + value_text(instance->start, scope_));
    } else if (instance != nullptr && (property.is("DTEND") || property.is("DUE"))) {
      write_end(property, *instance);
    } else if (instance != nullptr && property.is("DURATION")) {
      write_duration(property, *instance);
    } else if (property.find("TZID") != nullptr) {
      write_in_utc(property);
    } else {
      content::append_raw(out_, property.raw);
    }
  }

  /// "Date and local time with reference to time zone information MUST be converted into date with UTC time."
  void write_in_utc(const Property& property) {
    const auto values = date_times_of(property);
    if (!values || values->empty()) return content::append_raw(out_, property.raw);
    std::string line = head(property);
    for (std::size_t i = 0; i < values->size(); ++i) {
      const std::string text = value_text((*values)[i], scope_);
      line += i == 0 ? text : "," + text.substr(text.find(':') + 1);
    }
    content::append_folded(out_, line);
  }

  void write_end(const Property& property, const Instance& instance) {
    const auto own = date_time_of(property);
    DateTime end{instance.end_utc, Form::utc, {}};
    if (own && own->form != Form::zoned && own->form != Form::utc) {
      // Dates and floating times are read in the zone given, and written as the clock shows it there.
      end = {scope_.zone_of(*own).to_local(instance.end_utc), own->form, {}};
    }
    content::append_folded(out_, head(property) + value_text(end, scope_));
  }

  /// Days on the clock may be longer or shorter than 24 hours; in UTC they must be so many seconds. RFC 5545 3.3.6
  void write_duration(const Property& property, const Instance& instance) {
    const bool in_utc = instance.start.form == Form::utc || instance.start.form == Form::zoned;
    const Seconds length = instance.end_utc - instance.start_utc;
    const auto own = parse_duration(property.value);
    if (!own || !in_utc || own->days * day + own->seconds == length) return content::append_raw(out_, property.raw);
    content::append_folded(out_, head(property) + ":" + print(Duration{0, length}));
  }

  const ZoneScope& scope_;
  std::string& out_;
};

/// Whether it is the master or an override.
bool is_main(const Object& object, const Component& component) { return component.is(object.component()); }

/// The occurrences in the range in order of time; those beyond `most` are left out, and `is_complete` tells.
std::vector<Instance> instances_in(const Object& object, const TimeRange& range, const ZoneScope& scope,
                                   std::size_t most, bool& is_complete) {
  std::vector<Instance> found;
  Budget budget;
  const bool all = Instances(object, scope).for_each(range, budget, [&](const Instance& instance) {
    if (!overlaps(instance, range)) return true;
    if (found.size() == most) return false;
    found.push_back(instance);
    return true;
  });
  is_complete = all && !budget.is_spent();
  std::stable_sort(found.begin(), found.end(),
                   [](const Instance& a, const Instance& b) { return a.start_utc < b.start_utc; });
  return found;
}

}  // namespace

Expansion expand(const Object& object, const TimeRange& range, const TimeZones& zones, const Zone& floating_zone,
                 std::size_t most) {
  const ZoneScope scope(zones, object.calendar(), floating_zone);
  Expansion result;
  Expander expander(scope, result.text);
  const bool has_occurrences =
      object.component() == "VEVENT" || object.component() == "VTODO" || object.component() == "VJOURNAL";
  bool written = false;
  content::append_raw(result.text, object.calendar().begin);
  object.calendar().for_each_child(
      [&](const Property& property) { content::append_raw(result.text, property.raw); },
      [&](const Component& component) {
        if (component.is("VTIMEZONE")) return;
        if (!is_main(object, component) || !has_occurrences) return expander.write(component, nullptr);
        const bool dated = component.find("DTSTART") != nullptr || component.find("DUE") != nullptr;
        if (!dated && undated_overlaps(component, range, scope)) expander.write(component, nullptr);
        if (std::exchange(written, true)) return;
        for (const Instance& instance : instances_in(object, range, scope, most, result.is_complete)) {
          expander.write(*instance.part, &instance);
        }
      });
  content::append_raw(result.text, object.calendar().end);
  return result;
}

std::string limit_recurrence_set(const Object& object, const TimeRange& range, const TimeZones& zones,
                                 const Zone& floating_zone) {
  const ZoneScope scope(zones, object.calendar(), floating_zone);
  const auto matters = [&](const Component& part) {
    const auto id = date_time_in(part, "RECURRENCE-ID");
    if (!id) return true;
    const Seconds original = scope.to_utc(*id);
    const Property& property = *part.find("RECURRENCE-ID");
    // One with a RANGE may change everything after it.
    if (property.find("RANGE") != nullptr) return original < range.end;
    const Shape own(part, scope);
    Instance now{.part = &part, .start = own.start.value_or(*id), .id = {}};
    now.start_utc = scope.to_utc(now.start);
    now.end_utc = own.end_of(now.start, scope);
    if (!own.start || overlaps(now, range)) return true;
    if (object.master() == nullptr) return false;
    const Shape master(*object.master(), scope);
    const Instance then{
        .part = object.master(), .start = *id, .start_utc = original, .end_utc = master.end_of(*id, scope), .id = {}};
    return overlaps(then, range);
  };
  std::string out;
  content::append_raw(out, object.calendar().begin);
  object.calendar().for_each_child([&](const Property& property) { content::append_raw(out, property.raw); },
                                   [&](const Component& component) {
                                     if (!is_main(object, component) || matters(component))
                                       content::append_raw(out, component.raw);
                                   });
  content::append_raw(out, object.calendar().end);
  return out;
}

namespace {

/// FREEBUSY's values are in UTC. RFC 5545 3.8.2.6
void write_periods(const Property& property, const TimeRange& range, std::string& out) {
  std::string kept;
  for (std::string_view rest = property.value; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    Property one = property;
    one.value = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const auto periods = periods_of(one);
    if (!periods || periods->empty()) continue;
    const Period& period = periods->front();
    const Seconds last =
        period.end ? period.end->local : period.start.local + period.duration.days * day + period.duration.seconds;
    if (range.start < last && range.end > period.start.local)
      kept += (kept.empty() ? "" : ",") + std::string(one.value);
  }
  if (kept == property.value) return content::append_raw(out, property.raw);
  if (!kept.empty()) content::append_folded(out, head(property) + ":" + kept);
}

void write_limited(const Component& component, const TimeRange& range, std::string& out) {
  content::append_raw(out, component.begin);
  component.for_each_child(
      [&](const Property& property) {
        if (property.is("FREEBUSY")) return write_periods(property, range, out);
        content::append_raw(out, property.raw);
      },
      [&](const Component& inner) { write_limited(inner, range, out); });
  content::append_raw(out, component.end);
}

}  // namespace

std::string limit_free_busy_set(const Component& calendar, const TimeRange& range) {
  std::string out;
  write_limited(calendar, range, out);
  return out;
}

}  // namespace dav::calendar
