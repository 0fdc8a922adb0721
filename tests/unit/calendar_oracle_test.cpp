#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "dav/calendar/expand.h"
#include "dav/calendar/filter.h"
#include "dav/calendar/time_range.h"

using namespace dav::calendar;

namespace {

// tests/oracle/run.py makes the cases, and says in the environment where they are and how many.
std::ifstream open_cases(const char* name) {
  const char* folder = std::getenv("PILEUS_ORACLE");
  REQUIRE(folder != nullptr);
  std::ifstream file(std::string(folder) + "/" + name);
  REQUIRE(file);
  return file;
}

std::size_t wanted_cases() {
  const char* number = std::getenv("PILEUS_ORACLE_CASES");
  return number == nullptr ? 0 : static_cast<std::size_t>(std::atoll(number));
}

/// The first `most` starts from DTSTART, or from a later place, on.
std::vector<std::string> starts(const Rule& rule, const DateTime& start, std::size_t most,
                                std::optional<Seconds> skip_to = {}) {
  Budget budget(1'000'000);
  RuleIterator iterator(rule, start.local, start.is_date(),
                        rule.until ? std::optional(rule.until->local) : std::nullopt, budget);
  if (skip_to) iterator.skip_to(*skip_to);
  std::vector<std::string> found;
  while (found.size() < most) {
    const auto next = iterator.next();
    if (!next) break;
    found.push_back(print(DateTime{*next, start.form, {}}));
  }
  return found;
}

struct Case {
  std::string floating;
  TimeRange range;
  std::string text;
  std::set<std::string> expected;
};

Case read_case(const std::string& line) {
  std::istringstream words(line);
  std::string start, end, event, word;
  Case result;
  words >> result.floating >> start >> end >> event;
  result.range = {parse_date_time(start)->local, parse_date_time(end)->local};
  while (words >> word) result.expected.insert(word);
  std::replace(event.begin(), event.end(), '|', '\n');
  result.text = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\n" + event + "\nEND:VEVENT\nEND:VCALENDAR\n";
  return result;
}

std::set<std::string> found_by(const Case& given, const Object& object, const TimeZones& zones, const Zone& floating) {
  const ZoneScope scope(zones, object.calendar(), floating);
  Budget budget;
  std::set<std::string> found;
  Instances(object, scope).for_each(given.range, budget, [&](const Instance& each) {
    if (overlaps(each, given.range)) found.insert(print_utc(each.start_utc) + "/" + print_utc(each.end_utc));
    return true;
  });
  return found;
}

}  // namespace

TEST_CASE("rules agree with python-dateutil, from the start and from any later place", "[.oracle]") {
  auto file = open_cases("recurrence");
  std::string line;
  std::size_t cases = 0;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string start, text, word;
    std::vector<std::string> expected;
    words >> start >> text;
    while (words >> word) expected.push_back(word);
    const bool whole = expected.back() == "end";
    if (whole) expected.pop_back();
    const auto parsed = parse_rule(text);
    if (const auto* reason = std::get_if<std::string>(&parsed)) FAIL(*reason << "\n" << line);
    const Rule& rule = std::get<Rule>(parsed);
    const DateTime first = *parse_date_time(start);
    const auto found = starts(rule, first, expected.size() + (whole ? 1 : 0));
    if (found != expected) {
      CAPTURE(line);
      CHECK(found == expected);
    }
    for (std::size_t from = 1; from < expected.size(); from += 3) {
      const std::vector<std::string> rest(expected.begin() + static_cast<std::ptrdiff_t>(from), expected.end());
      const auto skipped = starts(rule, first, rest.size(), parse_date_time(expected[from])->local);
      if (skipped != rest) {
        CAPTURE(line, from);
        CHECK(skipped == rest);
      }
    }
    ++cases;
  }
  CHECK(cases == wanted_cases());
}

TEST_CASE("occurrences in a range agree with python-dateutil and zoneinfo", "[.oracle]") {
  const TimeZones zones;
  auto file = open_cases("time_range");
  std::string line;
  std::size_t cases = 0;
  while (std::getline(file, line)) {
    const Case given = read_case(line);
    const auto parsed = Object::parse(given.text, zones);
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) FAIL(refusal->reason << "\n" << line);
    const Object& object = std::get<Object>(parsed);
    const Zone& floating = *zones.find(given.floating);
    const auto found = found_by(given, object, zones, floating);
    if (found != given.expected) {
      CAPTURE(line);
      CHECK(found == given.expected);
    }
    CompFilter filter{.name = "VCALENDAR", .range = {}, .properties = {}, .components = {}};
    filter.components.push_back({.name = "VEVENT", .range = given.range, .properties = {}, .components = {}});
    if (matches(object, filter, zones, floating) == given.expected.empty()) {
      CAPTURE(line);
      CHECK(matches(object, filter, zones, floating) != given.expected.empty());
    }
    ++cases;
  }
  CHECK(cases == wanted_cases());
}
