#include "dav/calendar/filter.h"

#include <algorithm>
#include <functional>

#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;
using content::Property;

bool text_matches(const TextMatch& match, std::string_view text) { return match.pattern.is_in(text) != match.negate; }

/// RFC 4791 9.7.3. Of several values one is enough to be found.
bool matches_parameter(const Property& property, const ParamFilter& filter) {
  const content::Parameter* parameter = property.find(filter.name);
  if (filter.is_not_defined) return parameter == nullptr;
  if (parameter == nullptr) return false;
  if (!filter.text) return true;
  const auto values = parameter->values();
  const bool found = std::any_of(values.begin(), values.end(),
                                 [&](const std::string& value) { return filter.text->pattern.is_in(value); });
  return found != filter.text->negate;
}

/// Walks a filter over an object.
class Matcher {
 public:
  Matcher(const Object& object, const TimeZones& zones, const Zone& floating_zone)
      : object_(object), scope_(zones, object.calendar(), floating_zone) {}

  /// RFC 4791 9.7.1, of the components inside this one.
  bool matches_inside(const Component& parent, const CompFilter& filter) {
    bool exists = false;
    for (const Component& component : parent.components) {
      if (!component.is(filter.name)) continue;
      if (filter.is_not_defined) return false;
      exists = true;
      if (matches(component, filter, parent)) return true;
    }
    return filter.is_not_defined && !exists;
  }

  bool matches(const Component& component, const CompFilter& filter, const Component& parent) {
    const bool has_conditions = filter.range || !filter.properties.empty() || !filter.components.empty();
    if (!has_conditions) return true;
    const auto property_matches = [&](const PropFilter& each) { return matches_property(component, each); };
    const auto component_matches = [&](const CompFilter& each) { return matches_inside(component, each); };
    const auto& properties = filter.properties;
    const auto& components = filter.components;
    if (filter.any_of) {
      return std::any_of(properties.begin(), properties.end(), property_matches) ||
             std::any_of(components.begin(), components.end(), component_matches) ||
             (filter.range && in_range(component, *filter.range, parent));
    }
    // The range last: it costs most.
    return std::all_of(properties.begin(), properties.end(), property_matches) &&
           std::all_of(components.begin(), components.end(), component_matches) &&
           (!filter.range || in_range(component, *filter.range, parent));
  }

 private:
  /// The occurrences, made when first needed.
  const Instances& instances() {
    if (!instances_) instances_.emplace(object_, scope_);
    return *instances_;
  }

  bool any_instance(const Component& part, const TimeRange& range, const std::function<bool(const Instance&)>& test) {
    bool found = false;
    instances().for_each_of(part, range, budget_, [&](const Instance& instance) {
      found = test(instance);
      return !found;
    });
    return found;
  }

  // RFC 4791 9.9
  bool in_range(const Component& component, const TimeRange& range, const Component& parent) {
    if (component.is("VEVENT") || component.is("VTODO") || component.is("VJOURNAL")) {
      const bool dated = component.find("DTSTART") != nullptr || component.find("DUE") != nullptr;
      if (!dated) return undated_overlaps(component, range, scope_);
      return any_instance(component, range, [&](const Instance& instance) { return overlaps(instance, range); });
    }
    if (component.is("VALARM")) {
      const Seconds reach = alarm_reach(component);
      const TimeRange wider{range.start - reach, range.end + reach};
      const content::Property* trigger = component.find("TRIGGER");
      const auto value = trigger == nullptr ? std::nullopt : trigger_of(*trigger);
      // An absolute trigger goes off once, whenever the occurrences are.
      if (value && !value->relative) return alarm_overlaps(component, Instance{}, range, scope_);
      return any_instance(parent, wider,
                          [&](const Instance& instance) { return alarm_overlaps(component, instance, range, scope_); });
    }
    if (component.is("VFREEBUSY")) return free_busy_overlaps(component, range, scope_);
    return component.is("VAVAILABILITY") && availability_overlaps(component, range, scope_);
  }

  /// RFC 4791 9.7.2
  bool matches_property(const Component& component, const PropFilter& filter) {
    const Property* first = component.find(filter.name);
    if (filter.is_not_defined) return first == nullptr;
    // An end that DURATION implies has a time without being there.
    if (first == nullptr) {
      const bool range_alone = filter.range && filter.texts.empty() && filter.parameters.empty();
      return range_alone && place_of(component, filter) == Place::end && ends_in_range(component, *filter.range);
    }
    return std::any_of(component.properties.begin(), component.properties.end(), [&](const Property& property) {
      return property.is(filter.name) && matches_one(component, property, filter);
    });
  }

  bool matches_one(const Component& component, const Property& property, const PropFilter& filter) {
    const bool no_conditions = !filter.range && filter.texts.empty() && filter.parameters.empty();
    if (no_conditions) return true;
    const auto text_is_there = [&](const TextMatch& each) {
      return text_matches(each, content::unescape_text(property.value));
    };
    const auto parameter_matches = [&](const ParamFilter& each) { return matches_parameter(property, each); };
    const auto& texts = filter.texts;
    const auto& parameters = filter.parameters;
    if (filter.any_of) {
      return std::any_of(texts.begin(), texts.end(), text_is_there) ||
             std::any_of(parameters.begin(), parameters.end(), parameter_matches) ||
             (filter.range && property_in_range(component, property, filter));
    }
    return std::all_of(texts.begin(), texts.end(), text_is_there) &&
           std::all_of(parameters.begin(), parameters.end(), parameter_matches) &&
           (!filter.range || property_in_range(component, property, filter));
  }

  /// What of an occurrence the property says.
  enum class Place { start, end, elsewhere };

  static Place place_of(const Component& component, const PropFilter& filter) {
    const auto is = [&](std::string_view name) { return content::equal_ignoring_case(filter.name, name); };
    if (component.is("VTODO") ? is("DUE") : component.is("VEVENT") && is("DTEND")) return Place::end;
    const bool recurs = component.is("VEVENT") || component.is("VTODO") || component.is("VJOURNAL");
    return recurs && is("DTSTART") ? Place::start : Place::elsewhere;
  }

  static bool holds(const TimeRange& range, Seconds instant) { return range.start <= instant && range.end > instant; }

  bool ends_in_range(const Component& component, const TimeRange& range) {
    return has_end(component) &&
           any_instance(component, range, [&](const Instance& instance) { return holds(range, instance.end_utc); });
  }

  /// "(start <= date-time) AND (end > date-time)"; of DTSTART, DTEND and DUE of every occurrence, the ends effective;
  /// of others one of the values.
  bool property_in_range(const Component& component, const Property& property, const PropFilter& filter) {
    const TimeRange& range = *filter.range;
    const Place place = place_of(component, filter);
    if (place == Place::end) return ends_in_range(component, range);
    if (place == Place::start) {
      return any_instance(component, range, [&](const Instance& instance) { return holds(range, instance.start_utc); });
    }
    if (const auto values = date_times_of(property)) {
      return std::any_of(values->begin(), values->end(),
                         [&](const DateTime& value) { return holds(range, scope_.to_utc(value)); });
    }
    const auto periods = periods_of(property);
    return periods && std::any_of(periods->begin(), periods->end(), [&](const Period& period) {
             const Seconds start = scope_.to_utc(period.start);
             const Seconds end =
                 period.end ? scope_.to_utc(*period.end) : start + period.duration.days * day + period.duration.seconds;
             return range.start < end && range.end > start;
           });
  }

  static bool has_end(const Component& component) {
    if (component.find("DUE") != nullptr || component.find("DTEND") != nullptr) return true;
    return component.find("DTSTART") != nullptr && component.find("DURATION") != nullptr;
  }

  const Object& object_;
  ZoneScope scope_;
  std::optional<Instances> instances_;
  Budget budget_;
};

}  // namespace

bool matches(const Object& object, const CompFilter& filter, const TimeZones& zones, const Zone& floating_zone) {
  const Component& calendar = object.calendar();
  if (!calendar.is(filter.name)) return filter.is_not_defined;
  if (filter.is_not_defined) return false;
  return Matcher(object, zones, floating_zone).matches(calendar, filter, calendar);
}

}  // namespace dav::calendar
