#include "dav/calendar/calendar_data.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "dav/calendar/freebusy.h"
#include "dav/contacts/address_data.h"

using namespace dav::calendar;

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

std::string crlf(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return result;
}

std::string wrapped(const std::string& components) {
  return crlf("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n" + components + "END:VCALENDAR\n");
}

TimeRange range(const char* start, const char* end) {
  return {parse_date_time(start)->local, parse_date_time(end)->local};
}

Object example(int number) {
  std::ifstream file(std::string("tests/data/rfc4791/abcd") + std::to_string(number) + ".ics");
  return read({std::istreambuf_iterator<char>(file), {}});
}

std::string expanded(const std::string& components, const char* start = "20260101T000000Z",
                     const char* end = "20270101T000000Z") {
  const std::string text = expand(read(wrapped(components)), range(start, end), zones()).text;
  std::string result;
  for (const char c : text) result += c == '\r' ? "" : std::string(1, c);
  const std::string head = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n";
  REQUIRE(result.starts_with(head));
  REQUIRE(result.ends_with("END:VCALENDAR\n"));
  return result.substr(head.size(), result.size() - head.size() - 14);
}

}  // namespace

// RFC 4791 7.8.3, with the Z that its instances lack there.
TEST_CASE("expand gives what RFC 4791 shows") {
  CHECK(expand(example(2), range("20060103T000000Z", "20060105T000000Z"), zones()).text ==
        crlf("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example Corp.//CalDAV Client//EN\n"
             "BEGIN:VEVENT\nDTSTAMP:20060206T001121Z\nDTSTART:20060103T170000Z\nDURATION:PT1H\nRECURRENCE-ID:"
             "20060103T170000Z\n"
             "SUMMARY:Event #2\nUID:00959BC664CA650E933C892C@example.com\nEND:VEVENT\n"
             "BEGIN:VEVENT\nDTSTAMP:20060206T001121Z\nDTSTART:20060104T190000Z\nDURATION:PT1H\nRECURRENCE-ID:"
             "20060104T170000Z\n"
             "SUMMARY:Event #2 bis\nUID:00959BC664CA650E933C892C@example.com\nEND:VEVENT\nEND:VCALENDAR\n"));
  CHECK(expand(example(3), range("20060103T000000Z", "20060105T000000Z"), zones())
            .text.find("DTSTART:20060104T150000Z\r\nDURATION:PT1H\r\nLAST") != std::string::npos);
}

// RFC 4791 7.8.1
TEST_CASE("partial retrieval gives what RFC 4791 shows") {
  ComponentRequest event{.name = "VEVENT", .properties = {}, .components = {}};
  for (const char* name :
       {"SUMMARY", "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID"}) {
    event.properties.push_back({name, false});
  }
  const ComponentRequest whole_zone{.name = "VTIMEZONE", .properties = {}, .components = {}};
  const ComponentRequest calendar{
      .name = "VCALENDAR", .properties = {{"VERSION", false}}, .components = {event, whole_zone}};
  const Object object = example(2);
  std::string expected = object.bytes();
  const auto remove = [&](const std::string& line) {
    for (auto at = expected.find(line); at != std::string::npos; at = expected.find(line))
      expected.erase(at, line.size());
  };
  remove("PRODID:-//Example Corp.//CalDAV Client//EN\r\n");
  remove("DTSTAMP:20060206T001121Z\r\n");
  CalendarDataRequest request;
  request.component = calendar;
  CHECK(calendar_data(object, request, zones()).text == expected);
}

// RFC 4791 9.6.4
TEST_CASE("a property is given without its value, its parameters kept") {
  const Object object = read(wrapped(
      "BEGIN:VEVENT\nUID:1\nDTSTART:20260101T000000Z\nATTENDEE;CN=\"A, B\";ROLE=\n CHAIR:mailto:a@b\nEND:VEVENT\n"));
  const ComponentRequest event{.name = "VEVENT", .properties = {{"attendee", true}}, .components = {}};
  CHECK(select(object.calendar(), {.name = "VCALENDAR", .properties = {}, .components = {event}}) ==
        crlf("BEGIN:VCALENDAR\nBEGIN:VEVENT\nATTENDEE;CN=\"A, B\";ROLE=CHAIR:\nEND:VEVENT\nEND:VCALENDAR\n"));
  CHECK(select(object.calendar(), {.name = "VCALENDAR", .properties = {}, .all_components = true, .components = {}}) ==
        crlf("BEGIN:VCALENDAR\n") + std::string(object.calendar().components[0].raw) + crlf("END:VCALENDAR\n"));
  CHECK(select(object.calendar(), {.name = "VCALENDAR", .all_properties = true, .properties = {}, .components = {}}) ==
        crlf("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n"));
}

TEST_CASE("an object asked for in whole is its octets, but for folds inside characters") {
  const std::string text =
      wrapped("BEGIN:VEVENT\nUID:1\nDTSTART:20260101T000000Z\nSUMMARY:\xC3\n \xA4\nX-A;X-B=^^;C:\\x\nEND:VEVENT\n");
  std::string mended = text;
  mended.replace(mended.find("\xC3\r\n \xA4"), 5, "\r\n \xC3\xA4");
  CHECK(calendar_data(read(text), {}, zones()).text == mended);
}

TEST_CASE("expand keeps what it needn't change, octet by octet") {
  CHECK(
      expanded(
          "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nEND:VTIMEZONE\nBEGIN:X-EXTRA\nA;B=1:\\c\nEND:X-EXTRA\n"
          "BEGIN:VEVENT\nUID:1\nX-THING;X-P=\"^n\":a\\xb;c\n folded\nDTSTART;X-Q=1;TZID=Europe/Berlin:20260328T100000\n"
          "DTEND;TZID=America/New_York:20260328T060000\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260401T000000Z\n"
          "X-WHEN;TZID=Europe/Berlin:20260328T090000\nX-NOTE;TZID=Europe/Berlin:whatever\n"
          "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT1H\nX-ALARM:1\nEND:VALARM\nBEGIN:PARTICIPANT\nUID:p\nEND:"
          "PARTICIPANT\nEND:VEVENT\n") ==
      "BEGIN:X-EXTRA\nA;B=1:\\c\nEND:X-EXTRA\n"
      "BEGIN:VEVENT\nUID:1\nX-THING;X-P=\"^n\":a\\xb;c\n "
      "folded\nDTSTART;X-Q=1:20260328T090000Z\nDTEND:20260328T100000Z\n"
      "RECURRENCE-ID:20260328T090000Z\nX-WHEN:20260328T080000Z\nX-NOTE;TZID=Europe/Berlin:whatever\n"
      "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT1H\nX-ALARM:1\nEND:VALARM\nBEGIN:PARTICIPANT\nUID:p\nEND:"
      "PARTICIPANT\nEND:VEVENT\n"
      "BEGIN:VEVENT\nUID:1\nX-THING;X-P=\"^n\":a\\xb;c\n "
      "folded\nDTSTART;X-Q=1:20260329T080000Z\nDTEND:20260329T090000Z\n"
      "RECURRENCE-ID:20260329T080000Z\nX-WHEN:20260328T080000Z\nX-NOTE;TZID=Europe/Berlin:whatever\n"
      "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT1H\nX-ALARM:1\nEND:VALARM\nBEGIN:PARTICIPANT\nUID:p\nEND:"
      "PARTICIPANT\nEND:VEVENT\n");
}

TEST_CASE("expand keeps dates dates and floating times floating") {
  CHECK(expanded("BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260107\nRRULE:FREQ=WEEKLY;COUNT="
                 "2\nEND:VEVENT\n",
                 "20260112T000000Z") ==
        "BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260112\nDTEND;VALUE=DATE:20260114\nRECURRENCE-ID;VALUE=DATE:"
        "20260112\nEND:VEVENT\n");
  CHECK(expanded("BEGIN:VEVENT\nUID:1\nDTSTART:20260105T100000\nDTEND:20260105T110000\nEND:VEVENT\n") ==
        "BEGIN:VEVENT\nUID:1\nDTSTART:20260105T100000\nDTEND:20260105T110000\nEND:VEVENT\n");
  CHECK(expanded("BEGIN:VTODO\nUID:1\nDUE;TZID=Europe/Berlin:20260105T100000\nRRULE:FREQ=DAILY;COUNT=1\nEND:VTODO\n") ==
        "BEGIN:VTODO\nUID:1\nDUE:20260105T090000Z\nRECURRENCE-ID:20260105T090000Z\nEND:VTODO\n");
  CHECK(expanded("BEGIN:VTODO\nUID:1\nSUMMARY:undated\nEND:VTODO\n") ==
        "BEGIN:VTODO\nUID:1\nSUMMARY:undated\nEND:VTODO\n");
  CHECK(expanded("BEGIN:VEVENT\nUID:1\nDTSTART:20250105T100000Z\nEND:VEVENT\n").empty());
}

TEST_CASE("in UTC a nominal duration becomes the exact one") {
  CHECK(expanded("BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Berlin:20260328T100000\nDURATION:P1D\nEND:VEVENT\n") ==
        "BEGIN:VEVENT\nUID:1\nDTSTART:20260328T090000Z\nDURATION:PT23H\nEND:VEVENT\n");
  CHECK(expanded("BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Berlin:20260327T100000\nDURATION:P1D\nEND:VEVENT\n") ==
        "BEGIN:VEVENT\nUID:1\nDTSTART:20260327T090000Z\nDURATION:P1D\nEND:VEVENT\n");
}

TEST_CASE("expand is bounded and says so") {
  const Object object =
      read(wrapped("BEGIN:VEVENT\nUID:1\nDTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY\nEND:VEVENT\n"));
  CHECK_FALSE(expand(object, range("20260101T000000Z", "20270101T000000Z"), zones()).is_complete);
  CHECK(expand(object, range("20260101T000000Z", "20260101T000100Z"), zones()).is_complete);
}

// RFC 4791 7.8.2
TEST_CASE("limit-recurrence-set leaves out overrides that don't matter, by their new and old times") {
  const std::string zone_and_master =
      "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:1\n"
      "DTSTART:20260101T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEND:VEVENT\n";
  const auto override_at = [](const std::string& id, const std::string& start) {
    return "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID" + id + "\nDTSTART:" + start + "\nDURATION:PT1H\nEND:VEVENT\n";
  };
  const std::string moved_in = override_at(":20260201T100000Z", "20260105T110000Z");
  const std::string moved_out = override_at(":20260105T100000Z", "20260202T110000Z");
  const std::string elsewhere = override_at(":20260301T100000Z", "20260302T110000Z");
  const std::string future = override_at(";RANGE=THISANDFUTURE:20260103T100000Z", "20260103T110000Z");
  const std::string later = override_at(";RANGE=THISANDFUTURE:20260403T100000Z", "20260403T110000Z");
  CHECK(limit_recurrence_set(read(wrapped(zone_and_master + moved_in + elsewhere + moved_out + future + later)),
                             range("20260105T000000Z", "20260106T000000Z"),
                             zones()) == wrapped(zone_and_master + moved_in + moved_out + future));
}

// RFC 4791 9.6.7
TEST_CASE("limit-freebusy-set keeps the periods of the range") {
  CalendarDataRequest request;
  request.limit_free_busy_set = range("20260103T000000Z", "20260104T000000Z");
  const std::string head = "BEGIN:VFREEBUSY\nUID:1\nDTSTART:20260101T000000Z\n";
  CHECK(calendar_data(
            read(wrapped(
                head +
                "FREEBUSY;FBTYPE=BUSY:20260102T100000Z/PT1H,20260103T100000Z/PT1H,20260103T230000Z/20260104T010000Z\n"
                "FREEBUSY:20260109T100000Z/PT1H\nFREEBUSY:20260103T120000Z/PT1H\nEND:VFREEBUSY\n")),
            request, zones())
            .text == wrapped(head + "FREEBUSY;FBTYPE=BUSY:20260103T100000Z/PT1H,20260103T230000Z/20260104T010000\n "
                                    "Z\nFREEBUSY:20260103T120000Z/PT1H\nEND:VFREEBUSY\n"));
}

// RFC 4791 7.10.1
TEST_CASE("free-busy gives what RFC 4791 shows") {
  FreeBusy busy(range("20060104T140000Z", "20060105T220000Z"), zones());
  for (int i = 1; i <= 7; ++i) busy.add(example(i));
  // Appendix B as printed lets the daily meeting go on; the example stands for a calendar without its fourth instance.
  CHECK(busy.text("-//Example Corp.//CalDAV Server//EN", parse_date_time("20050125T090000Z")->local, "") ==
        crlf("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example Corp.//CalDAV "
             "Server//EN\nBEGIN:VFREEBUSY\nDTSTAMP:20050125T090000Z\n"
             "DTSTART:20060104T140000Z\nDTEND:20060105T220000Z\nFREEBUSY;FBTYPE=BUSY-TENTATIVE:20060104T150000Z/PT1H\n"
             "FREEBUSY:20060104T190000Z/PT1H\nFREEBUSY:20060105T170000Z/PT1H\nEND:VFREEBUSY\nEND:VCALENDAR\n"));
}

TEST_CASE("busy time is typed, joined and cut to the range") {
  FreeBusy busy(range("20260105T000000Z", "20260106T000000Z"), zones());
  const auto add = [&](const std::string& start, const std::string& end, const std::string& more) {
    busy.add(read(wrapped("BEGIN:VEVENT\nUID:1\nDTSTART:" + start + "\nDTEND:" + end + "\n" + more + "END:VEVENT\n")));
  };
  add("20260104T230000Z", "20260105T010000Z", "");
  add("20260105T010000Z", "20260105T020000Z", "");
  add("20260105T013000Z", "20260105T014000Z", "STATUS:TENTATIVE\n");
  add("20260105T030000Z", "20260105T040000Z", "TRANSP:TRANSPARENT\n");
  add("20260105T050000Z", "20260105T060000Z", "STATUS:CANCELLED\n");
  add("20260105T070000Z", "20260105T080000Z", "TRANSP:OPAQUE\nSTATUS:CONFIRMED\n");
  add("20260107T070000Z", "20260107T080000Z", "");
  busy.add(read(wrapped("BEGIN:VTODO\nUID:1\nDTSTART:20260105T090000Z\nDUE:20260105T100000Z\nEND:VTODO\n")));
  busy.add(
      read(wrapped("BEGIN:VFREEBUSY\nUID:1\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260105T220000Z/PT5H\n"
                   "FREEBUSY;FBTYPE=FREE:20260105T120000Z/PT1H\nEND:VFREEBUSY\n")));
  std::string found;
  for (const auto& each : busy.periods())
    found += print_utc(each.start).substr(9, 4) + "-" + print_utc(each.end).substr(9, 4) + " " + each.type + ";";
  CHECK(found == "0000-0200 BUSY;0130-0140 BUSY-TENTATIVE;0700-0800 BUSY;2200-0000 BUSY-UNAVAILABLE;");
}

// RFC 6352 10.4
TEST_CASE("address data is the card or the properties asked for") {
  using namespace dav::contacts;
  const std::string text =
      crlf("BEGIN:VCARD\nVERSION:3.0\nUID:1\nFN:Zo\xC3\n \xAB\nitem1.TEL;TYPE=home:+1\nTEL:+2\nEND:VCARD\n");
  const auto parsed = Card::parse(text);
  const Card& card = std::get<Card>(parsed);
  CHECK(address_data(card, {}) ==
        crlf("BEGIN:VCARD\nVERSION:3.0\nUID:1\nFN:Zo\n \xC3\xAB\nitem1.TEL;TYPE=home:+1\nTEL:+2\nEND:VCARD\n"));
  CHECK(address_data(card, {{{"tel", true}, {"VERSION", false}}}) ==
        crlf("BEGIN:VCARD\nVERSION:3.0\nitem1.TEL;TYPE=home:\nTEL:\nEND:VCARD\n"));
  CHECK(address_data(card, {{{"item1.TEL", false}}}) == crlf("BEGIN:VCARD\nitem1.TEL;TYPE=home:+1\nEND:VCARD\n"));
}
