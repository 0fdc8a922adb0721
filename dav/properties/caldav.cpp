#include <array>

#include "dav/calendar/scale.h"
#include "dav/calendar/timezone.h"
#include "dav/calendar/vtimezone.h"
#include "dav/calendar/zone_scope.h"
#include "dav/content/content_line.h"
#include "dav/form.h"
#include "dav/properties/tables.h"
#include "dav/properties/values.h"
#include "dav/reports/data.h"
#include "dav/tzdist.h"

namespace dav {

namespace {

constexpr std::string_view CALDAV = condition::CALDAV;

bool append_text(std::string& out, std::string_view text) {
  xml::escape(out, text);
  return true;
}

// RFC 4791 6.2.1: one DAV:href, since Apple's clients read no more. Everybody's is shown (python-caldav stumbles over a
// principal without one); what is in there is another question.
bool calendar_home_set(const Context&, const Resource& resource, std::string& out) {
  append_href(out, home_href(Address::Area::calendars, resource.account->name));
  return true;
}

void append_components(std::string& out, std::string_view components) {
  while (!components.empty()) {
    const auto comma = components.find(',');
    out.append("<C:comp name=\"").append(components.substr(0, comma)).append("\"/>");
    components.remove_prefix(comma == std::string_view::npos ? components.size() : comma + 1);
  }
}

// RFC 4791 5.2.3
bool supported_calendar_component_set(const Context&, const Resource& resource, std::string& out) {
  // RFC 7953 7.1: "MUST advertise support for "VAVAILABILITY" components … on calendars that allow storing of such"
  const std::string_view all = "VEVENT,VTODO,VJOURNAL,VFREEBUSY,VAVAILABILITY";
  append_components(out, resource.collection->components.empty() ? all : resource.collection->components);
  return true;
}

/// What a new calendar may be restricted to. Apple's Reminders look for VTODO alone.
bool supported_calendar_component_sets(const Context&, const Resource&, std::string& out) {
  for (const std::string_view set : {"VEVENT", "VTODO", "VJOURNAL", "VEVENT,VTODO", "VEVENT,VTODO,VJOURNAL"}) {
    out += "<C:supported-calendar-component-set>";
    append_components(out, set);
    out += "</C:supported-calendar-component-set>";
  }
  return true;
}

// RFC 4791 5.2.4
bool supported_calendar_data(const Context&, const Resource&, std::string& out) {
  for (const std::string_view type : {std::string_view("text/calendar"), calendar_json}) {
    out.append("<C:calendar-data content-type=\"").append(type).append("\" version=\"2.0\"/>");
  }
  return true;
}

// RFC 4791 5.2.5
bool max_resource_size(const Context& context, const Resource&, std::string& out) {
  return append_text(out, std::to_string(context.environment.settings.max_object_size));
}

// RFC 4791 5.2.6
bool min_date_time(const Context& context, const Resource&, std::string& out) {
  return append_text(out, context.environment.settings.min_date_time);
}

// RFC 4791 5.2.7
bool max_date_time(const Context& context, const Resource&, std::string& out) {
  return append_text(out, context.environment.settings.max_date_time);
}

// RFC 4791 5.2.8
bool max_instances(const Context& context, const Resource&, std::string& out) {
  return append_text(out, std::to_string(context.environment.settings.max_instances));
}

// RFC 4791 5.2.9
bool max_attendees_per_instance(const Context& context, const Resource&, std::string& out) {
  return append_text(out, std::to_string(context.environment.settings.max_attendees_per_instance));
}

// RFC 7529 10.1
bool supported_rscale_set(const Context&, const Resource&, std::string& out) {
  for (const auto& scale : calendar::scale_names()) {
    if (scale.is_alias) continue;
    out.append("<C:supported-rscale>").append(scale.name).append("</C:supported-rscale>");
  }
  return true;
}

// RFC 8607 6.1: none, so that an attachment is fetched from where the calendars are.
bool managed_attachments_server_url(const Context&, const Resource&, std::string&) { return true; }

// RFC 8607 6.2
bool max_attachment_size(const Context& context, const Resource&, std::string& out) {
  return append_text(out, std::to_string(context.environment.settings.max_attachment_size));
}

// RFC 8607 6.3
bool max_attachments_per_resource(const Context& context, const Resource&, std::string& out) {
  return append_text(out, std::to_string(context.environment.settings.max_attachments_per_object));
}

// RFC 4791 7.5.1
bool supported_collation_set(const Context&, const Resource&, std::string& out) {
  for (const std::string_view collation : {"i;ascii-casemap", "i;octet", "i;unicode-casemap"}) {
    out.append("<C:supported-collation>").append(collation).append("</C:supported-collation>");
  }
  return true;
}

/// The TZID of a VCALENDAR with exactly one VTIMEZONE, whose offsets can be read; empty where it is something else.
std::string tzid_in(std::string text) {
  try {
    const auto document = content::Document::parse(std::move(text), content::Dialect::icalendar);
    const auto& calendar = document.components().front();
    if (document.components().size() != 1 || !calendar.is("VCALENDAR") || calendar.components.size() != 1) return {};
    const auto& zone = calendar.components.front();
    const auto* tzid = zone.is("VTIMEZONE") ? zone.find("TZID") : nullptr;
    return tzid && calendar::read_vtimezone(zone) ? std::string(tzid->value) : std::string();
  } catch (const content::Malformed&) {
    return {};
  }
}

// RFC 4791 5.2.2: "an iCalendar object with exactly one VTIMEZONE component."
std::optional<Error> check_timezone(const Context&, const Resource&, const xml::Element* value) {
  if (!value || !tzid_in(value->text()).empty()) return std::nullopt;
  return Error{condition::calendar_valid_calendar_data, "a calendar's time zone is a VCALENDAR with one VTIMEZONE"};
}

/// RFC 7809 3.1.5: where the zone has been set by its name, "the server will return the full "VTIMEZONE" data for that
/// time zone".
bool calendar_timezone(const Context& context, const Resource& resource, std::string& out) {
  const auto tzid = stored_text(resource, CALDAV, "calendar-timezone-id");
  const auto text = tzid.empty() ? std::string() : vtimezone_of(context.environment, tzid);
  return !text.empty() && append_text(out, calendar::calendar_with_vtimezone(text));
}

// RFC 7809 5.1: the one of this server.
bool timezone_service_set(const Context& context, const Resource&, std::string& out) {
  const Request& request = context.request;
  std::string place;
  if (!request.authority.empty()) place = request.scheme + "://" + request.authority;
  append_href(out, place.append(tzdist::context_path));
  return true;
}

// RFC 7809 5.2
bool calendar_timezone_id(const Context&, const Resource& resource, std::string& out) {
  const auto tzid = tzid_in(stored_text(resource, CALDAV, "calendar-timezone"));
  return !tzid.empty() && append_text(out, tzid);
}

std::optional<Error> check_timezone_id(const Context& context, const Resource&, const xml::Element* value) {
  if (!value || context.environment.zones.find(value->text())) return std::nullopt;
  return Error{condition::valid_timezone, "the time zone is not known here"};
}

// RFC 4791 9.6: not a property, but asked for like one in reports.
bool calendar_data(const Context& context, const Resource& resource, std::string& out) {
  return resource.data && append_calendar_data(context, resource, out);
}

constexpr KindSet calendars{Kind::calendar};
constexpr KindSet homes_too{Kind::calendar, Kind::calendar_home};
constexpr KindSet takers{Kind::calendar, Kind::inbox, Kind::outbox};

constexpr std::array table{
    // RFC 4791 5.2
    PropertyRow{CALDAV, "calendar-description", calendars, false, nullptr, accept_text},
    PropertyRow{CALDAV, "calendar-timezone", homes_too, false, calendar_timezone, check_timezone},
    PropertyRow{CALDAV, "supported-calendar-component-set", takers, false, supported_calendar_component_set, nullptr},
    PropertyRow{CALDAV, "supported-calendar-component-sets", KindSet{Kind::calendar_home}, false,
                supported_calendar_component_sets, nullptr},
    PropertyRow{CALDAV, "supported-calendar-data", takers, false, supported_calendar_data, nullptr},
    PropertyRow{CALDAV, "max-resource-size", takers, false, max_resource_size, nullptr},
    PropertyRow{CALDAV, "min-date-time", takers, false, min_date_time, nullptr},
    PropertyRow{CALDAV, "max-date-time", takers, false, max_date_time, nullptr},
    PropertyRow{CALDAV, "max-instances", takers, false, max_instances, nullptr},
    PropertyRow{CALDAV, "max-attendees-per-instance", takers, false, max_attendees_per_instance, nullptr},
    // RFC 4791 6.2.1, 7.5.1, 9.6
    PropertyRow{CALDAV, "calendar-home-set", KindSet{Kind::principal}, false, calendar_home_set, nullptr},
    PropertyRow{CALDAV, "supported-collation-set", takers, false, supported_collation_set, nullptr},
    PropertyRow{CALDAV, "calendar-data", KindSet{Kind::calendar_object}, false, calendar_data, nullptr},
    // RFC 7529 10.1
    PropertyRow{CALDAV, "supported-rscale-set", homes_too, false, supported_rscale_set, nullptr},
    // RFC 8607 6
    PropertyRow{CALDAV, "managed-attachments-server-URL", KindSet{Kind::calendar_home}, false,
                managed_attachments_server_url, nullptr},
    PropertyRow{CALDAV, "max-attachment-size", calendars, false, max_attachment_size, nullptr},
    PropertyRow{CALDAV, "max-attachments-per-resource", calendars, false, max_attachments_per_resource, nullptr},
    // RFC 7809 5.1, 5.2
    PropertyRow{CALDAV, "timezone-service-set", KindSet{Kind::calendar_home}, false, timezone_service_set, nullptr},
    PropertyRow{CALDAV, "calendar-timezone-id", homes_too, false, calendar_timezone_id, check_timezone_id},
};

}  // namespace

std::span<const PropertyRow> caldav_properties() { return table; }

}  // namespace dav
