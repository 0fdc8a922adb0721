#include "dav/calendar/value.h"

#include <catch2/catch.hpp>

#include "dav/calendar/timezone.h"

using namespace dav::calendar;

namespace {

Seconds at(const char* text) { return parse_date_time(text)->local; }

}  // namespace

TEST_CASE("civil days and seconds agree in both directions over all years") {
  for (std::int64_t days = days_from_civil(1, 1, 1); days <= days_from_civil(9999, 12, 31); days += 13) {
    const Civil civil = to_civil(days * day + 3661);
    if (from_civil(civil) != days * day + 3661 || civil.hour != 1) FAIL("day " << days);
  }
  CHECK(weekday_of(days_from_civil(2026, 11, 24)) == 1);
  CHECK(weekday_of(days_from_civil(1600, 2, 29)) == 1);
  CHECK(days_in_month(1900, 2) == 28);
  CHECK(days_in_month(2000, 2) == 29);
}

TEST_CASE("values are read, printed, and refused when malformed") {
  CHECK(print(*parse_date_time("20260228")) == "20260228");
  CHECK(print(*parse_date_time("20260228T235960Z")) == "20260228T235959Z");
  CHECK(print(*parse_date_time("00010101T000000")) == "00010101T000000");
  for (const char* bad : {"", "2026", "20261301", "20260229", "20260101T", "20260101T1000", "20260101T240000",
                          "20260101T000000z", "20260101T000000+01", "20260101 000000", "00000101"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_date_time(bad));
  }
  CHECK(*parse_duration("P1DT2H3M4S") == Duration{1, 7384});
  CHECK(*parse_duration("-P2W") == Duration{-14, 0});
  CHECK(*parse_duration("P0DT1H0M0S") == Duration{0, 3600});
  CHECK(*parse_duration("+PT0S") == Duration{});
  CHECK(*parse_duration("P1DT") == Duration{1, 0});
  for (const char* bad :
       {"", "P", "PT", "1H", "P1H", "PT1D", "P1", "PT1.5H", "P99999999999D", "P1Y", "P9999999999999999999999D"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_duration(bad));
  }
  CHECK(print(Duration{1, 7384}) == "P1DT2H3M4S");
  CHECK(print(Duration{0, -900}) == "-PT15M");
  CHECK(print(Duration{7, 0}) == "P7D");
  CHECK(print(Duration{}) == "PT0S");
  CHECK(parse_utc_offset("-0530") == -19800);
  CHECK(parse_utc_offset("+013015") == 5415);
  CHECK_FALSE(parse_utc_offset("0100"));
  CHECK(parse_integer("-7") == -7);
  CHECK_FALSE(parse_integer("9999999999"));
}

TEST_CASE("zones know their offsets in the past, now, and beyond 2037") {
  const TimeZones zones;
  const Zone* berlin = zones.find("Europe/Berlin");
  REQUIRE(berlin != nullptr);
  CHECK(berlin->offset_at(at("20260115T120000Z")) == 3600);
  CHECK(berlin->offset_at(at("20260715T120000Z")) == 7200);
  CHECK(berlin->offset_at(at("20990715T120000Z")) == 7200);
  CHECK(berlin->offset_at(at("20991215T120000Z")) == 3600);
  CHECK(berlin->offset_at(at("18800101T000000Z")) == 3208);
  CHECK(zones.find("Australia/Sydney")->offset_at(at("21000101T000000Z")) == 39600);
  CHECK(zones.find("Australia/Sydney")->offset_at(at("21000701T000000Z")) == 36000);
  CHECK(zones.find("Europe/Dublin")->offset_at(at("20600701T000000Z")) == 3600);
  CHECK(zones.find("Europe/Dublin")->offset_at(at("20600101T000000Z")) == 0);
  CHECK(zones.find("Asia/Kolkata")->offset_at(at("20600101T000000Z")) == 19800);
  CHECK(zones.find("UTC")->offset_at(0) == 0);
}

TEST_CASE("local times in gaps and overlaps follow RFC 5545 3.3.5") {
  const TimeZones zones;
  const Zone* york = zones.find("America/New_York");
  REQUIRE(york != nullptr);
  // "the DATE-TIME value refers to the first occurrence of the referenced time … TZID=America/New_York:20071104T013000
  // indicates November 4, 2007 at 1:30 A.M. EDT (UTC-04:00)"
  CHECK(york->to_utc(at("20071104T013000")) == at("20071104T053000Z"));
  // "TZID=America/New_York:20070311T023000 indicates March 11, 2007 at 3:30 A.M. EDT (UTC-04:00)"
  CHECK(york->to_utc(at("20070311T023000")) == at("20070311T073000Z"));
  CHECK(york->to_utc(at("20070311T015959")) == at("20070311T065959Z"));
  CHECK(york->to_utc(at("20070311T030000")) == at("20070311T070000Z"));
  CHECK(york->to_utc(at("20071104T020000")) == at("20071104T070000Z"));
  CHECK(york->to_utc(at("20600314T023000")) == at("20600314T073000Z"));
  CHECK(york->to_local(at("20260701T120000Z")) == at("20260701T080000"));
}

TEST_CASE("zones are found by IANA, vendor and Windows names, and by no other file") {
  const TimeZones zones;
  const Zone* berlin = zones.find("Europe/Berlin");
  CHECK(zones.find("/freeassociation.sourceforge.net/Europe/Berlin") == berlin);
  CHECK(zones.find("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin") == berlin);
  CHECK(zones.find("/mozilla.org/20050126_1/Europe/Berlin") == berlin);
  CHECK(zones.find("W. Europe Standard Time") == berlin);
  CHECK(zones.find("Pacific Standard Time") == zones.find("America/Los_Angeles"));
  for (const char* bad : {"", "/", "//", "Europe", "europe/berlin", "right/Europe/Berlin", "../passwd", "Europe/../UTC",
                          "zone.tab", "posixrules", "Mine", "/a/b"}) {
    CAPTURE(bad);
    CHECK(zones.find(bad) == nullptr);
  }
}
