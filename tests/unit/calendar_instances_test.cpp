#include "dav/calendar/instances.h"
#include "dav/calendar/span.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace dav::calendar;

namespace {

const TimeZones& zones() {
  static const TimeZones zones;
  return zones;
}

std::string component(const std::string& lines, const std::string& kind = "VEVENT") {
  return "BEGIN:" + kind + "\nUID:1\n" + lines + "END:" + kind + "\n";
}

/// "start/end [id]" of each occurrence in the range, in order, as UTC without date punctuation.
std::vector<std::string> occurrences(const std::string& components, const std::string& from = "20260101T000000Z",
                                     const std::string& to = "20270101T000000Z", const char* floating = "UTC") {
  auto parsed = Object::parse("BEGIN:VCALENDAR\nVERSION:2.0\n" + components + "END:VCALENDAR\n", zones());
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) FAIL(refusal->reason);
  const Object object = std::get<Object>(std::move(parsed));
  const ZoneScope scope(zones(), object.calendar(), *zones().find(floating));
  Budget budget;
  std::vector<Instance> found;
  Instances(object, scope)
      .for_each({parse_date_time(from)->local, parse_date_time(to)->local}, budget, [&](const Instance& each) {
        found.push_back(each);
        return true;
      });
  std::sort(found.begin(), found.end(), [](const Instance& a, const Instance& b) { return a.start_utc < b.start_utc; });
  std::vector<std::string> texts;
  for (const Instance& each : found) {
    std::string text = print_utc(each.start_utc) + "/" + print_utc(each.end_utc);
    if (each.id) text += " " + print(*each.id);
    if (const auto* summary = each.part->find("SUMMARY")) text += " " + std::string(summary->value);
    texts.push_back(text);
  }
  return texts;
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("an occurrence keeps its clock time when the clocks change") {
  CHECK(occurrences(component("DTSTART;TZID=Europe/Berlin:20260327T100000\nDTEND;TZID=Europe/Berlin:20260327T110000\n"
                              "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3\n")) ==
        List{"20260327T090000Z/20260327T100000Z 20260327T100000", "20260329T080000Z/20260329T090000Z 20260329T100000",
             "20260331T080000Z/20260331T090000Z 20260331T100000"});
}

TEST_CASE("an hour that the clock leaps over is no second occurrence beside the next") {
  CHECK(occurrences(
            component("DTSTART;TZID=America/St_Johns:20150308T010000\nDURATION:PT30M\nRRULE:FREQ=HOURLY;COUNT=4\n"),
            "20150308T000000Z", "20150309T000000Z") == List{"20150308T043000Z/20150308T050000Z 20150308T010000",
                                                            "20150308T053000Z/20150308T060000Z 20150308T020000",
                                                            "20150308T063000Z/20150308T070000Z 20150308T040000"});
}

// RFC 5545 3.8.5.3: exact duration by DTEND, nominal by DURATION.
TEST_CASE("durations are exact by DTEND and nominal by DURATION") {
  const std::string start = "DTSTART;TZID=Europe/Berlin:20260327T100000\nRRULE:FREQ=DAILY;COUNT=2\n";
  CHECK(occurrences(component(start + "DTEND;TZID=Europe/Berlin:20260328T100000\n")).back() ==
        "20260328T090000Z/20260329T090000Z 20260328T100000");
  CHECK(occurrences(component(start + "DURATION:P1D\n")).back() == "20260328T090000Z/20260329T080000Z 20260328T100000");
  CHECK(occurrences(component(start + "DURATION:PT24H\n")).back() ==
        "20260328T090000Z/20260329T090000Z 20260328T100000");
}

TEST_CASE("RDATE adds, with a period its own length; EXDATE takes away, in any form") {
  CHECK(occurrences(component(
            "DTSTART:20260105T100000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=5\n"
            "RDATE:20260106T100000Z,20260112T100000Z\nRDATE;VALUE=PERIOD:20260107T100000Z/PT3H\n"
            "RDATE;VALUE=PERIOD;TZID=Europe/Berlin:20260108T100000/20260108T100500\n"
            "EXDATE;TZID=Europe/Berlin:20260119T110000\nEXDATE;VALUE=DATE:20260126\nEXDATE:20260105T100000Z\n")) ==
        List{"20260106T100000Z/20260106T110000Z 20260106T100000Z", "20260107T100000Z/20260107T130000Z 20260107T100000Z",
             "20260108T090000Z/20260108T090500Z 20260108T100000", "20260112T100000Z/20260112T110000Z 20260112T100000Z",
             "20260202T100000Z/20260202T110000Z 20260202T100000Z"});
}

// RFC 2445 4.8.5.2: obsolete, and still met.
TEST_CASE("EXRULE takes away what it makes") {
  CHECK(occurrences(component("DTSTART:20260105T100000Z\nRRULE:FREQ=DAILY;COUNT=6\nEXRULE:FREQ=DAILY;INTERVAL=2\n")) ==
        List{"20260106T100000Z/20260106T100000Z 20260106T100000Z", "20260108T100000Z/20260108T100000Z 20260108T100000Z",
             "20260110T100000Z/20260110T100000Z 20260110T100000Z"});
  // DTSTART stays unless the rule makes it.
  CHECK(
      occurrences(component("DTSTART:20260105T100000Z\nRRULE:FREQ=DAILY;COUNT=3\nEXRULE:FREQ=WEEKLY;BYDAY=TU,WE\n")) ==
      List{"20260105T100000Z/20260105T100000Z 20260105T100000Z"});
}

TEST_CASE("UNTIL holds in every form") {
  const std::string zoned = "DTSTART;TZID=America/New_York:20260101T200000\nRRULE:FREQ=DAILY;UNTIL=";
  CHECK(occurrences(component(zoned + "20260103T010000Z\n")).size() == 2);  // the second is at 01:00Z of the 3rd
  CHECK(occurrences(component(zoned + "20260103T005959Z\n")).size() == 1);
  CHECK(occurrences(component(zoned + "20260103\n")).size() == 3);
  CHECK(occurrences(component(zoned + "20260102T200000\n")).size() == 2);
  CHECK(occurrences(component("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;UNTIL=20260103\n")).size() == 3);
  CHECK(occurrences(component("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;UNTIL=20260103T000000Z\n")).size() == 3);
  CHECK(occurrences(component("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;UNTIL=20260102T230000Z\n"),
                    "20251231T000000Z", "20270101T000000Z", "Europe/Berlin")
            .size() == 3);
}

TEST_CASE("overrides replace their occurrence, also if the rule doesn't make it") {
  const std::string master = component("DTSTART:20260105T100000Z\nRRULE:FREQ=WEEKLY;COUNT=2\nSUMMARY:a\n");
  CHECK(
      occurrences(master +
                  component("RECURRENCE-ID:20260112T100000Z\nDTSTART:20260113T080000Z\nDURATION:PT2H\nSUMMARY:b\n")) ==
      List{"20260105T100000Z/20260105T100000Z 20260105T100000Z a",
           "20260113T080000Z/20260113T100000Z 20260112T100000Z b"});
  CHECK(
      occurrences(master +
                  component("RECURRENCE-ID;TZID=Europe/Berlin:20260112T110000\nDTSTART:20260113T080000Z\nSUMMARY:b\n"))
          .size() == 2);
  CHECK(
      occurrences(master + component("RECURRENCE-ID:20260301T100000Z\nDTSTART:20260301T100000Z\nSUMMARY:b\n")).size() ==
      3);
  // Moved into the range from far outside, without a master.
  CHECK(occurrences(component("RECURRENCE-ID:20300101T100000Z\nDTSTART:20260113T080000Z\nSUMMARY:b\n")) ==
        List{"20260113T080000Z/20260113T080000Z 20300101T100000Z b"});
}

// RFC 5545 3.2.13
TEST_CASE("THISANDFUTURE moves all that follow") {
  const std::string master =
      component("DTSTART:20260105T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:a\n");
  const std::string later = component(
      "RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T100000Z\nDTSTART:20260108T120000Z\nDURATION:PT2H\nSUMMARY:b\n");
  const std::string single = component("RECURRENCE-ID:20260108T100000Z\nDTSTART:20260108T180000Z\nSUMMARY:c\n");
  CHECK(occurrences(master + later + single) == List{"20260105T100000Z/20260105T110000Z 20260105T100000Z a",
                                                     "20260106T100000Z/20260106T110000Z 20260106T100000Z a",
                                                     "20260108T120000Z/20260108T140000Z 20260107T100000Z b",
                                                     "20260108T180000Z/20260108T180000Z 20260108T100000Z c",
                                                     "20260110T120000Z/20260110T140000Z 20260109T100000Z b"});
  // Found by where it is, not by where it was.
  CHECK(occurrences(master + later, "20260110T123000Z", "20260110T124000Z") ==
        List{"20260110T120000Z/20260110T140000Z 20260109T100000Z b"});
}

TEST_CASE("several rules give one set") {
  CHECK(
      occurrences(component(
          "DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;INTERVAL=2;COUNT=4\nRRULE:FREQ=DAILY;INTERVAL=3;COUNT=3\n")) ==
      List{"20260105T000000Z/20260106T000000Z 20260105", "20260107T000000Z/20260108T000000Z 20260107",
           "20260108T000000Z/20260109T000000Z 20260108", "20260109T000000Z/20260110T000000Z 20260109",
           "20260111T000000Z/20260112T000000Z 20260111"});
}

TEST_CASE("long occurrences are found from inside") {
  const std::string monthly = component("DTSTART:20200115T000000Z\nDURATION:P20D\nRRULE:FREQ=MONTHLY\n");
  CHECK(occurrences(monthly, "20260203T000000Z", "20260203T010000Z") ==
        List{"20260115T000000Z/20260204T000000Z 20260115T000000Z"});
}

TEST_CASE("a recurring task may have DUE alone") {
  CHECK(occurrences(component("DUE;VALUE=DATE:20260105\nRRULE:FREQ=WEEKLY;COUNT=2\n", "VTODO")) ==
        List{"20260105T000000Z/20260105T000000Z 20260105", "20260112T000000Z/20260112T000000Z 20260112"});
}

TEST_CASE("zones that only a VTIMEZONE describes are followed, for ever") {
  const auto zone = [](const std::string& parts) { return "BEGIN:VTIMEZONE\nTZID:Mine\n" + parts + "END:VTIMEZONE\n"; };
  const auto part = [](const std::string& kind, const std::string& start, const std::string& from,
                       const std::string& to, const std::string& more) {
    return "BEGIN:" + kind + "\nDTSTART:" + start + "\nTZOFFSETFROM:" + from + "\nTZOFFSETTO:" + to + "\n" + more +
           "END:" + kind + "\n";
  };
  const auto at = [&](const std::string& parts, const std::string& local) {
    const auto text = occurrences(zone(parts) + component("DTSTART;TZID=Mine:" + local + "\n"), "00010101T000000Z",
                                  "99990101T000000Z");
    return text.at(0).substr(0, 16);
  };
  // Outlook's, from 1601, under a name of its own.
  const std::string from_1601 =
      part("STANDARD", "16011028T030000", "+0200", "+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n") +
      part("DAYLIGHT", "16010325T020000", "+0100", "+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\n");
  CHECK(at(from_1601, "20260115T120000") == "20260115T110000Z");
  CHECK(at(from_1601, "20260715T120000") == "20260715T100000Z");
  CHECK(at(from_1601, "20260329T023000") == "20260329T013000Z");
  CHECK(at(from_1601, "20261025T023000") == "20261025T003000Z");
  CHECK(at(from_1601, "23000715T120000") == "23000715T100000Z");
  CHECK(at(from_1601, "15000715T120000") == "15000715T110000Z");
  // RFC 5545 3.6.5: rules that end in UTC, and others that follow them.
  const std::string new_york =
      part("DAYLIGHT", "19870405T020000", "-0500", "-0400",
           "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z\n") +
      part("STANDARD", "19671029T020000", "-0400", "-0500",
           "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z\n") +
      part("DAYLIGHT", "20070311T020000", "-0500", "-0400", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\n") +
      part("STANDARD", "20071104T020000", "-0400", "-0500", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\n");
  CHECK(at(new_york, "20060401T120000") == "20060401T170000Z");
  CHECK(at(new_york, "20060403T120000") == "20060403T160000Z");
  CHECK(at(new_york, "20061030T120000") == "20061030T170000Z");
  CHECK(at(new_york, "20070312T120000") == "20070312T160000Z");
  CHECK(at(new_york, "20501115T120000") == "20501115T170000Z");
  // Days by number, and a single offset.
  const std::string by_days = part("STANDARD", "20001105T020000", "-0400", "-0500",
                                   "RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=1,2,3,4,5,6,7;BYDAY=SU\n") +
                              part("DAYLIGHT", "20000312T020000", "-0500", "-0400",
                                   "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU\n");
  CHECK(at(by_days, "20300715T120000") == "20300715T160000Z");
  CHECK(at(by_days, "20301215T120000") == "20301215T170000Z");
  CHECK(at(part("STANDARD", "19700101T000000", "+0545", "+0545", ""), "20260115T120000") == "20260115T061500Z");
}

TEST_CASE("the span of an object holds all its occurrences") {
  const auto span = [](const std::string& components) {
    const auto parsed = Object::parse("BEGIN:VCALENDAR\nVERSION:2.0\n" + components + "END:VCALENDAR\n", zones());
    const Object& object = std::get<Object>(parsed);
    const ZoneScope scope(zones(), object.calendar());
    const auto found = span_of(object, scope);
    if (!found) return std::string("none");
    const std::string first = print_utc(found->first) + " ";
    return first + (found->last ? print_utc(*found->last) + " " + std::to_string(found->instances) : "for ever");
  };
  CHECK(span(component("DTSTART:20260105T100000Z\nDURATION:PT1H\n")) == "20260105T100000Z 20260105T110000Z 1");
  CHECK(span(component("DTSTART:20260105T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=100\n")) ==
        "20260105T100000Z 20260414T110000Z 100");
  CHECK(span(component("DTSTART:20260105T100000Z\nRRULE:FREQ=DAILY\n")) == "20260105T100000Z for ever");
  CHECK(span(component("DTSTART:20260105T100000Z\nRRULE:FREQ=SECONDLY;COUNT=999999999\n")) ==
        "20260105T100000Z for ever");
  CHECK(span(component("DTSTART:20260105T100000Z\nRRULE:FREQ=DAILY\n") +
             component("RECURRENCE-ID:20260110T100000Z\nDTSTART:20200101T000000Z\n")) == "20200101T000000Z for ever");
  CHECK(span(component("", "VTODO")) == "none");
}

TEST_CASE("the number of occurrences and their dates obey the limits") {
  const auto parsed =
      Object::parse("BEGIN:VCALENDAR\nVERSION:2.0\n" +
                        component("DTSTART:20260105T100000Z\nRRULE:FREQ=DAILY;COUNT=100\n") + "END:VCALENDAR\n",
                    zones());
  const Object& object = std::get<Object>(parsed);
  const ZoneScope scope(zones(), object.calendar());
  CHECK_FALSE(obey_instances(object, {}, 100, scope));
  CHECK(obey_instances(object, {}, 99, scope)->precondition == Precondition::max_instances);
  ObjectLimits limits;
  limits.max_date_time = from_civil({.year = 2026, .month = 2});
  CHECK(obey_instances(object, limits, 100, scope)->precondition == Precondition::max_date_time);
}
