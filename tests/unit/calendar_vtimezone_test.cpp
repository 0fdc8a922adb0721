#include "dav/calendar/vtimezone.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "dav/calendar/onsets.h"
#include "dav/calendar/zone_scope.h"

using namespace dav::calendar;
namespace fs = std::filesystem;

namespace {

const fs::path folder = "/usr/share/zoneinfo";

std::string octets_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Tzif read(const char* name) {
  auto file = parse_tzif(octets_of(folder / name));
  REQUIRE(file);
  return std::move(*file);
}

/// What a client makes of the text.
Zone zone_in(const std::string& vtimezone) {
  const auto document = dav::content::Document::parse(vtimezone, dav::content::Dialect::icalendar);
  auto zone = read_vtimezone(document.components().front());
  REQUIRE(zone);
  return std::move(*zone);
}

Seconds at(const char* text) { return parse_date_time(text)->local; }

std::string lines(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '\r' ? "" : std::string(1, c);
  return result;
}

/// The instants to compare at: the changes of the file with what is around them, and a step through all years.
std::vector<Seconds> instants_of(const Tzif& file, Seconds start, Seconds end) {
  std::vector<Seconds> instants;
  for (const auto& transition : file.transitions) {
    for (const Seconds beside : {-3600, -1, 0, 1, 3600}) instants.push_back(transition.at + beside);
  }
  for (Seconds instant = start; instant < end; instant += 9 * day + 7 * hour + 13) instants.push_back(instant);
  const Onsets onsets = onsets_between(file, at("20370101T000000Z"), end);
  for (const Onset& onset : onsets.single) {
    for (const Seconds beside : {-1, 0}) instants.push_back(onset.at + beside);
  }
  std::erase_if(instants, [&](Seconds instant) { return instant < start || instant >= end; });
  return instants;
}

}  // namespace

TEST_CASE("of every zone of the system a VTIMEZONE has the same offsets") {
  int zones = 0;
  std::size_t longest = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).string();
    if (!entry.is_regular_file() || name.starts_with("posix/") || name.starts_with("right/")) continue;
    const auto octets = octets_of(entry.path());
    const auto file = parse_tzif(octets);
    if (!file) continue;
    ++zones;
    const Zone truth = *read_tzif(name, octets);
    const std::string text = write_vtimezone(name, *file);
    longest = std::max(longest, text.size());
    const Zone zone = zone_in(text);
    CHECK(zone.name() == name);
    for (const Seconds instant : instants_of(*file, at("19000101T000000Z"), at("21000101T000000Z"))) {
      if (zone.offset_at(instant) == truth.offset_at(instant)) continue;
      FAIL(name << " at " << print_utc(instant) << ": " << zone.offset_at(instant) << " for "
                << truth.offset_at(instant) << "\n"
                << text);
    }
  }
  CHECK(zones > 300);
  CHECK(longest < 8192);
}

// RFC 7808 5.3.4
TEST_CASE("a truncated VTIMEZONE begins and ends where it is cut") {
  const Tzif york = read("America/New_York");
  const VtimezoneRequest request{at("20100101T000000Z"), at("20200101T000000Z"), {}};
  CHECK(lines(write_vtimezone("America/New_York", york, request)) ==
        "BEGIN:VTIMEZONE\nTZID:America/New_York\nTZUNTIL:20200101T000000Z\n"
        "BEGIN:STANDARD\nTZNAME:EST\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0500\nDTSTART:20091231T190000\nEND:STANDARD\n"
        "BEGIN:DAYLIGHT\nTZNAME:EDT\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nDTSTART:20100314T020000\n"
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU;UNTIL=20190310T070000Z\nEND:DAYLIGHT\n"
        "BEGIN:STANDARD\nTZNAME:EST\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nDTSTART:20101107T020000\n"
        "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU;UNTIL=20191103T060000Z\nEND:STANDARD\n"
        "END:VTIMEZONE\n");
  // Without an end the rules go on; a cut on an onset shows what was before it.
  CHECK(lines(write_vtimezone("US/Eastern", york, {at("20260308T070000Z"), std::nullopt, {"America/New_York"}})) ==
        "BEGIN:VTIMEZONE\nTZID:US/Eastern\nTZID-ALIAS-OF:America/New_York\n"
        "BEGIN:DAYLIGHT\nTZNAME:EDT\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nDTSTART:20260308T020000\nEND:DAYLIGHT\n"
        "BEGIN:DAYLIGHT\nTZNAME:EDT\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nDTSTART:20270314T020000\n"
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT\n"
        "BEGIN:STANDARD\nTZNAME:EST\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nDTSTART:20261101T020000\n"
        "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD\n"
        "END:VTIMEZONE\n");
  const Zone whole = *read_tzif("x", octets_of(folder / "Europe/London"));
  const Tzif london = read("Europe/London");
  for (const char* start : {"18500101T000000Z", "19410504T000000Z", "19680218T020000Z", "20260101T120000Z"}) {
    const Zone part = zone_in(write_vtimezone("x", london, {at(start), at("20500601T000000Z"), {}}));
    for (Seconds instant = at(start); instant < at("20500601T000000Z"); instant += 5 * day + hour) {
      if (part.offset_at(instant) != whole.offset_at(instant)) FAIL(start << " " << print_utc(instant));
    }
  }
}

// Rules that have their time on the day before or days after the one they name.
TEST_CASE("rules that reach into other days are said by other days") {
  const auto rule_of = [](const char* name, const char* kind) {
    const std::string text = lines(write_vtimezone(name, read(name)));
    const auto last = text.rfind(std::string("BEGIN:") + kind);
    const auto rule = text.find("RRULE:", last);
    return text.substr(rule, text.find('\n', rule) - rule);
  };
  CHECK(rule_of("America/Nuuk", "DAYLIGHT") == "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=24,25,26,27,28,29,30;BYDAY=SA");
  CHECK(rule_of("Asia/Jerusalem", "DAYLIGHT") ==
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=23,24,25,26,27,28,29;BYDAY=FR");
  CHECK(rule_of("Africa/Cairo", "STANDARD") == "RRULE:FREQ=YEARLY;BYYEARDAY=-67,-66,-65,-64,-63,-62,-61;BYDAY=FR");
  // Where winter is what differs from the standard, summer is called daylight all the same.
  CHECK(lines(write_vtimezone("x", read("Europe/Dublin")))
            .find("BEGIN:DAYLIGHT\nTZNAME:IST\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nDTSTART:1996") !=
        std::string::npos);
}

// RFC 7808 5.4.1
TEST_CASE("the onsets of a year") {
  const Onsets year = onsets_between(read("America/New_York"), at("20080101T000000Z"), at("20090101T000000Z"));
  CHECK(print_utc(year.initial.at) == "20080101T000000Z");
  CHECK(year.initial.offset_before == -18000);
  CHECK(year.initial.offset == -18000);
  REQUIRE(year.single.size() == 2);
  CHECK(print_utc(year.single[0].at) == "20080309T070000Z");
  CHECK(year.single[0].offset == -14400);
  CHECK(year.single[0].is_daylight);
  CHECK(print_utc(year.single[1].at) == "20081102T060000Z");
  const Onsets far = onsets_between(read("America/New_York"), at("21500101T000000Z"), at("21510101T000000Z"));
  CHECK(far.single.size() == 2);
  CHECK(far.initial.name == "EST");
  const Onsets none = onsets_between(read("Etc/UTC"), at("20080101T000000Z"), at("20090101T000000Z"));
  CHECK(none.single.empty());
  CHECK(none.initial.name == "UTC");
}
