#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "dav/calendar/expand.h"
#include "dav/calendar/filter.h"
#include "dav/calendar/time_range.h"

using namespace dav::calendar;

namespace {

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

// tests/data/make_time_range_cases.py says how the cases were made.
TEST_CASE("occurrences in a range agree with python-dateutil and zoneinfo") {
  const TimeZones zones;
  std::ifstream file("tests/data/time_range_cases.txt");
  REQUIRE(file);
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
  CHECK(cases == 2000);
}
