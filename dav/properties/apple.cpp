#include <array>

#include "dav/properties/tables.h"
#include "dav/properties/values.h"

namespace dav {

namespace {

constexpr std::string_view CALDAV = condition::CALDAV;
constexpr std::string_view CS = condition::CS;
constexpr std::string_view ICAL = "http://apple.com/ns/ical/";

constexpr KindSet calendars{Kind::calendar};
constexpr KindSet homes_too{Kind::calendar, Kind::calendar_home};
constexpr KindSet books{Kind::addressbook, Kind::addressbook_home};

// What Apple's clients set and expect to find again as they set it, attributes included (symbolic-color).
constexpr std::array table{
    PropertyRow{ICAL, "calendar-color", calendars, false, nullptr, accept_text},
    PropertyRow{ICAL, "calendar-order", calendars, false, nullptr, accept_text},
    PropertyRow{ICAL, "refreshrate", calendars, false, nullptr, accept_text},
    PropertyRow{ICAL, "language-code", calendars, false, nullptr, accept_text},
    PropertyRow{ICAL, "location-code", calendars, false, nullptr, accept_text},
    PropertyRow{CALDAV, "default-alarm-vevent-datetime", homes_too, false, nullptr, accept_text},
    PropertyRow{CALDAV, "default-alarm-vevent-date", homes_too, false, nullptr, accept_text},
    PropertyRow{CALDAV, "default-alarm-vtodo-datetime", homes_too, false, nullptr, accept_text},
    PropertyRow{CALDAV, "default-alarm-vtodo-date", homes_too, false, nullptr, accept_text},
    // Of a subscribed calendar.
    PropertyRow{CS, "source", calendars, false, nullptr, accept_any},
    PropertyRow{CS, "subscribed-strip-alarms", calendars, false, nullptr, accept_any},
    PropertyRow{CS, "subscribed-strip-attachments", calendars, false, nullptr, accept_any},
    PropertyRow{CS, "subscribed-strip-todos", calendars, false, nullptr, accept_any},
    // Which card is one's own. A refusal makes the client crash.
    PropertyRow{CS, "me-card", books, false, nullptr, accept_any},
};

}  // namespace

std::span<const PropertyRow> apple_properties() { return table; }

}  // namespace dav
