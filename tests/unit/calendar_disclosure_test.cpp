#include <catch2/catch.hpp>

#include "dav/calendar/disclosure.h"

namespace calendar = dav::calendar;
namespace content = dav::content;
using calendar::Disclosure;

namespace {

/// What is shown of a VCALENDAR with these components; "|" stands for a line's end.
std::string shown(std::string inside, Disclosure disclosure) {
  std::string text = "BEGIN:VCALENDAR\r\n";
  for (const char c : inside) c == '|' ? text += "\r\n" : text += c;
  const auto document = content::Document::parse(text + "END:VCALENDAR\r\n", content::Dialect::icalendar);
  std::string out;
  calendar::append_disclosed(
      document.components().front(), disclosure, [](std::string_view uid) { return "masked-" + std::string(uid); },
      out);
  std::string flat;
  for (const char c : out) {
    if (c == '\n') flat += '|';
    if (c != '\r' && c != '\n') flat += c;
  }
  return flat;
}

const std::string start = "BEGIN:VEVENT|UID:1|DTSTAMP:20260101T000000Z|DTSTART;X-A=b;TZID=Z:20260101T100000|";
const std::string tail = "SUMMARY:Doctor|LOCATION:Ward|BEGIN:VALARM|ACTION:AUDIO|END:VALARM|END:VEVENT|";
const std::string busy = "BEGIN:VEVENT|UID:masked-1|DTSTAMP:20260101T000000Z|DTSTART;TZID=Z:20260101T100000|";
const std::string busy_tail = "SUMMARY:Busy|END:VEVENT|";

}  // namespace

TEST_CASE("CLASS says what strangers see of an event") {
  CHECK(shown(start + tail, Disclosure::public_) == start + tail);
  CHECK(shown(start + "CLASS:public|" + tail, Disclosure::public_) == start + "CLASS:public|" + tail);
  CHECK(shown(start + "CLASS:CONFIDENTIAL|" + tail, Disclosure::public_) == busy + "CLASS:CONFIDENTIAL|" + busy_tail);
  CHECK(shown(start + "CLASS:PRIVATE|" + tail, Disclosure::public_).empty());
  CHECK(shown(start + "CLASS:X-SECRET|" + tail, Disclosure::public_).empty());
  CHECK(shown(start + "CLASS:PRIVATE|" + tail, Disclosure::everything) == start + "CLASS:PRIVATE|" + tail);
}

TEST_CASE("of busy times nothing but the times is shown") {
  CHECK(shown(start + tail, Disclosure::busy) == busy + busy_tail);
  CHECK(shown(start + "CLASS:PRIVATE|" + tail, Disclosure::busy).empty());
  CHECK(shown(start + "TRANSP:TRANSPARENT|" + tail, Disclosure::busy).empty());
  CHECK(shown(start + "STATUS:CANCELLED|" + tail, Disclosure::busy).empty());
  CHECK(shown("BEGIN:VTODO|UID:1|SUMMARY:Secret|END:VTODO|", Disclosure::busy).empty());
}

TEST_CASE("an occurrence that is not shown isn't where it was planned first either") {
  const std::string series = start + "RRULE:FREQ=DAILY|" + tail;
  const std::string moved =
      "BEGIN:VEVENT|UID:1|DTSTAMP:20260101T000000Z|RECURRENCE-ID;TZID=Z;RANGE=THISANDFUTURE:20260102T100000|"
      "DTSTART:20260105T000000Z|";
  const std::string secret = moved + "CLASS:PRIVATE|SUMMARY:Ward|END:VEVENT|";
  const std::string absent =
      "BEGIN:VEVENT|UID:1|DTSTAMP:20260101T000000Z|RECURRENCE-ID;TZID=Z;RANGE=THISANDFUTURE:20260102T100000|"
      "DTSTART;TZID=Z:20260102T100000|STATUS:CANCELLED|TRANSP:TRANSPARENT|END:VEVENT|";
  CHECK(shown(series + secret, Disclosure::public_) == series + absent);
  // Of what isn't shown at all, its occurrences aren't either.
  CHECK(shown(secret, Disclosure::public_).empty());
  CHECK(
      shown(start + "RRULE:FREQ=DAILY|CLASS:PRIVATE|END:VEVENT|" + moved + "END:VEVENT|", Disclosure::public_).empty());
  // One that is free takes the busy one away.
  const std::string freed = moved + "TRANSP:TRANSPARENT|END:VEVENT|";
  CHECK(shown(series + freed, Disclosure::busy).find("TRANSP:TRANSPARENT") != std::string::npos);
  CHECK(shown(start + "TRANSP:TRANSPARENT|RRULE:FREQ=DAILY|END:VEVENT|" + freed, Disclosure::busy).empty());
}
