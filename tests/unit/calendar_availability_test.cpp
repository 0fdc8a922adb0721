#include "dav/calendar/availability.h"

#include <catch2/catch.hpp>

#include "dav/calendar/freebusy.h"

using namespace dav::calendar;

namespace {

const TimeZones& zones() {
  static const TimeZones zones;
  return zones;
}

Object read(const std::string& component) {
  auto parsed = Object::parse("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n" + component + "END:VCALENDAR\n", zones());
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) FAIL(refusal->reason << "\n" << component);
  return std::get<Object>(std::move(parsed));
}

std::string availability(const std::string& lines) {
  return "BEGIN:VAVAILABILITY\nUID:a\nDTSTAMP:20111005T133225Z\n" + lines + "END:VAVAILABILITY\n";
}

std::string available(const std::string& lines) {
  return "BEGIN:AVAILABLE\nUID:b\nDTSTAMP:20111005T133225Z\n" + lines + "END:AVAILABLE\n";
}

/// "0800-1800 BUSY;" and so on for a day in a zone.
std::string busy(const std::vector<std::string>& components, const std::string& day_text,
                 const char* zone_name = "America/Montreal") {
  const Zone& zone = *zones().find(zone_name);
  const Seconds midnight = parse_date(day_text)->local;
  FreeBusy result({zone.to_utc(midnight), zone.to_utc(midnight + day)}, zones(), zone);
  for (const std::string& each : components) result.add(read(each));
  std::string text;
  const auto clock = [&](Seconds instant) {
    return instant >= zone.to_utc(midnight + day)
               ? std::string("2400")
               : print(DateTime{zone.to_local(instant), Form::floating, {}}).substr(9, 4);
  };
  for (const auto& each : result.periods()) text += clock(each.start) + "-" + clock(each.end) + " " + each.type + ";";
  return text;
}

// RFC 7953 Appendix A and B. The meetings stand there on the 6th of November 2011, a Sunday, where the tables of 5.1
// have them on the Mondays that they show.
std::string meeting(const std::string& start) {
  return "BEGIN:VEVENT\nUID:768CB0C2-8642-43F7-A6C4-F8BB04B829B4\nDTSTAMP:20111113T044111Z\nDTSTART;TZID=America/" +
         start + "\nDURATION:PT2H\nSUMMARY:Meeting\nEND:VEVENT\n";
}

const std::string office_hours = availability(
    "DTSTART;TZID=America/Montreal:20111002T000000\n" +
    available("SUMMARY:Monday to Friday from 8:00 to 18:00\nDTSTART;TZID=America/Montreal:20111002T080000\n"
              "DTEND;TZID=America/Montreal:20111002T180000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\n"));
const std::string week_in_denver = availability(
    "DTSTART;TZID=America/Denver:20111023T000000\nDTEND;TZID=America/Denver:20111030T000000\nPRIORITY:1\n" +
    available("DTSTART;TZID=America/Denver:20111023T080000\nDTEND;TZID=America/Denver:20111023T180000\n"
              "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nLOCATION:Denver\n"));

}  // namespace

TEST_CASE("availability is reckoned as the tables of RFC 7953 show") {
  // 5.1.1
  CHECK(busy({office_hours}, "20111107") == "0000-0800 BUSY-UNAVAILABLE;1800-2400 BUSY-UNAVAILABLE;");
  CHECK(busy({office_hours, meeting("Montreal:20111107T120000")}, "20111107") ==
        "0000-0800 BUSY-UNAVAILABLE;1200-1400 BUSY;1800-2400 BUSY-UNAVAILABLE;");
  // As printed, on a Sunday.
  CHECK(busy({office_hours, meeting("Montreal:20111106T120000")}, "20111106") ==
        "0000-1200 BUSY-UNAVAILABLE;1200-1400 BUSY;1400-2400 BUSY-UNAVAILABLE;");
  // 5.1.2
  CHECK(busy({meeting("Denver:20111024T120000"), office_hours, week_in_denver}, "20111024") ==
        "0000-1000 BUSY-UNAVAILABLE;1400-1600 BUSY;2000-2400 BUSY-UNAVAILABLE;");
  CHECK(busy({week_in_denver, office_hours}, "20111031") == "0000-0800 BUSY-UNAVAILABLE;1800-2400 BUSY-UNAVAILABLE;");
}

TEST_CASE("a higher priority decides where it says something, and no further") {
  const std::string afternoon = availability(
      "DTSTART;TZID=America/Montreal:20111107T120000\nDURATION:PT12H\nPRIORITY:5\n"
      "BUSYTYPE:BUSY-TENTATIVE\n");
  const std::string evening =
      availability("DTSTART;TZID=America/Montreal:20111107T200000\nDURATION:PT4H\nPRIORITY:9\n" +
                   available("DTSTART;TZID=America/Montreal:20111107T200000\nDURATION:PT1H\n"));
  CHECK(busy({office_hours, afternoon}, "20111107") == "0000-0800 BUSY-UNAVAILABLE;1200-2400 BUSY-TENTATIVE;");
  CHECK(busy({afternoon, evening, office_hours}, "20111107") == "0000-0800 BUSY-UNAVAILABLE;1200-2400 BUSY-TENTATIVE;");
  CHECK(busy({evening, office_hours}, "20111107") ==
        "0000-0800 BUSY-UNAVAILABLE;1800-2000 BUSY-UNAVAILABLE;2100-2400 BUSY-UNAVAILABLE;");
}

// RFC 7953 4: BUSY > BUSY-UNAVAILABLE > BUSY-TENTATIVE
TEST_CASE("of the same priority the stronger type decides") {
  const auto block = [](const std::string& start, const std::string& type) {
    return availability("DTSTART;TZID=America/Montreal:20111107T" + start + "0000\nDURATION:PT4H\n" +
                        (type.empty() ? "" : "BUSYTYPE:" + type + "\n"));
  };
  CHECK(busy({block("08", "BUSY"), block("10", ""), block("12", "BUSY-TENTATIVE")}, "20111107") ==
        "0800-1200 BUSY;1200-1400 BUSY-UNAVAILABLE;1400-1600 BUSY-TENTATIVE;");
}

TEST_CASE("AVAILABLE recurs, has exceptions, and frees only what its VAVAILABILITY covers") {
  const std::string days =
      availability("DTSTART;TZID=America/Montreal:20111107T100000\nDTEND;TZID=America/Montreal:20111109T160000\n" +
                   available("DTSTART;TZID=America/Montreal:20111101T080000\nDURATION:PT10H\nRRULE:FREQ=DAILY\n"
                             "EXDATE;TZID=America/Montreal:20111109T080000\n") +
                   available("RECURRENCE-ID;TZID=America/Montreal:20111108T080000\n"
                             "DTSTART;TZID=America/Montreal:20111108T120000\nDURATION:PT1H\n"));
  CHECK(busy({days}, "20111106").empty());
  CHECK(busy({days}, "20111107") == "1800-2400 BUSY-UNAVAILABLE;");
  CHECK(busy({days}, "20111108") == "0000-1200 BUSY-UNAVAILABLE;1300-2400 BUSY-UNAVAILABLE;");
  CHECK(busy({days}, "20111109") == "0000-1600 BUSY-UNAVAILABLE;");
  CHECK(busy({availability("")}, "20111109") == "0000-2400 BUSY-UNAVAILABLE;");
  CHECK(busy({availability(available("DTSTART:20111109T120000Z\n"))}, "20111109") == "0000-2400 BUSY-UNAVAILABLE;");
}

TEST_CASE("hostile availability ends") {
  std::string many;
  for (int i = 0; i < 50; ++i) {
    many += "BEGIN:AVAILABLE\nUID:" + std::to_string(i) +
            "\nDTSTAMP:20111005T133225Z\nDTSTART:20110101T000000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY\nEND:AVAILABLE\n";
  }
  CHECK_FALSE(busy({availability(many)}, "20111109").empty());
}
