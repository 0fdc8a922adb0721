#include <algorithm>
#include <array>

#include "dav/calendar/value.h"
#include "dav/content/content_line.h"
#include "dav/groups.h"
#include "dav/multiput.h"
#include "dav/properties/tables.h"
#include "dav/properties/values.h"
#include "dav/publish.h"

namespace dav {

namespace {

constexpr std::string_view CALDAV = condition::CALDAV;
constexpr std::string_view CS = condition::CS;
constexpr std::string_view ICAL = "http://apple.com/ns/ical/";

// calendarserver-bulk-change 5.1
bool bulk_requests(const Context& context, const Resource&, std::string& out) {
  const Settings& settings = context.environment.settings;
  const auto append = [&](std::string_view form, std::size_t resources, std::int64_t octets) {
    out.append("<MM:").append(form).append(" xmlns:MM=\"").append(MM).append("\"><MM:max-resources>");
    out.append(std::to_string(resources)).append("</MM:max-resources><MM:max-bytes>");
    out.append(std::to_string(octets)).append("</MM:max-bytes></MM:").append(form).append(">");
  };
  append("simple", most_bulk_objects, settings.max_bulk_size);
  append("crud", most_multiput_resources, most_multiput_octets(settings));
  return true;
}

constexpr KindSet calendars{Kind::calendar};
constexpr KindSet homes_too{Kind::calendar, Kind::calendar_home};
constexpr KindSet books{Kind::addressbook, Kind::addressbook_home};

bool has_only(std::string_view text, std::string_view letters) {
  return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

/// `#RRGGBBAA` as Apple's clients write it, shorter as others do, or the name of a color (RFC 7986 5.9).
bool is_color(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdefABCDEF";
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (!text.starts_with('#')) return has_only(text, letters) && text.size() < 32;
  text.remove_prefix(1);
  const bool length = text.size() == 3 || text.size() == 4 || text.size() == 6 || text.size() == 8;
  return length && has_only(text, digits);
}

/// Checks the text of a value; an empty one takes the property back, as some clients write it.
std::optional<Error> check_text(const xml::Element* value, bool (*is_good)(std::string_view), const char* why) {
  if (!value) return std::nullopt;
  const auto text = value->text();
  if (value->children().empty() && (text.empty() || is_good(text))) return std::nullopt;
  return Error{condition::conflict, why};
}

std::optional<Error> check_color(const Context&, const Resource&, const xml::Element* value) {
  return check_text(value, is_color, "a color is #RRGGBB, #RRGGBBAA or a name");
}

std::optional<Error> check_order(const Context&, const Resource&, const xml::Element* value) {
  const auto is_number = [](std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return text.size() < 20 && has_only(text, "0123456789.");
  };
  return check_text(value, is_number, "the place of a calendar among others is a number");
}

std::optional<Error> check_refresh_rate(const Context&, const Resource&, const xml::Element* value) {
  const auto is_rate = [](std::string_view text) {
    return calendar::parse_duration(text).has_value() || (text.size() < 12 && has_only(text, "0123456789"));
  };
  return check_text(value, is_rate, "a refresh rate is a duration such as PT1H");
}

/// What a new event or task is reminded by: VALARM components, without anything around them.
std::optional<Error> check_alarm(const Context&, const Resource&, const xml::Element* value) {
  if (!value || (value->children().empty() && value->text().empty())) return std::nullopt;
  try {
    const auto document = content::Document::parse(value->text(), content::Dialect::icalendar);
    const auto& components = document.components();
    const auto is_alarm = [](const content::Component& component) { return component.is("VALARM"); };
    if (std::all_of(components.begin(), components.end(), is_alarm)) return std::nullopt;
  } catch (const content::Malformed&) {
  }
  return Error{condition::calendar_valid_calendar_data, "a default alarm is a VALARM"};
}

// What Apple's clients set and expect to find again as they set it, attributes included (symbolic-color).
constexpr std::array table{
    PropertyRow{ICAL, "calendar-color", calendars, false, nullptr, check_color},
    PropertyRow{ICAL, "calendar-order", calendars, false, nullptr, check_order},
    PropertyRow{ICAL, "refreshrate", calendars, false, nullptr, check_refresh_rate},
    PropertyRow{ICAL, "language-code", calendars, false, nullptr, accept_text},
    PropertyRow{ICAL, "location-code", calendars, false, nullptr, accept_text},
    PropertyRow{CALDAV, "default-alarm-vevent-datetime", homes_too, false, nullptr, check_alarm},
    PropertyRow{CALDAV, "default-alarm-vevent-date", homes_too, false, nullptr, check_alarm},
    PropertyRow{CALDAV, "default-alarm-vtodo-datetime", homes_too, false, nullptr, check_alarm},
    PropertyRow{CALDAV, "default-alarm-vtodo-date", homes_too, false, nullptr, check_alarm},
    // Of a subscribed calendar.
    PropertyRow{CS, "source", calendars, false, nullptr, accept_any},
    PropertyRow{CS, "subscribed-strip-alarms", calendars, false, nullptr, accept_any},
    PropertyRow{CS, "subscribed-strip-attachments", calendars, false, nullptr, accept_any},
    PropertyRow{CS, "subscribed-strip-todos", calendars, false, nullptr, accept_any},
    // caldav-sharing 5.2.3, and what Apple's clients show of a calendar that anybody may read.
    PropertyRow{CS, "allowed-sharing-modes", calendars, false, read_sharing_modes, nullptr},
    PropertyRow{CS, "publish-url", calendars, false, read_publish_url, nullptr},
    PropertyRow{PILEUS, published_property, calendars, false, nullptr, nullptr},
    // Which card is one's own. A refusal makes the client crash.
    PropertyRow{CS, "me-card", books, false, nullptr, accept_any},
    PropertyRow{MM, "bulk-requests", KindSet{Kind::calendar, Kind::addressbook}, false, bulk_requests, nullptr},
};

}  // namespace

std::span<const PropertyRow> apple_properties() { return table; }

}  // namespace dav
