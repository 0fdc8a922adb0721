#include <catch2/catch.hpp>

#include "server/subscriptions/feed.h"
#include "server/subscriptions/policy.h"
#include "server/subscriptions/public_address.h"

using namespace std::chrono_literals;
using server::Address;
using server::BrokenFeed;
using server::Feed;
using server::feed_name;
using server::fetchable;
using server::FetchPolicy;
using server::Pace;
using server::read_feed;
using server::SubscriptionPolicy;
using server::until_next;

namespace {

std::string event(const std::string& uid, const std::string& lines = {}) {
  return "BEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Here:20260101T100000\r\n" +
         lines + "END:VEVENT\r\n";
}

std::string calendar(const std::string& events, const std::string& head = {}) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//p//EN\r\nMETHOD:PUBLISH\r\n" + head +
         "BEGIN:VTIMEZONE\r\nTZID:Here\r\nEND:VTIMEZONE\r\nBEGIN:VTIMEZONE\r\nTZID:There\r\nEND:VTIMEZONE\r\n" +
         events + "END:VCALENDAR\r\n";
}

constexpr std::size_t much = 1 << 20;

}  // namespace

TEST_CASE("only addresses of the public Internet are fetched from") {
  for (const char* text : {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1",
                           "192.0.1.1", "198.17.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1",
                           "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"}) {
    INFO(text);
    CHECK(server::is_public(*Address::parse(text)));
  }
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::ffff:127.0.0.1",
                           "::ffff:10.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a9fe:a9fe",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:10::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "2002:a00:1::1",
                           "3fff::1",
                           "5f00::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1"}) {
    INFO(text);
    CHECK_FALSE(server::is_public(*Address::parse(text)));
  }
}

TEST_CASE("which URLs can be fetched, and as what") {
  const FetchPolicy policy;
  CHECK(fetchable("webcal://example.net/a.ics?key=1", policy) == "https://example.net/a.ics?key=1");
  CHECK(fetchable("webcals://example.net/a.ics", policy) == "https://example.net/a.ics");
  CHECK(fetchable("WEBCAL://example.net:8080/", policy) == "https://example.net:8080/");
  CHECK(fetchable("http://example.net/", policy) == "http://example.net/");
  FetchPolicy plain;
  plain.webcal_is_http = true;
  CHECK(fetchable("webcal://example.net/a.ics", plain) == "http://example.net/a.ics");
  CHECK(fetchable("webcals://example.net/a.ics", plain) == "https://example.net/a.ics");
  for (const char* url :
       {"", "example.net/a.ics", "/a.ics", "ftp://example.net/", "file:///etc/passwd", "http://",
        "http://example.net:22/", "http://example.net:1023/", "gopher://example.net:70/", "https://a b/"}) {
    INFO(url);
    CHECK_FALSE(fetchable(url, policy));
  }
  CHECK_FALSE(fetchable("http://example.net/" + std::string(3000, 'x'), policy));
  CHECK(server::without_secrets("https://me:pw@example.net/private-key/basic.ics?token=x") == "https://example.net");
}

TEST_CASE("when a calendar is fetched again") {
  const SubscriptionPolicy policy;
  CHECK(until_next(policy, {}, 0.5) == 6h);
  CHECK(until_next(policy, {.by_publisher = 1h}, 0.5) == 1h);
  CHECK(until_next(policy, {.by_owner = 24h, .by_publisher = 1h}, 0.5) == 24h);
  CHECK(until_next(policy, {.by_owner = 1s}, 0.5) == 15min);
  CHECK(until_next(policy, {.by_owner = -1s}, 0.5) == 15min);
  CHECK(until_next(policy, {.by_publisher = 10000h}, 0.5) == 7 * 24h);
  // A tenth shorter or longer.
  CHECK(until_next(policy, {.by_owner = 100h}, 0) == 90h);
  CHECK(until_next(policy, {.by_owner = 100h}, 1) == 110h);
  // After failures.
  CHECK(until_next(policy, {.failures = 1}, 0.5) == 15min);
  CHECK(until_next(policy, {.failures = 2}, 0.5) == 30min);
  CHECK(until_next(policy, {.failures = 5}, 0.5) == 4h);
  CHECK(until_next(policy, {.failures = 1'000'000'000'000}, 0.5) == 24h);
  CHECK(until_next(policy, {.by_owner = 100h, .failures = 100}, 0.5) == 100h);
  CHECK(until_next(policy, {.failures = 1, .retry_after = 2h}, 0.5) == 2h);
}

TEST_CASE("a feed is taken apart into objects") {
  const Feed feed =
      read_feed(calendar(event("a") + event("b", "RRULE:FREQ=DAILY\r\n") + "BEGIN:VTODO\r\nUID:t\r\nEND:VTODO\r\n" +
                             event("b", "RECURRENCE-ID;TZID=Here:20260102T100000\r\n"),
                         "X-WR-CALNAME:Days\\, off\r\nREFRESH-INTERVAL;VALUE=DURATION:P1D\r\nX-PUBLISHED-TTL:PT1H\r\n"),
                {}, much);
  CHECK(feed.title == "Days, off");
  CHECK(feed.period == 24h);
  REQUIRE(feed.objects.size() == 3);
  CHECK(feed.objects[0].bytes ==
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//p//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Here\r\n"
        "END:VTIMEZONE\r\n" +
            event("a") + "END:VCALENDAR\r\n");
  CHECK(feed.objects[1].name == "b.ics");
  CHECK(feed.objects[1].bytes.find("RECURRENCE-ID") != std::string::npos);
  CHECK(feed.objects[2].uid == "t");
  CHECK(feed.objects[2].bytes.find("VTIMEZONE") == std::string::npos);
}

TEST_CASE("alarms, attachments and tasks can be left out of a feed") {
  const std::string text = calendar(event("a", "ATTACH:x\r\n  y\r\nBEGIN:VALARM\r\nATTACH:z\r\nEND:VALARM\r\n") +
                                    "BEGIN:VTODO\r\nUID:t\r\nEND:VTODO\r\n");
  CHECK(read_feed(text, {.strip_tasks = true}, much).objects.size() == 1);
  const auto bytes = [&](const server::FeedOptions& options) {
    return read_feed(text, options, much).objects[0].bytes;
  };
  CHECK(bytes({.strip_alarms = true}).find("ATTACH:x\r\n  y\r\nEND:VEVENT") != std::string::npos);
  CHECK(bytes({.strip_attachments = true}).find("BEGIN:VALARM\r\nEND:VALARM") != std::string::npos);
}

TEST_CASE("what is no whole calendar is no feed") {
  const std::string text = calendar(event("a") + event("b"));
  for (std::size_t size = 0; size < text.size() - std::string_view("END:VCALENDAR\r\n").size(); size += 7) {
    INFO(size);
    CHECK_THROWS_AS(read_feed(text.substr(0, size), {}, much), BrokenFeed);
  }
  CHECK_THROWS_AS(read_feed("BEGIN:VCARD\r\nEND:VCARD\r\n", {}, much), BrokenFeed);
  CHECK(read_feed(calendar(""), {}, much).objects.empty());
}

TEST_CASE("a feed whose objects would be large by their time zones alone is refused") {
  std::string zone = "BEGIN:VTIMEZONE\r\nTZID:Large\r\nX-FILLER:" + std::string(10'000, 'x') + "\r\nEND:VTIMEZONE\r\n";
  std::string events;
  for (int i = 0; i < 200; ++i) {
    events += "BEGIN:VEVENT\r\nUID:" + std::to_string(i) + "\r\nDTSTART;TZID=Large:20260101T000000\r\nEND:VEVENT\r\n";
  }
  CHECK_THROWS_AS(read_feed(calendar(zone + events), {}, much), BrokenFeed);
  CHECK(read_feed(calendar(zone + events), {}, 4 * much).objects.size() == 200);
}

TEST_CASE("names of objects come from their UIDs, and differ where they do") {
  CHECK(feed_name("abc-1@example.net") == "abc-1@example.net.ics");
  CHECK(feed_name("a/b") == feed_name("a/b"));
  CHECK(feed_name("a/b") != feed_name("a:b"));
  CHECK(feed_name("a/b").find('/') == std::string::npos);
  CHECK(feed_name(".hidden").front() == '-');
  CHECK(feed_name("").size() > 5);
  CHECK(feed_name(std::string(1000, 'x')).size() < 255);
  CHECK(feed_name(std::string(1000, 'x')) != feed_name(std::string(1001, 'x')));
}

TEST_CASE("a stamp alone is no change") {
  const std::string one = "BEGIN:VEVENT\r\nDTSTAMP:2026\r\n 0101T000000Z\r\nSUMMARY:DTSTAMP:x\r\n y\r\nEND:VEVENT\r\n";
  CHECK(server::without_stamps(one) == "BEGIN:VEVENT\r\nSUMMARY:DTSTAMP:x\r\n y\r\nEND:VEVENT\r\n");
  CHECK(server::without_stamps("dtstamp;x=y:1\nA:b") == "A:b");
  CHECK(server::without_stamps("").empty());
}
