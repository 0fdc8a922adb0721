#include "dav/calendar/filter.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

using namespace dav::calendar;
using dav::content::Collation;
using dav::content::Match;
using dav::content::Pattern;

namespace {

const TimeZones& zones() {
  static const TimeZones zones;
  return zones;
}

Object read(const std::string& text) {
  auto parsed = Object::parse(text, zones());
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) FAIL(refusal->reason << "\n" << text);
  return std::get<Object>(std::move(parsed));
}

Object object(const std::string& kind, const std::string& lines, const std::string& more = "") {
  return read("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:" + kind + "\nUID:1\nDTSTAMP:20260101T000000Z\n" + lines +
              "END:" + kind + "\n" + more + "END:VCALENDAR\n");
}

/// "20260101T10" and the like as an instant; empty for no bound.
std::optional<Seconds> instant(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::string whole = text.size() == 8 ? text + "T000000" : text + std::string("000000").substr(text.size() - 9);
  return parse_date_time(whole)->local;
}

TimeRange range(const std::string& start, const std::string& end) {
  TimeRange range;
  if (const auto bound = instant(start)) range.start = *bound;
  if (const auto bound = instant(end)) range.end = *bound;
  return range;
}

CompFilter calendar(CompFilter inner) {
  return {.name = "VCALENDAR", .range = {}, .properties = {}, .components = {std::move(inner)}};
}

CompFilter component(const std::string& name, std::optional<TimeRange> within = {}) {
  return {.name = name, .range = within, .properties = {}, .components = {}};
}

TextMatch text(const std::string& wanted, Collation collation = Collation::ascii_casemap, bool negate = false) {
  return {Pattern(wanted, collation, Match::contains), negate};
}

bool in(const Object& given, const std::string& start, const std::string& end,
        const Zone& floating = TimeZones::utc()) {
  return matches(given, calendar(component(given.component(), range(start, end))), zones(), floating);
}

bool with_property(const Object& given, PropFilter filter) {
  CompFilter inner = component(given.component());
  inner.properties.push_back(std::move(filter));
  return matches(given, calendar(inner), zones());
}

PropFilter property(const std::string& name) { return {.name = name, .range = {}, .texts = {}, .parameters = {}}; }

std::vector<Object> appendix_b() {
  std::vector<Object> objects;
  for (int i = 1; i <= 8; ++i) {
    std::ifstream file(std::string("tests/data/rfc4791/abcd") + std::to_string(i) + ".ics");
    objects.push_back(read({std::istreambuf_iterator<char>(file), {}}));
  }
  return objects;
}

/// The numbers of the objects of RFC 4791 Appendix B that match.
std::string found(const CompFilter& filter) {
  std::string numbers;
  int number = 0;
  for (const Object& each : appendix_b()) {
    ++number;
    if (matches(each, filter, zones())) numbers += std::to_string(number);
  }
  return numbers;
}

}  // namespace

// RFC 4791 7.8
TEST_CASE("the queries of RFC 4791 find what it says they find") {
  CHECK(found(component("VCALENDAR")) == "12345678");
  CHECK(found(calendar(component("VEVENT"))) == "123");                                  // 7.8.8
  CHECK(found(calendar(component("VEVENT", range("20060104", "20060105")))) == "23");    // 7.8.1 to 7.8.3
  CHECK(found(calendar(component("VFREEBUSY", range("20060102", "20060103")))) == "8");  // 7.8.4

  CompFilter with_uid = component("VEVENT");  // 7.8.6
  with_uid.properties.push_back(property("UID"));
  with_uid.properties[0].texts = {text("DC6C50A017428C5216A2F1CD@example.com", Collation::octet)};
  CHECK(found(calendar(with_uid)) == "3");

  CompFilter with_attendee = component("VEVENT");  // 7.8.7
  with_attendee.properties.push_back(property("ATTENDEE"));
  with_attendee.properties[0].texts = {text("mailto:lisa@example.com")};
  with_attendee.properties[0].parameters.push_back({.name = "PARTSTAT", .text = text("NEEDS-ACTION")});
  CHECK(found(calendar(with_attendee)) == "3");
  with_attendee.properties[0].texts = {text("mailto:cyrus@example.com")};  // the other attendee has accepted
  CHECK(found(calendar(with_attendee)).empty());

  CompFilter to_do = component("VTODO");  // 7.8.9
  to_do.properties = {property("COMPLETED"), property("STATUS")};
  to_do.properties[0].is_not_defined = true;
  to_do.properties[1].texts = {text("CANCELLED", Collation::ascii_casemap, true)};
  CHECK(found(calendar(to_do)) == "45");

  CompFilter absent = component("VTODO");
  absent.is_not_defined = true;
  CHECK(found(calendar(absent)) == "1238");
  CHECK(found(component("VCARD")).empty());
}

// RFC 4791 7.8.5
TEST_CASE("an alarm of a task without DTSTART is relative to DUE") {
  const Object task = object("VTODO",
                             "DUE;TZID=US/Eastern:20060106T120000\nBEGIN:VALARM\nACTION:AUDIO\n"
                             "TRIGGER;RELATED=START:-PT10M\nEND:VALARM\n");
  CompFilter filter = component("VTODO");
  filter.components.push_back(component("VALARM", range("20060106T10", "20060107T10")));
  CHECK(matches(task, calendar(filter), zones()));
  filter.components[0].range = range("20060106T1651", "20060107T10");
  CHECK_FALSE(matches(task, calendar(filter), zones()));
}

// RFC 4791 9.9
TEST_CASE("events overlap ranges by the table") {
  struct Case {
    const char* lines;
    const char* start;
    const char* end;
    bool overlaps;
  };
  const std::vector<Case> cases = {
      {"DTSTART:20260110T100000Z\nDTEND:20260110T110000Z\n", "20260110T11", "20260110T12", false},
      {"DTSTART:20260110T100000Z\nDTEND:20260110T110000Z\n", "20260110T1059", "20260110T12", true},
      {"DTSTART:20260110T100000Z\nDTEND:20260110T110000Z\n", "20260110T09", "20260110T10", false},
      {"DTSTART:20260110T100000Z\nDTEND:20260110T110000Z\n", "20260110T09", "20260110T1001", true},
      {"DTSTART:20260110T100000Z\nDTEND:20260110T110000Z\n", "20260110T1015", "20260110T1030", true},
      {"DTSTART:20260110T100000Z\nDTEND:20260110T110000Z\n", "", "20260110T10", false},
      {"DTSTART:20260110T100000Z\nDTEND:20260110T110000Z\n", "20260110T1059", "", true},
      {"DTSTART:20260110T100000Z\nDTEND:20260110T100000Z\n", "20260110T10", "20260110T11", true},
      {"DTSTART:20260110T100000Z\nDURATION:PT1H\n", "20260110T11", "20260110T12", false},
      {"DTSTART:20260110T100000Z\nDURATION:PT1H\n", "20260110T1059", "20260110T12", true},
      {"DTSTART:20260110T100000Z\nDURATION:PT0S\n", "20260110T10", "20260110T11", true},
      {"DTSTART:20260110T100000Z\nDURATION:PT0S\n", "20260110T09", "20260110T10", false},
      {"DTSTART:20260110T100000Z\n", "20260110T10", "20260110T11", true},
      {"DTSTART:20260110T100000Z\n", "20260110T1001", "20260110T11", false},
      {"DTSTART;VALUE=DATE:20260110\n", "20260110T2359", "20260111T10", true},
      {"DTSTART;VALUE=DATE:20260110\n", "20260111", "20260112", false},
      {"DTSTART;VALUE=DATE:20260110\nDTEND;VALUE=DATE:20260112\n", "20260111T2359", "20260113", true},
      {"DTSTART;VALUE=DATE:20260110\nDTEND;VALUE=DATE:20260112\n", "20260112", "20260113", false},
  };
  for (const Case& each : cases) {
    CAPTURE(each.lines, each.start, each.end);
    CHECK(in(object("VEVENT", each.lines), each.start, each.end) == each.overlaps);
  }
}

TEST_CASE("tasks overlap ranges by the eight rows of the table") {
  struct Case {
    const char* lines;
    const char* start;
    const char* end;
    bool overlaps;
  };
  const char* with_duration = "DTSTART:20260110T100000Z\nDURATION:PT1H\n";
  const char* with_due = "DTSTART:20260110T100000Z\nDUE:20260110T110000Z\n";
  const char* with_start = "DTSTART:20260110T100000Z\n";
  const char* due_only = "DUE:20260110T110000Z\n";
  const char* completed_and_created = "COMPLETED:20260120T000000Z\nCREATED:20260110T000000Z\n";
  const char* completed = "COMPLETED:20260120T000000Z\n";
  const char* created = "CREATED:20260110T000000Z\n";
  const std::vector<Case> cases = {
      {with_duration, "20260110T11", "20260110T12", true},  // start <= DTSTART+DURATION
      {with_duration, "20260110T1101", "20260110T12", false},
      {with_duration, "20260110T09", "20260110T10", false},
      {with_duration, "20260110T09", "20260110T1001", true},
      {with_due, "20260110T11", "20260110T12", false},
      {with_due, "20260110T1059", "20260110T12", true},
      {with_due, "20260110T09", "20260110T10", false},
      {with_due, "20260110T09", "20260110T1001", true},
      {"DTSTART:20260110T100000Z\nDUE:20260110T100000Z\n", "20260110T09", "20260110T10", true},  // end >= DUE
      {"DTSTART:20260110T100000Z\nDUE:20260110T100000Z\n", "20260110T10", "20260110T11", true},  // start <= DTSTART
      {with_start, "20260110T10", "20260110T11", true},
      {with_start, "20260110T09", "20260110T10", false},
      {due_only, "20260110T10", "20260110T11", true},  // end >= DUE
      {due_only, "20260110T11", "20260110T12", false},
      {due_only, "20260110T09", "20260110T10", false},
      {completed_and_created, "20260115", "20260116", true},  // end >= CREATED, start <= COMPLETED
      {completed_and_created, "20260121", "20260122", false},
      {completed_and_created, "20260101", "20260102", false},
      {completed, "20260120", "20260121", true},
      {completed, "20260119", "20260120", true},
      {completed, "20260121", "20260122", false},
      {created, "20260101", "20260110", false},
      {created, "20260101", "20260111", true},
      {created, "20270101", "20270102", true},
      {"", "20260101", "20260102", true},
  };
  for (const Case& each : cases) {
    CAPTURE(each.lines, each.start, each.end);
    CHECK(in(object("VTODO", each.lines), each.start, each.end) == each.overlaps);
  }
}

TEST_CASE("journals, free-busy and availability overlap ranges by their tables") {
  CHECK(in(object("VJOURNAL", "DTSTART:20260110T100000Z\n"), "20260110T10", "20260110T11"));
  CHECK_FALSE(in(object("VJOURNAL", "DTSTART:20260110T100000Z\n"), "20260110T1001", "20260110T11"));
  CHECK(in(object("VJOURNAL", "DTSTART;VALUE=DATE:20260110\n"), "20260110T23", "20260112"));
  CHECK_FALSE(in(object("VJOURNAL", "DTSTART;VALUE=DATE:20260110\n"), "20260111", "20260112"));
  CHECK_FALSE(in(object("VJOURNAL", ""), "20000101", "20990101"));

  const Object bounded = object("VFREEBUSY", "DTSTART:20260110T100000Z\nDTEND:20260110T110000Z\n");
  CHECK(in(bounded, "20260110T11", "20260110T12"));  // start <= DTEND
  CHECK_FALSE(in(bounded, "20260110T09", "20260110T10"));
  const Object periods = object("VFREEBUSY", "FREEBUSY:20260110T100000Z/PT1H,20260112T100000Z/20260112T110000Z\n");
  CHECK(in(periods, "20260110T1059", "20260110T12"));
  CHECK_FALSE(in(periods, "20260110T11", "20260112T10"));
  CHECK(in(periods, "20260112T1059", ""));
  CHECK_FALSE(in(object("VFREEBUSY", ""), "20000101", "20990101"));

  CHECK(in(object("VAVAILABILITY", ""), "20000101", "20000102"));
  const Object available = object("VAVAILABILITY", "DTSTART:20260110T100000Z\nDURATION:P1D\n");
  CHECK(in(available, "20260111T0959", "20260112"));
  CHECK_FALSE(in(available, "20260111T10", "20260112"));
}

TEST_CASE("dates and floating times are judged in the zone given") {
  const Zone& berlin = *zones().find("Europe/Berlin");
  const Object day = object("VEVENT", "DTSTART;VALUE=DATE:20260710\n");
  CHECK(in(day, "20260709T22", "20260709T23", berlin));
  CHECK_FALSE(in(day, "20260709T22", "20260709T23"));
  CHECK_FALSE(in(day, "20260710T22", "20260710T23", berlin));
  const Object floating = object("VEVENT", "DTSTART:20260710T100000\nDURATION:PT1H\n");
  CHECK(in(floating, "20260710T08", "20260710T09", berlin));
  CHECK_FALSE(in(floating, "20260710T10", "20260710T11", berlin));
  const Object zoned = object("VEVENT", "DTSTART;TZID=America/New_York:20260710T100000\nDURATION:PT1H\n");
  CHECK(in(zoned, "20260710T14", "20260710T15", berlin));
}

TEST_CASE("every occurrence is considered, and overrides take the place of theirs") {
  const Object weekly =
      object("VEVENT", "DTSTART;TZID=Europe/Berlin:20260105T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n",
             "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;TZID=Europe/Berlin:20260119T100000\n"
             "DTSTART;TZID=Europe/Berlin:20260120T120000\nDURATION:PT1H\nSUMMARY:moved\nEND:VEVENT\n");
  CHECK(in(weekly, "20260112T09", "20260112T10"));
  CHECK(in(weekly, "20990713T08", "20990713T09"));  // summer time, far beyond 2037
  CHECK_FALSE(in(weekly, "20990713T09", "20990713T10"));
  CHECK_FALSE(in(weekly, "20260119T00", "20260120T00"));
  CHECK(in(weekly, "20260120T11", "20260120T12"));
  CHECK_FALSE(in(weekly, "20260101", "20260105T09"));

  // The conditions of a comp-filter hold for one and the same component.
  CompFilter moved = component("VEVENT", range("20260120T11", "20260120T12"));
  moved.properties.push_back(property("SUMMARY"));
  moved.properties[0].texts = {text("MOVED")};
  CHECK(matches(weekly, calendar(moved), zones()));
  moved.range = range("20260112T09", "20260112T10");
  CHECK_FALSE(matches(weekly, calendar(moved), zones()));
  moved.any_of = true;
  CHECK(matches(weekly, calendar(moved), zones()));
}

TEST_CASE("alarms go off relative to start or end, at an instant, and again") {
  const auto alarm_in = [](const Object& given, const std::string& start, const std::string& end) {
    CompFilter filter = component(given.component());
    filter.components.push_back(component("VALARM", range(start, end)));
    return matches(given, calendar(filter), zones());
  };
  const auto event = [](const std::string& trigger) {
    return object(
        "VEVENT",
        "DTSTART:20260110T100000Z\nDTEND:20260110T110000Z\nRRULE:FREQ=DAILY;COUNT=3\nBEGIN:VALARM\nACTION:DISPLAY\n" +
            trigger + "END:VALARM\n");
  };
  CHECK(alarm_in(event("TRIGGER:-PT15M\n"), "20260112T0945", "20260112T0946"));
  CHECK_FALSE(alarm_in(event("TRIGGER:-PT15M\n"), "20260113T0945", "20260113T0946"));
  CHECK_FALSE(alarm_in(event("TRIGGER:-PT15M\n"), "20260112T0946", "20260112T0950"));
  CHECK(alarm_in(event("TRIGGER;RELATED=END:PT5M\n"), "20260111T1105", "20260111T1106"));
  CHECK(alarm_in(event("TRIGGER:-P30D\n"), "20251211T10", "20251211T11"));
  CHECK(alarm_in(event("TRIGGER;VALUE=DATE-TIME:20250101T000000Z\n"), "20250101", "20250102"));
  CHECK_FALSE(alarm_in(event("TRIGGER;VALUE=DATE-TIME:20250101T000000Z\n"), "20260110", "20260112"));
  CHECK(alarm_in(event("TRIGGER:PT0S\nREPEAT:2\nDURATION:PT1H\n"), "20260110T1130", "20260110T1230"));
  CHECK_FALSE(alarm_in(event("TRIGGER:PT0S\nREPEAT:2\nDURATION:PT1H\n"), "20260110T1201", "20260110T2300"));
}

TEST_CASE("property filters look at existence, text, parameters and time") {
  const Object event =
      object("VEVENT",
             "DTSTART:20260110T100000Z\nDURATION:PT1H\nSUMMARY:Caf\xC3\xA9\\, bar\nCATEGORIES:A\nCATEGORIES:B\n"
             "ATTENDEE;PARTSTAT=ACCEPTED;CN=Ada:mailto:ada@x\nLAST-MODIFIED:20260105T000000Z\n");
  const auto with_text = [](const std::string& name, TextMatch match) {
    PropFilter filter = property(name);
    filter.texts.push_back(std::move(match));
    return filter;
  };
  CHECK(with_property(event, property("summary")));
  CHECK_FALSE(with_property(event, property("LOCATION")));
  PropFilter absent = property("LOCATION");
  absent.is_not_defined = true;
  CHECK(with_property(event, absent));
  CHECK(with_property(event, with_text("SUMMARY", text("\xC3\xA9, BAR"))));
  CHECK_FALSE(with_property(event, with_text("SUMMARY", text("\xC3\x89, BAR"))));  // ASCII alone is folded
  CHECK(with_property(event, with_text("SUMMARY", text("CAF\xC3\x89", Collation::unicode_casemap))));
  CHECK_FALSE(with_property(event, with_text("SUMMARY", text("caf", Collation::octet))));
  CHECK(with_property(event, with_text("CATEGORIES", text("b"))));
  CHECK_FALSE(with_property(event, with_text("SUMMARY", text("bar", Collation::ascii_casemap, true))));

  PropFilter attendee = property("ATTENDEE");
  attendee.parameters.push_back({.name = "CN", .text = text("ada")});
  CHECK(with_property(event, attendee));
  attendee.parameters.push_back({.name = "ROLE", .text = {}});
  CHECK_FALSE(with_property(event, attendee));
  attendee.any_of = true;
  CHECK(with_property(event, attendee));
  attendee.any_of = false;
  attendee.parameters[1].is_not_defined = true;
  CHECK(with_property(event, attendee));

  const auto with_range = [](const std::string& name, TimeRange within) {
    PropFilter filter = property(name);
    filter.range = within;
    return filter;
  };
  CHECK(with_property(event, with_range("LAST-MODIFIED", range("20260105", "20260106"))));
  CHECK_FALSE(with_property(event, with_range("LAST-MODIFIED", range("20260106", ""))));
  CHECK(with_property(event, with_range("DTSTART", range("20260110T10", "20260110T11"))));
  CHECK(with_property(event, with_range("DTEND", range("20260110T11", "20260110T12"))));  // DTSTART+DURATION
  CHECK_FALSE(with_property(event, with_range("DTEND", range("20260110T10", "20260110T11"))));
  CHECK_FALSE(with_property(event, with_range("SUMMARY", range("20000101", ""))));

  PropFilter several = property("SUMMARY");
  several.texts = {text("bar"), text("caf")};
  CHECK(with_property(event, several));
  several.texts.push_back(text("tea"));
  CHECK_FALSE(with_property(event, several));
  several.any_of = true;
  CHECK(with_property(event, several));
}

// RFC 4791 9.9
TEST_CASE("a time range can be asked of every property with a date") {
  const Object event = object("VEVENT",
                              "DTSTART:20260110T100000Z\nDTEND:20260110T110000Z\nRRULE:FREQ=DAILY;COUNT=9\n"
                              "EXDATE:20260112T100000Z,20260114T100000Z\nCREATED:20260101T000000Z\n"
                              "RDATE;VALUE=PERIOD:20260201T100000Z/PT3H\nX-SEEN;TZID=Europe/Berlin:20260301T010000\n");
  const auto has = [&](const Object& given, const std::string& name, const std::string& start, const std::string& end) {
    PropFilter filter = property(name);
    filter.range = range(start, end);
    return with_property(given, filter);
  };
  struct Case {
    const char* name;
    const char* start;
    const char* end;
    bool holds;
  };
  const std::vector<Case> cases = {
      {"DTSTART", "20260118T10", "20260118T1001", true},
      {"DTSTART", "20260112T10", "20260112T1001", false},
      {"DTEND", "20260118T11", "20260118T1101", true},
      {"DTEND", "20260119T00", "", true},
      {"DTEND", "20260202T00", "", false},
      {"DTSTAMP", "20260101", "20260102", true},
      {"CREATED", "20260101", "20260102", true},
      {"CREATED", "20251231", "20260101", false},
      {"EXDATE", "20260114T10", "20260114T11", true},
      {"EXDATE", "20260113", "20260114", false},
      {"RDATE", "20260201T1259", "20260201T14", true},
      {"RDATE", "20260201T13", "20260201T14", false},
      {"X-SEEN", "20260301T00", "20260301T0001", true},
      {"X-SEEN", "20260301T01", "", false},
      {"UID", "20000101", "", false},
      {"LOCATION", "20000101", "", false},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name, each.start, each.end);
    CHECK(has(event, each.name, each.start, each.end) == each.holds);
  }
  const Object task = object("VTODO", "DTSTART:20260110T100000Z\nDURATION:PT1H\nCOMPLETED:20260111T000000Z\n");
  CHECK(has(task, "DUE", "20260110T11", "20260110T12"));
  CHECK(has(task, "COMPLETED", "20260111", "20260112"));
  CHECK_FALSE(has(task, "DTEND", "20260110T11", "20260110T12"));
}

TEST_CASE("queries on hostile rules end") {
  const Object never = object("VEVENT", "DTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY;INTERVAL=2;BYSECOND=1\n");
  CHECK_FALSE(in(never, "20300101", "20300102"));
  const Object always = object("VEVENT", "DTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY\n");
  CHECK(in(always, "20300101", "20300102"));
  const Object often = object("VEVENT", "DTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY;COUNT=999999999\n");
  CHECK(in(often, "20260101T01", "20260102"));
}
