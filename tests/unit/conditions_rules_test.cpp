#include "dav/conditions_rules.h"

#include <catch2/catch.hpp>

#include "dav/error.h"
#include "dav/http_date.h"

using dav::Headers;
using dav::Validators;
using dav::Verdict;

namespace {

constexpr storage::Timestamp changed = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr storage::Timestamp now = 1'700'000'000;
constexpr const char* at_change = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* after = "Sun, 06 Nov 1994 08:49:38 GMT";

const Validators there{true, "x", changed};
const Validators nothing{};
const Validators collection{true, "", std::nullopt};

Headers headers(std::initializer_list<std::pair<std::string, std::string>> fields) {
  Headers result;
  for (const auto& [name, value] : fields) result.add(name, value);
  return result;
}

}  // namespace

TEST_CASE("dates of HTTP") {
  CHECK(dav::http_date(changed) == at_change);
  CHECK(dav::http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  const struct {
    std::string text;
    std::optional<storage::Timestamp> expected;
  } cases[] = {
      // RFC 9110 5.6.7
      {"Sun, 06 Nov 1994 08:49:37 GMT", changed},
      {"Sunday, 06-Nov-94 08:49:37 GMT", changed},
      {"Sun Nov  6 08:49:37 1994", changed},
      {"Sun Nov 16 08:49:37 1994", changed + 10 * 86400},
      {"Tuesday, 06-Nov-73 08:49:37 GMT", 3277183777},
      {"Tuesday, 06-Nov-74 08:49:37 GMT", 152959777},
      {"Thu, 29 Feb 2024 00:00:00 GMT", 1709164800},
      {"Wed, 29 Feb 2023 00:00:00 GMT", std::nullopt},
      {"Sun, 06 Nov 1994 24:49:37 GMT", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:37", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:37 UTC", std::nullopt},
      {"Sun, 6 Nov 1994 08:49:37 GMT", std::nullopt},
      {"sun, 06 nov 1994 08:49:37 gmt", std::nullopt},
      {"1994-11-06T08:49:37Z", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(dav::parse_http_date(text, now) == expected);
  }
}

TEST_CASE("lists of entity tags") {
  const auto tags = dav::parse_entity_tags(" \"a\" ,, W/\"b, c\",\"\"");
  REQUIRE(tags.size() == 3);
  CHECK((tags[0].opaque == "a" && !tags[0].weak));
  CHECK((tags[1].opaque == "b, c" && tags[1].weak));
  CHECK(tags[2].opaque.empty());
  for (const char* bad : {"", ",", "a", "\"a", "\"a\" \"b\"", "w/\"a\"", "\"a\"x", "*, \"a\""}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(dav::parse_entity_tags(bad), dav::Error);
  }
}

TEST_CASE("preconditions, in their order") {
  const struct {
    const char* why;
    Headers fields;
    const Validators& current;
    Verdict get, put;
  } cases[] = {
      {"none", headers({}), there, Verdict::proceed, Verdict::proceed},
      {"If-Match holds", headers({{"If-Match", "\"y\", \"x\""}}), there, Verdict::proceed, Verdict::proceed},
      {"in two fields", headers({{"If-Match", "\"y\""}, {"if-match", "\"x\""}}), there, Verdict::proceed,
       Verdict::proceed},
      {"If-Match is strong", headers({{"If-Match", "W/\"x\""}}), there, Verdict::failed, Verdict::failed},
      {"If-Match of another", headers({{"If-Match", "\"y\""}}), there, Verdict::failed, Verdict::failed},
      {"If-Match * on something", headers({{"If-Match", "*"}}), there, Verdict::proceed, Verdict::proceed},
      {"If-Match * on a collection", headers({{"If-Match", "*"}}), collection, Verdict::proceed, Verdict::proceed},
      {"a collection has no tag", headers({{"If-Match", "\"\""}}), collection, Verdict::failed, Verdict::failed},
      {"If-Match * on nothing", headers({{"If-Match", "*"}}), nothing, Verdict::failed, Verdict::failed},
      {"If-None-Match * on something", headers({{"If-None-Match", "*"}}), there, Verdict::not_modified,
       Verdict::failed},
      {"If-None-Match * on nothing", headers({{"If-None-Match", "*"}}), nothing, Verdict::proceed, Verdict::proceed},
      {"If-None-Match", headers({{"If-None-Match", "\"x\""}}), there, Verdict::not_modified, Verdict::failed},
      {"If-None-Match is weak", headers({{"If-None-Match", "W/\"x\""}}), there, Verdict::not_modified, Verdict::failed},
      {"If-None-Match of another", headers({{"If-None-Match", "\"y\""}}), there, Verdict::proceed, Verdict::proceed},
      {"If-Modified-Since the change", headers({{"If-Modified-Since", at_change}}), there, Verdict::not_modified,
       Verdict::proceed},
      {"If-Modified-Since later", headers({{"If-Modified-Since", after}}), there, Verdict::not_modified,
       Verdict::proceed},
      {"If-Modified-Since before", headers({{"If-Modified-Since", before}}), there, Verdict::proceed, Verdict::proceed},
      {"no date is ignored", headers({{"If-Modified-Since", "yesterday"}}), there, Verdict::proceed, Verdict::proceed},
      {"without a date of ours", headers({{"If-Modified-Since", after}}), collection, Verdict::proceed,
       Verdict::proceed},
      {"If-None-Match before If-Modified-Since", headers({{"If-Modified-Since", after}, {"If-None-Match", "\"y\""}}),
       there, Verdict::proceed, Verdict::proceed},
      {"If-Unmodified-Since holds", headers({{"If-Unmodified-Since", at_change}}), there, Verdict::proceed,
       Verdict::proceed},
      {"If-Unmodified-Since fails", headers({{"If-Unmodified-Since", before}}), there, Verdict::failed,
       Verdict::failed},
      {"If-Match before If-Unmodified-Since", headers({{"If-Unmodified-Since", before}, {"If-Match", "\"x\""}}), there,
       Verdict::proceed, Verdict::proceed},
      {"If-Match before If-None-Match", headers({{"If-Match", "\"y\""}, {"If-None-Match", "\"x\""}}), there,
       Verdict::failed, Verdict::failed},
      {"both", headers({{"If-Match", "\"x\""}, {"If-None-Match", "\"x\""}}), there, Verdict::not_modified,
       Verdict::failed},
  };
  for (const auto& test : cases) {
    CAPTURE(test.why);
    CHECK(dav::evaluate_preconditions(test.fields, true, test.current, now) == test.get);
    CHECK(dav::evaluate_preconditions(test.fields, false, test.current, now) == test.put);
  }
}

TEST_CASE("If-Range") {
  CHECK(dav::if_range_holds(headers({}), there, now));
  CHECK(dav::if_range_holds(headers({{"If-Range", "\"x\""}}), there, now));
  CHECK_FALSE(dav::if_range_holds(headers({{"If-Range", "W/\"x\""}}), there, now));
  CHECK_FALSE(dav::if_range_holds(headers({{"If-Range", "\"y\""}}), there, now));
  CHECK_FALSE(dav::if_range_holds(headers({{"If-Range", "\"x\", \"y\""}}), there, now));
  CHECK(dav::if_range_holds(headers({{"If-Range", at_change}}), there, now));
  CHECK_FALSE(dav::if_range_holds(headers({{"If-Range", after}}), there, now));
  // Changed a moment ago, it may change again within the same second.
  CHECK_FALSE(dav::if_range_holds(headers({{"If-Range", at_change}}), there, changed + 1));
  CHECK_FALSE(dav::if_range_holds(headers({{"If-Range", "nonsense"}}), there, now));
}
