#include "dav/calendar/validate.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "dav/calendar/property_value.h"
#include "dav/calendar/rule.h"
#include "dav/calendar/scale.h"
#include "dav/calendar/value.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;
using content::Property;

/// The components whose properties are checked, as bits.
enum : unsigned {
  event = 1,
  todo = 2,
  journal = 4,
  free_busy = 8,
  alarm = 16,
  availability = 32,
  available = 64,
  participant = 128,  // RFC 9073 7
  place = 256,
  resource = 512,
  whole = 1024,  // VCALENDAR
  // Groups that the table needs.
  objects = event | todo | journal | free_busy | availability | available,
  planned = event | todo | journal | availability | available,
  described = event | todo | availability | available,
  parties = participant | place | resource,
};

struct ComponentName {
  std::string_view name;
  unsigned bit;
};

constexpr std::array<ComponentName, 10> component_names = {{
    {"VEVENT", event},
    {"VTODO", todo},
    {"VJOURNAL", journal},
    {"VFREEBUSY", free_busy},
    {"VALARM", alarm},
    {"VAVAILABILITY", availability},
    {"AVAILABLE", available},
    {"PARTICIPANT", participant},
    {"VLOCATION", place},
    {"VRESOURCE", resource},
}};

enum class Value { any, moment, moments, duration, integer, periods, trigger, rule, not_empty };

/// What is asked of a property: its value, where it may stand only once, where it must stand.
struct Row {
  std::string_view name;
  Value value;
  unsigned once;
  unsigned required;
};

// RFC 5545 3.6.1 to 3.6.6, RFC 7953 3.1. Of what RFC 7986, 9073, 9074 and 9253 brought, the types that are interpreted
// and the properties that may stand once; the rest is kept as it is.
constexpr std::array<Row, 43> rows = {{
    {"UID", Value::not_empty, objects | alarm | parties | whole, objects},
    {"DTSTART", Value::moment, objects, event | available},
    {"DTEND", Value::moment, event | free_busy | availability | available, 0},
    {"DUE", Value::moment, todo, 0},
    {"DURATION", Value::duration, event | todo | alarm | availability | available, 0},
    {"DTSTAMP", Value::moment, objects, 0},
    {"RECURRENCE-ID", Value::moment, event | todo | journal | available, 0},
    {"RRULE", Value::rule, 0, 0},
    {"RDATE", Value::moments, 0, 0},
    {"EXDATE", Value::moments, 0, 0},
    {"EXRULE", Value::rule, 0, 0},  // RFC 2445 4.8.5.2
    {"SUMMARY", Value::any, planned, 0},
    {"DESCRIPTION", Value::any, described, 0},
    {"LOCATION", Value::any, described, 0},
    {"SEQUENCE", Value::integer, planned, 0},
    {"STATUS", Value::any, event | todo | journal, 0},
    {"CLASS", Value::any, planned, 0},
    {"TRANSP", Value::any, event, 0},
    {"CREATED", Value::moment, planned, 0},
    {"LAST-MODIFIED", Value::moment, planned, 0},
    {"COMPLETED", Value::moment, todo, 0},
    {"PERCENT-COMPLETE", Value::integer, todo, 0},
    {"PRIORITY", Value::integer, described, 0},
    {"ORGANIZER", Value::not_empty, objects, 0},
    {"ATTENDEE", Value::not_empty, 0, 0},
    {"URL", Value::any, objects, 0},
    {"GEO", Value::any, event | todo, 0},
    {"FREEBUSY", Value::periods, 0, 0},
    {"BUSYTYPE", Value::any, availability, 0},
    {"TRIGGER", Value::trigger, alarm, alarm},
    {"ACTION", Value::not_empty, alarm, alarm},
    {"REPEAT", Value::integer, alarm, 0},
    {"CONTACT", Value::any, free_busy, 0},
    // RFC 7986 5
    {"COLOR", Value::any, event | todo | journal | whole, 0},
    {"REFRESH-INTERVAL", Value::duration, whole, 0},
    {"SOURCE", Value::any, whole, 0},
    // RFC 9073 6, 7
    {"CALENDAR-ADDRESS", Value::not_empty, participant, 0},
    {"PARTICIPANT-TYPE", Value::any, participant, 0},
    {"LOCATION-TYPE", Value::any, place, 0},
    {"RESOURCE-TYPE", Value::any, resource, 0},
    {"NAME", Value::any, place | resource, 0},
    // RFC 9074 6, 8
    {"ACKNOWLEDGED", Value::moment, alarm, 0},
    {"PROXIMITY", Value::any, alarm, 0},
}};

Refusal bad(std::size_t line, std::string reason) {
  return {Precondition::valid_calendar_data, std::move(reason), line};
}

const Row* row_of(std::string_view name) {
  const auto* row = std::find_if(rows.begin(), rows.end(),
                                 [&](const Row& each) { return content::equal_ignoring_case(each.name, name); });
  return row == rows.end() ? nullptr : row;
}

/// Why the value isn't of the property's type; empty if it is.
std::string value_fault(const Property& property, Value value) {
  switch (value) {
    case Value::any:
      return {};
    case Value::not_empty:
      return property.value.empty() ? "is empty" : "";
    case Value::moment:
      return date_time_of(property) ? "" : "is no date or date-time of its VALUE type";
    case Value::moments:
      if (holds_periods(property)) return periods_of(property) ? "" : "is no list of periods";
      return date_times_of(property) ? "" : "is no list of dates or date-times of its VALUE type";
    case Value::duration:
      return parse_duration(property.value) ? "" : "is no duration";
    case Value::integer:
      return parse_integer(property.value) ? "" : "is no integer";
    case Value::periods:
      return periods_of(property) ? "" : "is no list of periods";
    case Value::trigger:
      return trigger_of(property) ? "" : "is neither a duration nor a date-time";
    case Value::rule: {
      const auto rule = parse_rule(property.value);
      const std::string* reason = std::get_if<std::string>(&rule);
      return reason == nullptr ? "" : "is no recurrence rule: " + *reason;
    }
  }
  return {};
}

class Validator {
 public:
  Validator(const Component& calendar, const TimeZones& zones) : calendar_(calendar), zones_(zones) {
    for (const Component& component : calendar.components) {
      const Property* name = component.is("VTIMEZONE") ? component.find("TZID") : nullptr;
      if (name != nullptr) own_zones_.insert(std::string(name->value));
    }
  }

  std::optional<Refusal> check_all() {
    if (auto refusal = check_properties(calendar_, whole)) return refusal;
    for (const Component& component : calendar_.components) {
      if (auto refusal = component.is("VTIMEZONE") ? check_zone(component) : check(component)) return refusal;
    }
    return std::nullopt;
  }

 private:
  std::optional<Refusal> check(const Component& component) {
    const auto* named = std::find_if(component_names.begin(), component_names.end(),
                                     [&](const ComponentName& each) { return component.is(each.name); });
    if (named == component_names.end()) return std::nullopt;  // X- and IANA components are kept as they are
    if (auto refusal = check_properties(component, named->bit)) return refusal;
    if (auto refusal = check_ends(component, named->bit)) return refusal;
    if (auto refusal = check_recurrence(component)) return refusal;
    for (const Component& inner : component.components) {
      if (auto refusal = check(inner)) return refusal;
    }
    return std::nullopt;
  }

  std::optional<Refusal> check_properties(const Component& component, unsigned bit) {
    std::array<bool, rows.size()> seen{};
    for (const Property& property : component.properties) {
      const Row* row = row_of(property.name);
      if (row == nullptr) continue;
      bool& before = seen.at(static_cast<std::size_t>(row - rows.data()));
      if (before && (row->once & bit) != 0) return bad(property.line, std::string(row->name) + " stands twice");
      before = true;
      if (auto refusal = check_value(property, row->value)) return refusal;
      if (auto refusal = check_tzid(property)) return refusal;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Row& row = rows.at(i);
      if ((row.required & bit) != 0 && !seen.at(i)) {
        return bad(component.line, std::string(component.name) + " has no " + std::string(row.name));
      }
    }
    return std::nullopt;
  }

  static std::optional<Refusal> check_value(const Property& property, Value value) {
    const std::string fault = value_fault(property, value);
    if (fault.empty()) return std::nullopt;
    Refusal refusal = bad(property.line, content::upper(property.name) + " " + fault);
    const std::string scale = value == Value::rule ? scale_of_rule(property.value) : "";
    if (!scale.empty() && find_scale(scale) == nullptr) refusal.precondition = Precondition::supported_rscale;
    return refusal;
  }

  /// RFC 5545 3.2.19
  std::optional<Refusal> check_tzid(const Property& property) {
    const content::Parameter* parameter = property.find("TZID");
    if (parameter == nullptr) return std::nullopt;
    const std::string tzid = parameter->value();
    if (tzid.empty() || is_known(tzid)) return std::nullopt;
    return bad(property.line, "no VTIMEZONE for TZID " + tzid);
  }

  /// Remembered by name: the same few stand in many properties.
  bool is_known(const std::string& tzid) {
    const auto known = known_.find(tzid);
    if (known != known_.end()) return known->second;
    return known_.emplace(tzid, own_zones_.contains(tzid) || zones_.find(tzid) != nullptr).first->second;
  }

  /// The instant of a value; nothing if its zone is only in a VTIMEZONE.
  std::optional<Seconds> instant(const DateTime& value) const {
    if (value.form != Form::zoned) return value.local;
    const Zone* zone = zones_.find(value.tzid);
    return zone == nullptr ? std::nullopt : std::optional(zone->to_utc(value.local));
  }

  bool is_before(const DateTime& left, const DateTime& right) const {
    if (left.form == right.form && left.tzid == right.tzid) return left.local < right.local;
    const auto left_instant = instant(left);
    const auto right_instant = instant(right);
    // A day's tolerance where a floating value or an unknown zone is compared.
    if (!left_instant || !right_instant || left.form == Form::floating || right.form == Form::floating) {
      return left.local < right.local - day;
    }
    return *left_instant < *right_instant;
  }

  // RFC 5545 3.8.2.2, 3.8.2.3, 3.8.2.5
  std::optional<Refusal> check_ends(const Component& component, unsigned bit) const {
    if (bit == alarm || (bit & parties) != 0) return std::nullopt;
    const Property* duration = component.find("DURATION");
    const Property* end = component.find(bit == todo ? "DUE" : "DTEND");
    const auto start = date_time_in(component, "DTSTART");
    if (duration != nullptr && end != nullptr)
      return bad(duration->line, "DURATION together with " + std::string(end->name));
    if (duration != nullptr && !start) return bad(duration->line, "DURATION without DTSTART");
    if (duration != nullptr && duration->value.starts_with('-')) return bad(duration->line, "DURATION is negative");
    if (end == nullptr || !start || bit == todo) return std::nullopt;
    const auto value = date_time_of(*end);
    if (value->is_date() != start->is_date()) return bad(end->line, "DTEND and DTSTART are of different value types");
    if (is_before(*value, *start)) return bad(end->line, "DTEND lies before DTSTART");
    return std::nullopt;
  }

  std::optional<Refusal> check_recurrence(const Component& component) const {
    const Property* rule = component.find("RRULE");
    const Property* start = component.find("DTSTART");
    if (rule == nullptr) return std::nullopt;
    if (start == nullptr) start = component.find("DUE");
    if (start == nullptr) return bad(rule->line, "RRULE without DTSTART");
    if (date_time_of(*start)->is_date() && std::get<Rule>(parse_rule(rule->value)).frequency < Frequency::daily) {
      return bad(rule->line, "RRULE repeats within a day, but DTSTART is a DATE");
    }
    return std::nullopt;
  }

  // RFC 5545 3.6.5
  std::optional<Refusal> check_zone(const Component& zone) const {
    const Property* name = zone.find("TZID");
    if (name == nullptr || name->value.empty()) return bad(zone.line, "VTIMEZONE has no TZID");
    if (zones_.find(name->value) != nullptr) return std::nullopt;  // the system's rules count, whatever stands here
    bool any = false;
    for (const Component& part : zone.components) {
      if (!part.is("STANDARD") && !part.is("DAYLIGHT")) continue;
      any = true;
      for (const std::string_view required : {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"}) {
        const Property* property = part.find(required);
        if (property == nullptr) return bad(part.line, std::string(part.name) + " has no " + std::string(required));
        const bool good =
            required == "DTSTART" ? date_time_of(*property).has_value() : parse_utc_offset(property->value).has_value();
        if (!good) return bad(property->line, std::string(required) + " is malformed");
      }
      for (const Property& property : part.properties) {
        const Value value = property.is("RRULE") ? Value::rule : property.is("RDATE") ? Value::moments : Value::any;
        if (auto refusal = check_value(property, value)) return refusal;
      }
    }
    return any ? std::nullopt : std::optional(bad(zone.line, "VTIMEZONE has neither STANDARD nor DAYLIGHT"));
  }

  const Component& calendar_;
  const TimeZones& zones_;
  std::set<std::string, std::less<>> own_zones_;  ///< the names of the VTIMEZONEs
  std::map<std::string, bool, std::less<>> known_;
};

}  // namespace

std::optional<Refusal> validate(const Component& calendar, const TimeZones& zones) {
  return Validator(calendar, zones).check_all();
}

}  // namespace dav::calendar
