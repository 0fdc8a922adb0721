#include "dav/calendar/object.h"

#include <catch2/catch.hpp>

#include "dav/calendar/rule.h"

using namespace dav::calendar;

namespace {

const TimeZones& zones() {
  static const TimeZones zones;
  return zones;
}

std::string calendar(const std::string& parts) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + parts + "END:VCALENDAR\r\n";
}

std::string component(const std::string& name, const std::string& lines) {
  return "BEGIN:" + name + "\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n" + lines + "END:" + name + "\r\n";
}

std::string event(const std::string& lines) { return component("VEVENT", lines); }
std::string todo(const std::string& lines) { return component("VTODO", lines); }

const char* name_of(Precondition precondition) {
  switch (precondition) {
    case Precondition::supported_calendar_data:
      return "supported-calendar-data";
    case Precondition::valid_calendar_data:
      return "valid-calendar-data";
    case Precondition::valid_calendar_object_resource:
      return "valid-calendar-object-resource";
    case Precondition::supported_calendar_component:
      return "supported-calendar-component";
    case Precondition::supported_rscale:
      return "supported-rscale";
    case Precondition::max_resource_size:
      return "max-resource-size";
    case Precondition::min_date_time:
      return "min-date-time";
    case Precondition::max_date_time:
      return "max-date-time";
    case Precondition::max_instances:
      return "max-instances";
    case Precondition::max_attendees_per_instance:
      return "max-attendees-per-instance";
  }
  return "";
}

/// "precondition line: reason"; "accepted" if there is none.
std::string refusal(const std::string& text) {
  const auto parsed = Object::parse(text, zones());
  const auto* refused = std::get_if<Refusal>(&parsed);
  if (refused == nullptr) return "accepted";
  return std::string(name_of(refused->precondition)) + " " + std::to_string(refused->line) + ": " + refused->reason;
}

std::string valid(const std::string& rest) { return "valid-calendar-data " + rest; }
std::string resource(const std::string& rest) { return "valid-calendar-object-resource " + rest; }

const std::string start = "DTSTART:20260101T100000Z\r\n";

}  // namespace

TEST_CASE("an object is read, its octets kept, its facts known") {
  const std::string text =
      calendar(event("DTSTART;TZID=Europe/"
                     "Berlin:20260101T100000\r\nRRULE:FREQ=DAILY\r\nORGANIZER:mailto:o@x\r\nATTENDEE:mailto:a@x\r\n") +
               event("RECURRENCE-ID;TZID=Europe/Berlin:20260102T100000\r\n" + start +
                     "ATTENDEE:mailto:a@x\r\nATTENDEE:mailto:b@x\r\n"));
  const auto parsed = Object::parse(text, zones());
  REQUIRE(std::holds_alternative<Object>(parsed));
  const auto& object = std::get<Object>(parsed);
  CHECK(object.bytes() == text);
  CHECK(object.uid() == "1");
  CHECK(object.component() == "VEVENT");
  CHECK(object.parts().size() == 2);
  CHECK(object.master() == object.parts().front());
  CHECK(object.organizer() == "mailto:o@x");
  CHECK(object.attendees() == 2);
}

TEST_CASE("what real clients write is accepted") {
  const std::vector<std::string> cases = {
      "\xEF\xBB\xBF" + calendar(event(start)),
      "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART:20260101T100000\nEND:VEVENT\nEND:VCALENDAR",
      "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260101T100000\nEND:VEVENT\nEND:VCALENDAR",
      calendar(event("DTSTART;TZID=W. Europe Standard Time:20260101T100000\r\n")),
      calendar(event("DTSTART;TZID=\"Eastern Standard Time\":20260101T100000\r\n")),
      calendar(event("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260101T100000\r\n")),
      calendar(event("DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20260101T100000\r\n")),
      calendar(event(start + "RRULE:FREQ=WEEKLY;INTERVAL=0;BYDAY=MO\r\n")),
      calendar(event(start + "DTEND:20260101T100000Z\r\n")),
      calendar(event("DTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20260101\r\n")),
      calendar(event("DTSTART:20260101\r\n")),
      calendar(
          event(start + "SUMMARY:\xC3\r\n \xA4\r\nX-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\r\nX-FOO;X-BAR=1:\r\n")),
      calendar(event(start + "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n")),
      calendar(
          event(start + "BEGIN:VALARM\r\nACTION:NONE\r\nTRIGGER;VALUE=DATE-TIME:19760401T005545Z\r\nEND:VALARM\r\n")),
      calendar(event(start + "BEGIN:PARTICIPANT\r\nUID:p\r\nEND:PARTICIPANT\r\n")),
      calendar(event(start) + "BEGIN:X-OTHER\r\nX:1\r\nEND:X-OTHER\r\n"),
      calendar("BEGIN:X-OTHER\r\nUID:2\r\nEND:X-OTHER\r\n" + event(start)),
      calendar(todo("DUE;VALUE=DATE:20260101\r\nRRULE:FREQ=DAILY\r\n")),
      calendar(todo("DTSTART:20260102T000000\r\nDUE:20260101T000000\r\n")),
      calendar(todo("")),
      calendar(component("VJOURNAL", "")),
      calendar(component("VFREEBUSY", "FREEBUSY:20260101T000000Z/PT1H,20260102T000000Z/20260102T010000Z\r\n")),
      calendar(component("VAVAILABILITY", "BEGIN:AVAILABLE\r\nUID:2\r\n" + start + "END:AVAILABLE\r\n")),
      calendar(
          event(start + "RDATE;VALUE=PERIOD:20260105T100000Z/PT2H\r\nEXDATE:20260101T100000Z,20260102T100000Z\r\n")),
      // A VTIMEZONE from 1601 for a Windows zone; one whose name only it knows; one with nonsense for a known zone.
      calendar("BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n"
               "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\n"
               "END:STANDARD\r\nEND:VTIMEZONE\r\n" +
               event("DTSTART;TZID=W. Europe Standard Time:20260101T100000\r\n")),
      calendar("BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0130\r\n"
               "TZOFFSETTO:+0130\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" +
               event("DTSTART;TZID=Mine:20260101T100000\r\n")),
      calendar("BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nEND:VTIMEZONE\r\n" +
               event("DTSTART;TZID=Europe/Paris:20260101T100000\r\n")),
      // Different zones: earlier on the clock, later in time.
      calendar(event("DTSTART;TZID=Europe/Berlin:20260101T100000\r\nDTEND;TZID=America/New_York:20260101T080000\r\n")),
      // Only overrides.
      calendar(event("RECURRENCE-ID:20260101T100000Z\r\n" + start) +
               event("RECURRENCE-ID:20260102T100000Z\r\n" + start)),
  };
  for (const std::string& text : cases) {
    CAPTURE(text);
    CHECK(refusal(text) == "accepted");
  }
}

TEST_CASE("what is no valid object is refused with precondition, line and reason") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"hello", valid("1: no ':' after the property name")},
      {"BEGIN:VCARD\nEND:VCARD\n", valid("1: BEGIN:VCALENDAR is expected")},
      {calendar(event(start)) + calendar(event(start)), valid("10: more than one VCALENDAR")},
      {"BEGIN:VCALENDAR\nVERSION:1.0\nEND:VCALENDAR\n", "supported-calendar-data 2: VERSION is not 2.0"},
      {calendar("CALSCALE:HEBREW\r\n" + event(start)), valid("4: CALSCALE is not GREGORIAN")},
      {calendar("METHOD:REQUEST\r\n" + event(start)), resource("4: METHOD is not allowed in a calendar")},
      {calendar(""), resource("0: no calendar component")},
      {calendar("BEGIN:VALARM\r\nUID:1\r\nACTION:AUDIO\r\nTRIGGER:PT0S\r\nEND:VALARM\r\n"),
       resource("0: no calendar component")},
      {calendar("BEGIN:VEVENT\r\n" + start + "END:VEVENT\r\n"), valid("4: VEVENT has no UID")},
      {calendar(event("")), valid("4: VEVENT has no DTSTART")},
      {calendar(event(start + start)), valid("8: DTSTART stands twice")},
      {calendar(event("DTSTART:2026-01-01\r\n")), valid("7: DTSTART is no date or date-time of its VALUE type")},
      {calendar(event("DTSTART:20260230T000000Z\r\n")), valid("7: DTSTART is no date or date-time of its VALUE type")},
      {calendar(event("DTSTART;VALUE=DATE:20260101T000000\r\n")),
       valid("7: DTSTART is no date or date-time of its VALUE type")},
      {calendar(event("DTSTART;VALUE=DATE-TIME:20260101\r\n")),
       valid("7: DTSTART is no date or date-time of its VALUE type")},
      {calendar(event(start + "DTEND:20260101T095959Z\r\n")), valid("8: DTEND lies before DTSTART")},
      {calendar(event("DTSTART;TZID=America/New_York:20260101T100000\r\nDTEND;TZID=Europe/Berlin:20260101T110000\r\n")),
       valid("8: DTEND lies before DTSTART")},
      {calendar(event(start + "DTEND;VALUE=DATE:20260102\r\n")),
       valid("8: DTEND and DTSTART are of different value types")},
      {calendar(event(start + "DURATION:PT1H\r\nDTEND:20260101T110000Z\r\n")),
       valid("8: DURATION together with DTEND")},
      {calendar(event(start + "DURATION:-PT1H\r\n")), valid("8: DURATION is negative")},
      {calendar(event(start + "DURATION:1H\r\n")), valid("8: DURATION is no duration")},
      {calendar(todo("DURATION:PT1H\r\n")), valid("7: DURATION without DTSTART")},
      {calendar(todo("RRULE:FREQ=DAILY\r\n")), valid("7: RRULE without DTSTART")},
      {calendar(todo("PERCENT-COMPLETE:half\r\n")), valid("7: PERCENT-COMPLETE is no integer")},
      {calendar(event(start + "RRULE:FREQ=SOMETIMES\r\n")),
       valid("8: RRULE is no recurrence rule: bad FREQ: SOMETIMES")},
      {calendar(event("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=HOURLY\r\n")),
       valid("8: RRULE repeats within a day, but DTSTART is a DATE")},
      {calendar(event(start + "RRULE:FREQ=YEARLY;RSCALE=KLINGON\r\n")),
       "supported-rscale 8: RRULE is no recurrence rule: RSCALE is not supported: KLINGON"},
      {calendar(event(start + "EXDATE:yesterday\r\n")),
       valid("8: EXDATE is no list of dates or date-times of its VALUE type")},
      {calendar(event(start + "RDATE;VALUE=PERIOD:20260101T000000Z\r\n")), valid("8: RDATE is no list of periods")},
      {calendar(event("DTSTART;TZID=Nowhere/Land:20260101T100000\r\n")),
       valid("7: no VTIMEZONE for TZID Nowhere/Land")},
      {calendar(event("DTSTART;TZID=../../etc/passwd:20260101T100000\r\n")),
       valid("7: no VTIMEZONE for TZID ../../etc/passwd")},
      {calendar("BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETTO:+0130\r\n"
                "END:STANDARD\r\nEND:VTIMEZONE\r\n" +
                event(start)),
       valid("6: STANDARD has no TZOFFSETFROM")},
      {calendar(event(start + "BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\n")), valid("8: VALARM has no TRIGGER")},
      {calendar(event(start + "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:soon\r\nEND:VALARM\r\n")),
       valid("10: TRIGGER is neither a duration nor a date-time")},
      {calendar(event(start) + todo("")), resource("9: more than one kind of component: VEVENT and VTODO")},
      {calendar(event(start) + "BEGIN:VEVENT\r\nUID:2\r\n" + start + "END:VEVENT\r\n"),
       resource("10: more than one UID")},
      {calendar(event(start) + event(start)), resource("9: more than one VEVENT without RECURRENCE-ID")},
      {calendar(event("RECURRENCE-ID:20260101T100000Z\r\n" + start) +
                event("RECURRENCE-ID:20260101T100000Z\r\n" + start)),
       resource("13: two components with the same RECURRENCE-ID")},
      {calendar(event(start) + event("RECURRENCE-ID;VALUE=DATE:20260101\r\n" + start)),
       resource("12: RECURRENCE-ID is not of the value type of DTSTART")},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(refusal(text) == expected);
  }
}

TEST_CASE("an object obeys the limits of its calendar or is refused") {
  const auto check = [](const std::string& text, const ObjectLimits& limits) {
    const auto parsed = Object::parse(text, zones());
    const auto refused = std::get<Object>(parsed).obey(limits);
    return refused ? std::string(name_of(refused->precondition)) : "accepted";
  };
  const std::string text = calendar(event(start + "ATTENDEE:a\r\nATTENDEE:b\r\n"));
  CHECK(check(text, {}) == "accepted");
  CHECK(check(text, {.components = {"VTODO", "vevent"}}) == "accepted");
  CHECK(check(text, {.components = {"VTODO"}}) == "supported-calendar-component");
  CHECK(check(text, {.components = {}, .max_resource_size = text.size()}) == "accepted");
  CHECK(check(text, {.components = {}, .max_resource_size = text.size() - 1}) == "max-resource-size");
  ObjectLimits limits;
  limits.max_attendees_per_instance = 1;
  CHECK(check(text, limits) == "max-attendees-per-instance");
  limits = {};
  limits.min_date_time = from_civil({.year = 2027});
  CHECK(check(text, limits) == "min-date-time");
  limits = {};
  limits.max_date_time = from_civil({.year = 2026});
  CHECK(check(text, limits) == "max-date-time");
}

TEST_CASE("recurrence rules are read or refused with a reason") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"FREQ=DAILY", ""},
      {"byday=mo,-1fr;freq=monthly", ""},
      {"FREQ=DAILY;", ""},
      {"FREQ=DAILY;X-PART=1", ""},
      {"FREQ=YEARLY;RSCALE=GREGORIAN;SKIP=OMIT", ""},
      {"", "no FREQ"},
      {"INTERVAL=1", "no FREQ"},
      {"FREQ", "no '=' in FREQ"},
      {"FREQ=DAILY;FREQ=DAILY", "FREQ twice"},
      {"FREQ=DAILY;INTERVAL=-1", "bad INTERVAL: -1"},
      {"FREQ=DAILY;COUNT=0", "bad COUNT: 0"},
      {"FREQ=DAILY;COUNT=2;UNTIL=20260101", "COUNT and UNTIL together"},
      {"FREQ=DAILY;UNTIL=soon", "bad UNTIL: SOON"},
      {"FREQ=DAILY;BYHOUR=24", "bad number in BYHOUR: 24"},
      {"FREQ=DAILY;BYHOUR=", "bad number in BYHOUR: "},
      {"FREQ=DAILY;BYMONTH=-1", "bad number in BYMONTH: -1"},
      {"FREQ=MONTHLY;BYMONTHDAY=0", "bad number in BYMONTHDAY: 0"},
      {"FREQ=MONTHLY;BYDAY=0MO", "bad number in BYDAY: 0MO"},
      {"FREQ=MONTHLY;BYDAY=XX", "no weekday: XX"},
      {"FREQ=WEEKLY;BYDAY=1MO", "BYDAY with a number needs FREQ=MONTHLY or YEARLY"},
      {"FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY with FREQ=WEEKLY"},
      {"FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY with FREQ=DAILY, WEEKLY or MONTHLY"},
      {"FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO without FREQ=YEARLY"},
      {"FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY with a number together with BYWEEKNO"},
      {"FREQ=DAILY;BYSETPOS=1", "BYSETPOS without another BY part"},
      {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no month of BYMONTH has a day of BYMONTHDAY"},
      {"FREQ=DAILY;BYFOO=1", "unknown part BYFOO"},
      {"BYMONTH=5L;FREQ=YEARLY;RSCALE=hebrew;SKIP=forward", ""},
      {"FREQ=YEARLY;RSCALE=ISLAMICC;BYMONTH=13", ""},
      {"FREQ=YEARLY;RSCALE=KLINGON", "RSCALE is not supported: KLINGON"},
      {"FREQ=YEARLY;SKIP=OMIT", "SKIP without RSCALE"},
      {"FREQ=YEARLY;RSCALE=HEBREW;SKIP=SIDEWAYS", "bad SKIP: SIDEWAYS"},
      {"FREQ=YEARLY;RSCALE=HEBREW;BYMONTH=14", "bad number in BYMONTH: 14"},
      {"FREQ=YEARLY;RSCALE=HEBREW;BYMONTHDAY=5L", "bad number in BYMONTHDAY: 5L"},
      {"FREQ=YEARLY;BYMONTH=5L", "bad number in BYMONTH: 5L"},
      {"FREQ=YEARLY;BYMONTH=13", "bad number in BYMONTH: 13"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const auto rule = parse_rule(text);
    const auto* reason = std::get_if<std::string>(&rule);
    CHECK((reason == nullptr ? "" : *reason) == expected);
  }
}
