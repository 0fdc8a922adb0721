#include "dav/calendar/object.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

#include "dav/calendar/property_value.h"
#include "dav/calendar/validate.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;
using content::Property;

Refusal refuse(Precondition precondition, std::string reason, std::size_t line = 0) {
  return {precondition, std::move(reason), line};
}

/// VERSION, and that there is one VCALENDAR. RFC 5545 3.4, 3.7.4. Without a VERSION it is taken for 2.0: python-caldav
/// (0.11 to 1.3 at least) wraps single components so.
std::optional<Refusal> check_calendar(const content::Document& document) {
  const Component& calendar = document.components().front();
  if (!calendar.is("VCALENDAR")) {
    return refuse(Precondition::valid_calendar_data, "BEGIN:VCALENDAR is expected", calendar.line);
  }
  if (document.components().size() > 1) {
    return refuse(Precondition::valid_calendar_data, "more than one VCALENDAR", document.components()[1].line);
  }
  const Property* version = calendar.find("VERSION");
  if (version != nullptr && version->value.find("2.0") == std::string_view::npos) {
    return refuse(Precondition::supported_calendar_data, "VERSION is not 2.0", version->line);
  }
  for (const std::string_view once : {"VERSION", "PRODID", "CALSCALE"}) {
    if (calendar.count(once) > 1) {
      return refuse(Precondition::valid_calendar_data, std::string(once) + " stands twice", calendar.line);
    }
  }
  const Property* scale = calendar.find("CALSCALE");
  if (scale != nullptr && !content::equal_ignoring_case(scale->value, "GREGORIAN")) {
    return refuse(Precondition::valid_calendar_data, "CALSCALE is not GREGORIAN", scale->line);
  }
  return std::nullopt;
}

bool is_object_component(const Component& component) {
  constexpr std::array<std::string_view, 5> names = {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"};
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return component.is(name); });
}

}  // namespace

std::variant<Object, Refusal> Object::parse(std::string bytes, const TimeZones& zones) {
  Object object;
  try {
    object.document_ = content::Document::parse(std::move(bytes), content::Dialect::icalendar);
  } catch (const content::Malformed& malformed) {
    return refuse(Precondition::valid_calendar_data, malformed.what(), malformed.line);
  }
  if (auto refusal = check_calendar(object.document_)) return std::move(*refusal);
  if (auto refusal = validate(object.calendar(), zones)) return std::move(*refusal);
  if (auto refusal = object.collect()) return std::move(*refusal);
  return object;
}

std::optional<Object> Object::read(std::string bytes) {
  Object object;
  try {
    object.document_ = content::Document::parse(std::move(bytes), content::Dialect::icalendar);
  } catch (const content::Malformed&) {
    return std::nullopt;
  }
  const auto& components = object.calendar().components;
  const bool named = std::all_of(components.begin(), components.end(), [](const Component& each) {
    return !is_object_component(each) || each.find("UID") != nullptr;
  });
  if (!named || object.collect()) return std::nullopt;
  return object;
}

// RFC 4791 4.1
std::optional<Refusal> Object::collect() {
  // "Calendar object resources contained in calendar collections MUST NOT specify the iCalendar METHOD property."
  if (const Property* method = calendar().find("METHOD")) {
    return refuse(Precondition::valid_calendar_object_resource, "METHOD is not allowed in a calendar", method->line);
  }
  for (const Component& part : calendar().components) {
    if (auto refusal = collect_part(part)) return refusal;
  }
  if (parts_.empty()) return refuse(Precondition::valid_calendar_object_resource, "no calendar component");
  return check_overrides();
}

std::optional<Refusal> Object::collect_part(const Component& part) {
  constexpr auto invalid = Precondition::valid_calendar_object_resource;
  if (!is_object_component(part)) return std::nullopt;  // an unknown component beside the object, kept as it is
  const Property* uid = part.find("UID");               // validated to be there
  if (parts_.empty()) {
    uid_ = content::unescape_text(uid->value);
    component_ = content::upper(part.name);
  } else if (!part.is(component_)) {
    return refuse(invalid, "more than one kind of component: " + component_ + " and " + std::string(part.name),
                  part.line);
  } else if (content::unescape_text(uid->value) != uid_) {
    return refuse(invalid, "more than one UID", uid->line);
  }
  if (part.find("RECURRENCE-ID") == nullptr) {
    if (master_ != nullptr) return refuse(invalid, "more than one " + component_ + " without RECURRENCE-ID", part.line);
    master_ = &part;
  }
  parts_.push_back(&part);
  return std::nullopt;
}

std::optional<Refusal> Object::check_overrides() const {
  constexpr auto invalid = Precondition::valid_calendar_object_resource;
  std::set<std::tuple<Seconds, Form, std::string>> seen;
  const auto start = master_ == nullptr ? std::nullopt : date_time_in(*master_, "DTSTART");
  for (const Component* part : parts_) {
    const Property* property = part->find("RECURRENCE-ID");
    if (property == nullptr) continue;
    const auto id = date_time_of(*property);
    if (!id) return refuse(invalid, "RECURRENCE-ID is malformed", property->line);
    if (!seen.emplace(id->local, id->form, id->tzid).second) {
      return refuse(invalid, "two components with the same RECURRENCE-ID", property->line);
    }
    // "MUST be of the same value type as the DTSTART property"; RFC 5545 3.8.4.4
    if (start && start->is_date() != id->is_date()) {
      return refuse(invalid, "RECURRENCE-ID is not of the value type of DTSTART", property->line);
    }
  }
  return std::nullopt;
}

std::string_view Object::organizer() const {
  for (const Component* part : parts_) {
    if (const Property* organizer = part->find("ORGANIZER")) return organizer->value;
  }
  return {};
}

std::size_t Object::attendees() const {
  std::size_t most = 0;
  for (const Component* part : parts_) most = std::max(most, part->count("ATTENDEE"));
  return most;
}

std::optional<Refusal> Object::obey(const ObjectLimits& limits) const {
  if (bytes().size() > limits.max_resource_size) {
    return refuse(Precondition::max_resource_size,
                  "larger than " + std::to_string(limits.max_resource_size) + " octets");
  }
  const auto& allowed = limits.components;
  const auto is_component = [&](const std::string& name) { return content::equal_ignoring_case(name, component_); };
  if (!allowed.empty() && std::none_of(allowed.begin(), allowed.end(), is_component)) {
    return refuse(Precondition::supported_calendar_component, "this calendar takes no " + component_,
                  parts_.front()->line);
  }
  if (attendees() > limits.max_attendees_per_instance) {
    return refuse(Precondition::max_attendees_per_instance,
                  "more than " + std::to_string(limits.max_attendees_per_instance) + " ATTENDEEs");
  }
  for (const Component* part : parts_) {
    for (const std::string_view name : {"DTSTART", "DTEND", "DUE", "RECURRENCE-ID"}) {
      const Property* property = part->find(name);
      const auto value = property == nullptr ? std::nullopt : date_time_of(*property);
      if (!value) continue;
      if (value->local < limits.min_date_time) {
        return refuse(Precondition::min_date_time, std::string(name) + " is too early", property->line);
      }
      if (value->local >= limits.max_date_time) {
        return refuse(Precondition::max_date_time, std::string(name) + " is too late", property->line);
      }
    }
  }
  return std::nullopt;
}

}  // namespace dav::calendar
