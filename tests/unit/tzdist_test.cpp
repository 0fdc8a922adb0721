#include "dav/tzdist.h"

#include <catch2/catch.hpp>

#include "dav/calendar/zone_catalog.h"
#include "dav/content/encoding.h"
#include "dav/tzdist_query.h"

using dav::tzdist::Pattern;

// RFC 7808 5.5
TEST_CASE("patterns find names as the RFC says") {
  const struct {
    const char* pattern;
    const char* name;
    bool found;
  } cases[] = {
      {"Europe/Berlin", "Europe/Berlin", true},
      {"europe/berlin", "Europe/Berlin", true},
      {"Europe", "Europe/Berlin", false},
      {"Europe/*", "Europe/Berlin", true},
      {"*berlin", "Europe/Berlin", true},
      {"*New York*", "America/New_York", true},
      {"*new_york", "America/New_York", true},
      {"*", "Europe/Berlin", true},
      {"**", "Europe/Berlin", true},
      {"berlin*", "Europe/Berlin", false},
      {R"(\*Test\\Time\*Zone\*)", R"(*Test\Time*Zone*)", true},
      {R"(*\*)", "a*", true},
      {R"(*\*)", "ab", false},
  };
  for (const auto& [pattern, name, found] : cases) {
    CAPTURE(pattern, name);
    const auto parsed = Pattern::parse(pattern);
    REQUIRE(parsed);
    CHECK(parsed->matches(name) == found);
  }
  for (const char* bad : {"", "a*b", "*a*b", R"(a\)", R"(a\b)", "**a", "a**"}) {
    CAPTURE(bad);
    CHECK(!Pattern::parse(bad));
  }
}

TEST_CASE("instants of the service are in UTC, from 1600 on") {
  CHECK(dav::tzdist::print_instant(*dav::tzdist::parse_instant("2008-01-02T03:04:05Z")) == "2008-01-02T03:04:05Z");
  CHECK(dav::tzdist::print_date(0) == "1970-01-01");
  for (const char* bad : {"", "2008-01-02", "2008-01-02T03:04:05", "20080102T030405Z", "2008-13-02T03:04:05Z",
                          "2008-01-02T03:04:05+01:00", "1599-12-31T23:59:59Z", "2008-01-02T03:04:05.0Z"}) {
    CHECK(!dav::tzdist::parse_instant(bad));
  }
}

TEST_CASE("escapes of a query are resolved, and what is none stays") {
  CHECK(dav::content::decode_percent("America%2FNew_York") == "America/New_York");
  CHECK(dav::content::decode_percent("100%,%zz%4") == "100%,%zz%4");
  const dav::tzdist::Parameters parameters("a=1&b=%20x=y&&c&a=2");
  const dav::tzdist::Problem problem{400, "invalid-start", "twice"};
  CHECK(parameters.once("b", problem) == " x=y");
  CHECK(parameters.once("c", problem) == "");
  CHECK(!parameters.once("d", problem));
  CHECK_THROWS_AS(parameters.once("a", problem), dav::tzdist::Problem);
}

TEST_CASE("the catalog knows zones and aliases, and does without the database's text") {
  const dav::calendar::ZoneCatalog catalog;
  REQUIRE(catalog.find("Europe/Berlin") != nullptr);
  CHECK(catalog.find("Europe/Berlin")->name == "Europe/Berlin");
  CHECK(catalog.find("US/Eastern")->name == "America/New_York");
  CHECK(catalog.find("europe/berlin") == nullptr);
  CHECK(catalog.find("../passwd") == nullptr);
  CHECK(catalog.data("US/Eastern")->vtimezone.find("TZID-ALIAS-OF:America/New_York\r\n") != std::string::npos);
  CHECK(catalog.data("US/Eastern") == catalog.data("US/Eastern"));
  CHECK(catalog.leap_seconds()->steps.back().offset >= 37);
  const dav::calendar::ZoneCatalog europe("/usr/share/zoneinfo/Europe");
  CHECK(europe.version().empty());
  CHECK(europe.find("Berlin") != nullptr);
  CHECK(!europe.leap_seconds());
  CHECK(dav::calendar::ZoneCatalog("/nowhere").entries().empty());
}

TEST_CASE("the service's paths are its own") {
  CHECK(dav::tzdist::is_ours("/timezones"));
  CHECK(dav::tzdist::is_ours("/timezones/zones"));
  CHECK(!dav::tzdist::is_ours("/timezonesx"));
  CHECK(!dav::tzdist::is_ours("/timezone"));
}
