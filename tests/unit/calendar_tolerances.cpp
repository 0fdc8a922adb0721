#include "tests/unit/calendar_tolerances.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "dav/calendar/instances.h"

namespace {

std::string component(const std::string& name, const std::string& lines) {
  return "BEGIN:" + name + "\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n" + lines + "END:" + name + "\r\n";
}

std::string object(const std::string& parts) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + parts + "END:VCALENDAR\r\n";
}

std::string event(const std::string& lines) { return object(component("VEVENT", lines)); }
std::string task(const std::string& lines) { return object(component("VTODO", lines)); }

std::string with_line_ends(const std::string& text, const std::string& end) {
  std::string result;
  for (const char c : text) result += c == '\n' ? end : c == '\r' ? std::string() : std::string(1, c);
  return result;
}

std::string zone(const std::string& tzid, const std::string& lines) {
  return "BEGIN:VTIMEZONE\r\nTZID:" + tzid + "\r\n" + lines + "END:VTIMEZONE\r\n";
}

const std::string at_ten = "20260105T100000Z/20260105T110000Z";
const std::string at_nine = "20260105T090000Z/20260105T100000Z";
const std::string plain = "DTSTART:20260105T100000Z\r\nDURATION:PT1H\r\n";
const std::string from_1601 =
    "BEGIN:STANDARD\r\nDTSTART:16011028T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\n"
    "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\n";

std::string zoned(const std::string& tzid) { return "DTSTART;TZID=" + tzid + ":20260105T100000\r\nDURATION:PT1H\r\n"; }

std::vector<Tolerance> texts() {
  const std::string whole = event(plain);
  return {
      {"bare LF as line end", with_line_ends(whole, "\n"), at_ten},
      {"bare CR as line end", with_line_ends(whole, "\r"), at_ten},
      {"blank lines", with_line_ends(whole, "\r\n\r\n"), at_ten},
      {"no line end at the end", whole.substr(0, whole.size() - 2), at_ten},
      {"UTF-8 byte order mark", "\xEF\xBB\xBF" + whole, at_ten},
      {"fold inside a UTF-8 character", event(plain + "SUMMARY:Gr\xC3\r\n \xBC\xC3\r\n\t\x9F" + "e\r\n"), at_ten},
      {"names in any case",
       object("begin:vevent\r\nuid:1\r\ndtstart:20260105T100000Z\r\nDuration:PT1H\r\nend:VEvent\r\n"), at_ten},
      {"no PRODID", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + component("VEVENT", plain) + "END:VCALENDAR\r\n", at_ten},
      {"no VERSION", "BEGIN:VCALENDAR\r\nPRODID:x\r\n" + component("VEVENT", plain) + "END:VCALENDAR\r\n", at_ten},
      {"no DTSTAMP", object("BEGIN:VEVENT\r\nUID:1\r\n" + plain + "END:VEVENT\r\n"), at_ten},
      {"stray X- properties and parameters",
       event(plain + "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\r\nX-EMPTY:\r\nSUMMARY;X-A=\"b;c\";X-D=^n:e\r\n"),
       at_ten},
      {"unknown components",
       object("BEGIN:X-WINDOW\r\nX:1\r\nEND:X-WINDOW\r\n" +
              component("VEVENT", plain + "BEGIN:X-PANE\r\nUID:2\r\nEND:X-PANE\r\n")),
       at_ten},
  };
}

std::vector<Tolerance> zones_of_clients() {
  return {
      {"Windows time zone names", event(zoned("W. Europe Standard Time")), at_nine},
      {"quoted Windows time zone names", event(zoned("\"Eastern Standard Time\"")),
       "20260105T150000Z/20260105T160000Z"},
      {"time zone names with a vendor's prefix", event(zoned("/mozilla.org/20050126_1/Europe/Berlin")), at_nine},
      {"known time zone without VTIMEZONE", event(zoned("Europe/Berlin")), at_nine},
      {"VTIMEZONE from 1601",
       object(zone("Romance in the Office", from_1601) + component("VEVENT", zoned("Romance in the Office"))), at_nine},
      {"bogus VTIMEZONE of a known zone",
       object(zone("Europe/Berlin",
                   "BEGIN:STANDARD\r\nDTSTART:20000101T000000\r\nTZOFFSETFROM:+0700\r\nTZOFFSETTO:+0700\r\n"
                   "END:STANDARD\r\n") +
              component("VEVENT", zoned("Europe/Berlin"))),
       at_nine},
      {"empty VTIMEZONE of a known zone",
       object(zone("Europe/Berlin", "") + component("VEVENT", zoned("Europe/Berlin"))), at_nine},
      {"TZID of a time in UTC", event("DTSTART;TZID=Europe/Berlin:20260105T100000Z\r\nDURATION:PT1H\r\n"), at_ten},
      {"TZID of a date", event("DTSTART;VALUE=DATE;TZID=Europe/Berlin:20260105\r\n"),
       "20260105T000000Z/20260106T000000Z"},
      {"empty TZID", event(zoned("")), at_ten},
      {"start and end in different time zones",
       event("DTSTART;TZID=Europe/Berlin:20260105T100000\r\nDTEND;TZID=America/New_York:20260105T050000\r\n"),
       "20260105T090000Z/20260105T100000Z"},
  };
}

std::vector<Tolerance> times() {
  return {
      {"date without VALUE=DATE", event("DTSTART:20260105\r\n"), "20260105T000000Z/20260106T000000Z"},
      {"end that is the start", event("DTSTART:20260105T100000Z\r\nDTEND:20260105T100000Z\r\n"),
       "20260105T100000Z/20260105T100000Z"},
      {"day that ends when it starts", event("DTSTART;VALUE=DATE:20260105\r\nDTEND;VALUE=DATE:20260105\r\n"),
       "20260105T000000Z/20260105T000000Z"},
      {"DUE before DTSTART", task("DTSTART:20260106T100000Z\r\nDUE:20260105T100000Z\r\n"),
       "20260106T100000Z/20260105T100000Z"},
      {"floating start of a task", task("DTSTART:20260105T100000\r\nDUE:20260105T110000\r\n"), at_ten},
      {"recurring task without DTSTART", task("DUE:20260105T100000Z\r\nRRULE:FREQ=WEEKLY\r\n"),
       "20260105T100000Z/20260105T100000Z 20260112T100000Z/20260112T100000Z"},
      {"duration with an empty time part", event("DTSTART:20260105T100000Z\r\nDURATION:P1DT\r\n"),
       "20260105T100000Z/20260106T100000Z"},
      {"duration of weeks and days", event("DTSTART:20260105T100000Z\r\nDURATION:P1W1D\r\n"),
       "20260105T100000Z/20260113T100000Z"},
      {"leap second", event("DTSTART:20260105T235960Z\r\nDURATION:PT1S\r\n"), "20260105T235959Z/20260106T000000Z"},
      {"alarm without DESCRIPTION", event(plain + "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n"),
       at_ten},
      {"alarm of ACTION:NONE at an instant without VALUE",
       event(plain + "BEGIN:VALARM\r\nACTION:NONE\r\nTRIGGER:19760401T005545Z\r\nEND:VALARM\r\n"), at_ten},
  };
}

std::vector<Tolerance> recurrences() {
  const std::string weekly = at_ten + " 20260112T100000Z/20260112T110000Z";
  const std::string daily = at_ten + " 20260106T100000Z/20260106T110000Z";
  return {
      {"INTERVAL=0", event(plain + "RRULE:FREQ=WEEKLY;INTERVAL=0;BYDAY=MO\r\n"), weekly},
      {"rule in any case and order, with empty and X- parts",
       event(plain + "RRULE:byday=mo;;X-WHY=NOT;Freq=weekly;\r\n"), weekly},
      {"weekdays as FREQ=DAILY;BYDAY", event(plain + "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR\r\n"), daily},
      {"rule that doesn't make DTSTART", event(plain + "RRULE:FREQ=WEEKLY;BYDAY=TU\r\n"), daily},
      {"UNTIL of another type than DTSTART", event(plain + "RRULE:FREQ=DAILY;UNTIL=20260106\r\n"), daily},
      {"several rules", event(plain + "RRULE:FREQ=MONTHLY\r\nRRULE:FREQ=WEEKLY\r\n"), weekly},
      {"EXRULE", event(plain + "RRULE:FREQ=DAILY\r\nEXRULE:FREQ=DAILY;BYDAY=TU,WE,TH,FR,SA,SU\r\n"), weekly},
      {"EXDATE as a date of an event with a time",
       event(plain + "RRULE:FREQ=DAILY;INTERVAL=7\r\nEXDATE;VALUE=DATE:20260119\r\n"), weekly},
      {"override without its rule",
       object(component("VEVENT", "RECURRENCE-ID:20260105T090000Z\r\n" + plain) +
              component("VEVENT", "RECURRENCE-ID:20260112T090000Z\r\nDTSTART:20260112T100000Z\r\nDURATION:PT1H\r\n")),
       weekly},
      {"override that the rule doesn't make",
       object(component("VEVENT", plain + "RRULE:FREQ=DAILY;COUNT=1\r\n") +
              component("VEVENT", "RECURRENCE-ID:20260112T090000Z\r\nDTSTART:20260112T100000Z\r\nDURATION:PT1H\r\n")),
       weekly},
  };
}

}  // namespace

const std::vector<Tolerance>& tolerances() {
  static const std::vector<Tolerance> all = [] {
    std::vector<Tolerance> list;
    for (const auto& part : {texts(), zones_of_clients(), times(), recurrences()})
      list.insert(list.end(), part.begin(), part.end());
    return list;
  }();
  return all;
}

TEST_CASE("what clients write against the letter is taken, kept as sent, and understood") {
  using namespace dav::calendar;
  const TimeZones zones;
  std::ifstream file("docs/tolerances.md");
  const std::string documented{std::istreambuf_iterator<char>(file), {}};
  for (const Tolerance& each : tolerances()) {
    DYNAMIC_SECTION(each.name) {
      CHECK(documented.find("| " + std::string(each.name) + " |") != std::string::npos);
      const auto parsed = Object::parse(each.text, zones);
      if (const auto* refusal = std::get_if<Refusal>(&parsed)) FAIL(refusal->reason << "\n" << each.text);
      const Object& object = std::get<Object>(parsed);
      CHECK(object.bytes() == each.text);
      const ZoneScope scope(zones, object.calendar());
      Budget budget;
      std::vector<std::string> found;
      Instances(object, scope)
          .for_each({from_civil({.year = 2026}), from_civil({.year = 2027})}, budget, [&](const Instance& instance) {
            found.push_back(print_utc(instance.start_utc) + "/" + print_utc(instance.end_utc));
            return true;
          });
      std::sort(found.begin(), found.end());
      std::string text;
      for (std::size_t i = 0; i < std::min<std::size_t>(2, found.size()); ++i) text += (i == 0 ? "" : " ") + found[i];
      CHECK(text == each.occurrences);
    }
  }
}
