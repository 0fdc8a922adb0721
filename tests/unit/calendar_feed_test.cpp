#include <catch2/catch.hpp>

#include <array>

#include "dav/accept.h"
#include "dav/calendar/feed.h"

namespace calendar = dav::calendar;

namespace {

std::string object(const std::string& inside) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + inside + "END:VCALENDAR\r\n";
}

std::string zone(const std::string& tzid, const std::string& more = {}) {
  return "BEGIN:VTIMEZONE\r\nTZID:" + tzid + "\r\n" + more + "END:VTIMEZONE\r\n";
}

}  // namespace

TEST_CASE("a feed has each time zone once and all other components octet by octet") {
  calendar::FeedBody body;
  std::string zones;
  std::string components;
  const std::string first = "BEGIN:VEVENT\nUID:1\nX-ODD;a=b:\n  folded \nEND:VEVENT\n";
  const std::string second = "BEGIN:X-THING\r\nBEGIN:VALARM\r\nEND:VALARM\r\nUID:2\r\nEND:X-THING\r\n";
  CHECK(body.add(object(zone("A") + first), zones, components));
  CHECK(body.add(object(zone("A", "X-LATER:1\r\n") + zone("B") + second), zones, components));
  CHECK(zones == zone("A") + zone("B"));
  CHECK(components == first + second);
  CHECK_FALSE(body.add("BEGIN:VCALENDAR\r\n", zones, components));
  CHECK(components == first + second);
}

TEST_CASE("a feed's head says what the calendar is called, and how often it is worth asking") {
  calendar::FeedHead head;
  head.product_id = "-//x//EN";
  CHECK(calendar::feed_head(head) == "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nCALSCALE:GREGORIAN\r\n");
  head.name = "Work, mine";
  head.color = "#FF0000FF";
  head.refresh = "P1W";
  head.time_zone = "Europe/Vienna";
  const std::string text = calendar::feed_head(head);
  for (const char* line :
       {"NAME:Work\\, mine\r\n", "X-WR-CALNAME:Work\\, mine\r\n", "COLOR:red\r\n", "X-APPLE-CALENDAR-COLOR:#FF0000\r\n",
        "REFRESH-INTERVAL;VALUE=DURATION:P7D\r\n", "X-PUBLISHED-TTL:P7D\r\n", "X-WR-TIMEZONE:Europe/Vienna\r\n"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
  for (const char* none : {"", "-P1D", "PT0S", "often"}) {
    head.refresh = none;
    CHECK(calendar::feed_head(head).find("REFRESH") == std::string::npos);
  }
}

TEST_CASE("a colour has the name of the nearest one that has a name") {
  CHECK(calendar::nearest_color_name("#ff0000") == "red");
  CHECK(calendar::nearest_color_name("#FE0102CC") == "red");
  CHECK(calendar::nearest_color_name("Tomato") == "tomato");
  CHECK(calendar::nearest_color_name("#000001") == "black");
  for (const char* none : {"", "#12", "#12345g", "12345678", "reddish", "#1234567"}) {
    CHECK(calendar::nearest_color_name(none).empty());
  }
}

TEST_CASE("Accept names a type, or leaves it to the server") {
  constexpr std::array<std::string_view, 2> types{"text/calendar", "text/html"};
  CHECK(dav::preferred_type("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", types) == 1);
  CHECK(dav::preferred_type("text/calendar, text/html", types) == 0);
  CHECK(dav::preferred_type("TEXT/HTML;q=0.5, text/calendar;version=2.0;q=0.501", types) == 0);
  CHECK(dav::preferred_type("text/html;q=0, text/calendar;q=0.1", types) == 0);
  for (const char* none : {"", "*/*", "text/*", "text/html;q=0", "text/html;q=x", ",,;", "text/htm"}) {
    CHECK_FALSE(dav::preferred_type(none, types));
  }
}
