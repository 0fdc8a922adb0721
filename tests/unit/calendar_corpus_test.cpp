#include <catch2/catch.hpp>
#include <ctime>
#include <fstream>
#include <random>

#include "dav/calendar/calendar_data.h"
#include "dav/calendar/filter.h"
#include "dav/calendar/freebusy.h"
#include "dav/calendar/jcal.h"
#include "dav/calendar/span.h"
#include "dav/content/text.h"
#include "tests/unit/calendar_tolerances.h"

using namespace dav::calendar;

namespace {

const TimeZones& zones() {
  static const TimeZones zones;
  return zones;
}

/// The examples of RFC 5545, 4791, 7986, 9073, 9074, 9253, 7953 and 7529: those that are components, and the properties
/// that stand alone in an event each.
std::vector<std::string> rfc_objects() {
  std::ifstream file("tests/data/rfc_objects.txt");
  std::vector<std::string> objects;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("# ")) {
      objects.emplace_back();
    } else {
      objects.back() += line + "\r\n";
    }
  }
  return objects;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size() - 1);
    lines.push_back(text.substr(begin, end + 1 - begin));
    begin = end + 1;
  }
  return lines;
}

/// Changes a text the way bugs, mergers and enemies do.
class Mutation {
 public:
  explicit Mutation(std::uint32_t seed) : random_(seed) {}

  std::string of(std::string text, const std::vector<std::string>& others) {
    for (std::size_t i = 1 + pick(4); i > 0; --i) {
      text = pick(2) == 0 ? change_octets(std::move(text)) : change_lines(lines_of(text), others);
      if (text.empty()) text = "\n";
    }
    return text;
  }

 private:
  /// Without a distribution, which every library makes in its own way.
  std::size_t pick(std::size_t below) { return random_() % below; }

  std::string change_octets(std::string text) {
    const std::size_t at = pick(text.size());
    switch (pick(7)) {
      case 0:
        return text.insert(at, "\r\n ");
      case 1:
        return text.insert(at, 1, static_cast<char>(pick(256)));
      case 2:
        text[at] = static_cast<char>(pick(256));
        return text;
      case 3:
        return text.erase(at, 1 + pick(8));
      case 4:
        return text.insert(at, 1, ";:,\"^\\=TZ-/"[pick(11)]);
      case 5:
        for (char& c : text) {
          if (c >= '0' && c <= '9' && pick(6) == 0) c = static_cast<char>('0' + pick(10));
        }
        return text;
      default:
        return text.substr(0, at);
    }
  }

  std::string change_lines(std::vector<std::string> lines, const std::vector<std::string>& others) {
    static const std::vector<std::string> odd = {
        "RRULE:FREQ=SECONDLY\r\n",
        "RRULE:FREQ=SECONDLY;INTERVAL=2;BYSECOND=1\r\n",
        "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6;BYDAY=MO\r\n",
        "RRULE:FREQ=MINUTELY;COUNT=999999999;BYSETPOS=-1;BYHOUR=3,4\r\n",
        "RRULE:RSCALE=CHINESE;FREQ=MONTHLY;BYMONTH=11L;SKIP=FORWARD\r\n",
        "RRULE:RSCALE=HEBREW;FREQ=DAILY;BYYEARDAY=385\r\n",
        "EXRULE:FREQ=HOURLY;COUNT=100000\r\n",
        "RDATE;VALUE=PERIOD:20060101T000000Z/P9999W,20060102T000000Z/PT0S\r\n",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20060110T120000Z\r\n",
        "EXDATE;TZID=W. Europe Standard Time:20060110T120000\r\n",
        "DTSTART:00010101T000000Z\r\n",
        "DTSTART;TZID=Pacific/Apia:99991231T235959\r\n",
        "DTEND;VALUE=DATE:20300101\r\n",
        "DURATION:-P1D\r\n",
        "TRIGGER;RELATED=END:-P99999W\r\n",
        "REPEAT:2000000000\r\nDURATION:PT1S\r\n",
        "X-LONG:" + std::string(5000, 'x') + "\r\n",
        "BEGIN:VALARM\r\n",
        "END:VEVENT\r\n",
    };
    const std::size_t at = pick(lines.size());
    const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
    switch (pick(5)) {
      case 0:
        lines.erase(place);
        break;
      case 1:
        lines.insert(place, lines[pick(lines.size())]);
        break;
      case 2:
        std::swap(lines[at], lines[pick(lines.size())]);
        break;
      case 3:
        lines.insert(place, odd[pick(odd.size())]);
        break;
      default: {
        const auto more = lines_of(others[pick(others.size())]);
        lines.insert(place, more[pick(more.size())]);
      }
    }
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
  }

  std::mt19937 random_;
};

std::string text_of(const dav::content::Document& document) { return std::string(document.components().front().raw); }

/// What is made of an object must be UTF-8 and content lines again.
void check_text(const std::string& text) {
  CHECK(dav::content::is_utf8(text));
  CHECK_NOTHROW(text_of(dav::content::Document::parse(text, dav::content::Dialect::icalendar)));
}

CompFilter filter_of(const std::string& component, const TimeRange& range) {
  CompFilter inner{.name = component, .range = range, .properties = {}, .components = {}, .any_of = true};
  inner.components.push_back({.name = "VALARM", .range = range, .properties = {}, .components = {}});
  PropFilter end{.name = component == "VTODO" ? "DUE" : "DTEND", .range = range, .texts = {}, .parameters = {}};
  inner.properties.push_back(std::move(end));
  return {.name = "VCALENDAR", .range = {}, .properties = {}, .components = {std::move(inner)}};
}

/// Everything that is ever done with an object.
void use(const Object& object) {
  const Zone& berlin = *zones().find("Europe/Berlin");
  const TimeRange range{from_civil({.year = 2006}), from_civil({.year = 2006, .month = 2})};
  object.obey({});
  const ZoneScope scope(zones(), object.calendar(), berlin);
  obey_instances(object, {}, 10'000, scope);
  matches(object, filter_of(object.component(), range), zones(), berlin);

  CalendarDataRequest request;
  CHECK(calendar_data(object, request, zones()).text == dav::content::mend_folds(object.bytes()));
  request.limit_free_busy_set = range;
  request.limit_recurrence_set = range;
  check_text(calendar_data(object, request, zones(), berlin).text);
  request.limit_recurrence_set.reset();
  request.expand = range;
  check_text(calendar_data(object, request, zones(), berlin, 200).text);
  request.component = ComponentRequest{
      .name = "VCALENDAR", .properties = {{"VERSION", true}}, .all_components = true, .components = {}};
  check_text(calendar_data(object, request, zones(), berlin, 200).text);

  FreeBusy busy(range, zones(), berlin);
  busy.add(object);
  check_text(busy.text("x", 0, object.uid()));
  check_text(from_jcal(to_jcal(object.calendar())));
}

/// The seconds of this process that using the text took; nothing if it is no object.
std::optional<double> seconds_of(const std::string& text) {
  CAPTURE(text);
  const auto parsed = Object::parse(text, zones());
  const auto* object = std::get_if<Object>(&parsed);
  if (object == nullptr) return std::nullopt;
  const auto begin = std::clock();
  use(*object);
  CHECK(object->bytes() == text);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

}  // namespace

TEST_CASE("two thousand odd objects are used in every way, and none crashes, hangs or changes", "[corpus]") {
  std::vector<std::string> seeds = rfc_objects();
  REQUIRE(seeds.size() > 300);
  for (const Tolerance& each : tolerances()) seeds.push_back(each.text);
  std::size_t tried = 0, taken = 0;
  double longest = 0;
  std::string slowest;
  const auto use_text = [&](const std::string& text) {
    ++tried;
    const auto seconds = seconds_of(text);
    if (!seconds) return;
    ++taken;
    if (*seconds > longest) slowest = text;
    longest = std::max(longest, *seconds);
  };
  for (const std::string& seed : seeds) use_text(seed);
  // Half of the examples are parts of objects, or say wrong on purpose; all tolerances are objects.
  CHECK(taken > seeds.size() / 2);
  for (std::uint32_t i = 0; taken < 2000; ++i) {
    REQUIRE(i < 100'000);
    use_text(Mutation(i).of(seeds[i % seeds.size()], seeds));
  }
  // Budgets are in steps; this is only to see that they are heeded, with much room for sanitizers and slow machines.
  CAPTURE(slowest);
  CHECK(longest < 10);
}
