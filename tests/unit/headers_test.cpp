#include "dav/headers.h"

#include <array>
#include <catch2/catch.hpp>

#include "dav/accept.h"
#include "dav/error.h"

namespace {

dav::Headers with(const std::string& name, const std::string& value) {
  dav::Headers headers;
  headers.add(name, value);
  return headers;
}

}  // namespace

TEST_CASE("Depth is 0, 1 or infinity") {
  CHECK(dav::depth(with("depth", "0")) == dav::Depth::zero);
  CHECK(dav::depth(with("Depth", " 1 ")) == dav::Depth::one);
  CHECK(dav::depth(with("Depth", "Infinity")) == dav::Depth::infinity);
  CHECK_FALSE(dav::depth({}).has_value());
  for (const char* bad : {"", "2", "0,1", "1, noroot", "infinite"})
    CHECK_THROWS_AS(dav::depth(with("Depth", bad)), dav::Error);
}

TEST_CASE("Prefer and Brief are understood") {
  CHECK(dav::preferences(with("Prefer", "return=minimal")).minimal);
  CHECK(dav::preferences(with("Prefer", "respond-async, RETURN=\"minimal\"; x=\"a,b\", depth-noroot")).minimal);
  CHECK(dav::preferences(with("Prefer", "respond-async, return=minimal;x=\"a,b\", depth-noroot")).depth_noroot);
  CHECK(dav::preferences(with("Prefer", "return-minimal")).minimal);
  CHECK_FALSE(dav::preferences(with("Prefer", "x=\"return=minimal\"")).minimal);
  const auto both = dav::preferences(with("Prefer", "return=representation, return=minimal"));
  CHECK(both.representation);
  CHECK_FALSE(both.minimal);
  const auto brief = dav::preferences(with("Brief", "t"));
  CHECK(brief.minimal);
  CHECK(brief.brief);
  CHECK_FALSE(dav::preferences(with("Brief", "f")).minimal);
}

TEST_CASE("the answer says which preferences were followed") {
  dav::Headers answer;
  dav::apply_preferences(dav::preferences(with("Prefer", "return=minimal, depth-noroot")), true, true, answer);
  CHECK(answer.find("Preference-Applied") == "return=minimal, depth-noroot");
  dav::Headers none;
  dav::apply_preferences(dav::preferences(with("Brief", "t")), true, true, none);
  CHECK_FALSE(none.find("Preference-Applied").has_value());
  CHECK(none.find("Vary") == "Brief, Prefer");
}

TEST_CASE("Timeout gives its first readable value") {
  CHECK(dav::timeout(with("Timeout", "Second-180")) == 180);
  CHECK(dav::timeout(with("Timeout", "Infinite, Second-4100000000")) == dav::infinite_timeout);
  CHECK(dav::timeout(with("Timeout", "Extend 3, Second-5")) == 5);
  CHECK(dav::timeout(with("Timeout", "Second-99999999999999999999999")) == dav::infinite_timeout);
  CHECK_FALSE(dav::timeout(with("Timeout", "Second-")).has_value());
  CHECK_FALSE(dav::timeout(with("Timeout", "Second--5")).has_value());
  CHECK_FALSE(dav::timeout({}).has_value());
}

TEST_CASE("Overwrite is T or F") {
  CHECK(dav::overwrite({}));
  CHECK(dav::overwrite(with("Overwrite", "t")));
  CHECK_FALSE(dav::overwrite(with("Overwrite", "F")));
  CHECK_THROWS_AS(dav::overwrite(with("Overwrite", "maybe")), dav::Error);
}

TEST_CASE("a media type is taken apart") {
  CHECK(dav::media_type("Text/Calendar ; charset=\"UTF-8\"; component=VEVENT") == "text/calendar");
  CHECK(dav::media_parameter("text/calendar; Charset=\"UTF-8\"; component=VEVENT", "charset") == "UTF-8");
  CHECK(dav::media_parameter("text/calendar; x=\"a;b=c\"; component=VEVENT", "component") == "VEVENT");
  CHECK(dav::media_parameter("text/calendar", "component").empty());
}

// RFC 9110 12.5.1
TEST_CASE("Accept weighs types by the most specific range") {
  constexpr std::array<std::string_view, 2> types{"text/calendar", "application/calendar+json"};
  const struct {
    std::string_view accept;
    std::optional<std::size_t> wanted;
  } cases[] = {
      {"text/calendar", 0},
      {"application/calendar+json", 1},
      {"APPLICATION/Calendar+JSON", 1},
      {"*/*", 0},
      {"application/*", 1},
      {"application/*;q=0.2, text/*;q=0.1", 1},
      {"application/calendar+json;q=0.8, */*", 0},
      {"application/calendar+json, text/calendar;q=0.9", 1},
      {"application/calendar+json;q=0.5, text/calendar;q=0.5", 0},
      {"text/calendar;q=0, */*;q=0.1", 1},
      {"text/calendar; component=VEVENT; q=0.3, application/calendar+json;q=0.2", 0},
      {"application/calendar+json;q=0", std::nullopt},
      {"image/png", std::nullopt},
      {"", std::nullopt},
      {",;q=1,/,*", std::nullopt},
  };
  for (const auto& [accept, wanted] : cases) {
    CAPTURE(accept);
    CHECK(dav::acceptable_type(accept, types) == wanted);
  }
}
