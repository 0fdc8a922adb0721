#include "dav/calendar/recurrence.h"

#include <libical/ical.h>

#include <catch2/catch.hpp>
#include <ctime>
#include <random>
#include <sstream>

#include "dav/calendar/rule.h"

using namespace dav::calendar;

namespace {

Seconds local(const std::string& text) {
  const auto value = parse_date_time(text);
  REQUIRE(value);
  return value->local;
}

/// The first `most` starts, as text.
std::vector<std::string> starts(const std::string& start, const std::string& text, std::size_t most,
                                Seconds skip_to = 0, std::size_t steps = 1'000'000) {
  const auto parsed = parse_rule(text);
  CAPTURE(text);
  REQUIRE(std::holds_alternative<Rule>(parsed));
  const Rule& rule = std::get<Rule>(parsed);
  const auto value = parse_date_time(start);
  Budget budget(steps);
  RuleIterator iterator(rule, value->local, value->is_date(),
                        rule.until ? std::optional(rule.until->local) : std::nullopt, budget);
  if (skip_to != 0) iterator.skip_to(skip_to);
  std::vector<std::string> found;
  while (found.size() < most) {
    const auto next = iterator.next();
    if (!next) break;
    found.push_back(print(DateTime{*next, value->form, {}}));
  }
  return found;
}

/// "1997 9:2,9-11 10:1" at 9 AM: days of months of years.
std::vector<std::string> days(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream words(text);
  std::string word;
  int year = 0;
  while (words >> word) {
    const auto colon = word.find(':');
    if (colon == std::string::npos) {
      year = std::stoi(word);
      continue;
    }
    const int month = std::stoi(word.substr(0, colon));
    std::istringstream list(word.substr(colon + 1));
    std::string item;
    while (std::getline(list, item, ',')) {
      const auto dash = item.find('-');
      const int first = std::stoi(item);
      const int last = dash == std::string::npos ? first : std::stoi(item.substr(dash + 1));
      for (int d = first; d <= last; ++d)
        result.push_back(print(DateTime{from_civil({year, month, d, 9, 0, 0}), Form::floating, {}}));
    }
  }
  return result;
}

struct Example {
  const char* start;
  const char* rule;
  const char* days;
  bool goes_on = false;
};

}  // namespace

// RFC 5545 3.8.5.3: every example, UNTIL as the clock of New York shows it.
TEST_CASE("the recurrence examples of RFC 5545 give the dates it lists") {
  const std::vector<Example> examples = {
      {"19970902", "FREQ=DAILY;COUNT=10", "1997 9:2-11"},
      {"19970902", "FREQ=DAILY;UNTIL=19971223T190000", "1997 9:2-30 10:1-31 11:1-30 12:1-23"},
      {"19970902", "FREQ=DAILY;INTERVAL=2",
       "1997 9:2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 10:2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 11:1,3,5,7", true},
      {"19970902", "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997 9:2,12,22 10:2,12"},
      {"19980101", "FREQ=YEARLY;UNTIL=20000131T090000;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
       "1998 1:1-31 1999 1:1-31 2000 1:1-31"},
      {"19980101", "FREQ=DAILY;UNTIL=20000131T090000;BYMONTH=1", "1998 1:1-31 1999 1:1-31 2000 1:1-31"},
      {"19970902", "FREQ=WEEKLY;COUNT=10", "1997 9:2,9,16,23,30 10:7,14,21,28 11:4"},
      {"19970902", "FREQ=WEEKLY;UNTIL=19971223T190000", "1997 9:2,9,16,23,30 10:7,14,21,28 11:4,11,18,25 12:2,9,16,23"},
      {"19970902", "FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997 9:2,16,30 10:14,28 11:11,25 12:9,23 1998 1:6,20 2:3,17",
       true},
      {"19970902", "FREQ=WEEKLY;UNTIL=19971006T200000;WKST=SU;BYDAY=TU,TH", "1997 9:2,4,9,11,16,18,23,25,30 10:2"},
      {"19970902", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997 9:2,4,9,11,16,18,23,25,30 10:2"},
      {"19970901", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971223T190000;WKST=SU;BYDAY=MO,WE,FR",
       "1997 9:1,3,5,15,17,19,29 10:1,3,13,15,17,27,29,31 11:10,12,14,24,26,28 12:8,10,12,22"},
      {"19970902", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997 9:2,4,16,18,30 10:2,14,16"},
      {"19970905", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997 9:5 10:3 11:7 12:5 1998 1:2 2:6 3:6 4:3 5:1 6:5"},
      {"19970905", "FREQ=MONTHLY;UNTIL=19971223T190000;BYDAY=1FR", "1997 9:5 10:3 11:7 12:5"},
      {"19970907", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997 9:7,28 11:2,30 1998 1:4,25 3:1,29 5:3,31"},
      {"19970922", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997 9:22 10:20 11:17 12:22 1998 1:19 2:16"},
      {"19970928", "FREQ=MONTHLY;BYMONTHDAY=-3", "1997 9:28 10:29 11:28 12:29 1998 1:29 2:26", true},
      {"19970902", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "1997 9:2,15 10:2,15 11:2,15 12:2,15 1998 1:2,15"},
      {"19970930", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997 9:30 10:1,31 11:1,30 12:1,31 1998 1:1,31 2:1"},
      {"19970910", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997 9:10-15 1999 3:10-13"},
      {"19970902", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
       "1997 9:2,9,16,23,30 11:4,11,18,25 1998 1:6,13,20,27 3:3,10,17,24,31", true},
      {"19970610", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
       "1997 6:10 7:10 1998 6:10 7:10 1999 6:10 7:10 2000 6:10 7:10 2001 6:10 7:10"},
      {"19970310", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
       "1997 3:10 1999 1:10 2:10 3:10 2001 1:10 2:10 3:10 2003 1:10 2:10 3:10"},
      {"19970101", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
       "1997 1:1 4:10 7:19 2000 1:1 4:9 7:18 2003 1:1 4:10 7:19 2006 1:1"},
      {"19970519", "FREQ=YEARLY;BYDAY=20MO", "1997 5:19 1998 5:18 1999 5:17", true},
      {"19970512", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997 5:12 1998 5:11 1999 5:17", true},
      {"19970313", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997 3:13,20,27 1998 3:5,12,19,26 1999 3:4,11,18,25", true},
      {"19970605", "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
       "1997 6:5,12,19,26 7:3,10,17,24,31 8:7,14,21,28 1998 6:4,11,18,25 7:2,9,16,23,30 8:6,13,20,27"
       " 1999 6:3,10,17,24 7:1,8,15,22,29 8:5,12,19,26",
       true},
      // EXDATE takes DTSTART away, which shows that it is in the set without being in the rule.
      {"19970902", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997 9:2 1998 2:13 3:13 11:13 1999 8:13 2000 10:13", true},
      {"19970913", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
       "1997 9:13 10:11 11:8 12:13 1998 1:10 2:7 3:7 4:11 5:9 6:13", true},
      {"19961105", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
       "1996 11:5 2000 11:7 2004 11:2", true},
      {"19970904", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997 9:4 10:7 11:6"},
      {"19970929", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997 9:29 10:30 11:27 12:30 1998 1:29 2:26 3:30",
       true},
      {"19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997 8:5,10,19,24"},
      {"19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997 8:5,17,19,31"},
      {"20070115", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007 1:15,30 2:15 3:15,30"},
  };
  for (const Example& example : examples) {
    CAPTURE(example.start, example.rule);
    const auto expected = days(example.days);
    const std::size_t most = example.goes_on ? expected.size() : expected.size() + 5;
    CHECK(starts(std::string(example.start) + "T090000", example.rule, most) == expected);
  }
}

TEST_CASE("the examples of RFC 5545 within a day give the times it lists") {
  const auto times = [](const std::string& rule, std::size_t most) {
    std::string result;
    for (const auto& each : starts("19970902T090000", rule, most))
      result += each.substr(6, 2) + " " + each.substr(9, 4) + ",";
    return result;
  };
  // UNTIL is given as 17:00 UTC there, which is 13:00 in New York: the list shows that 17:00 local was meant.
  CHECK(times("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", 9) == "02 0900,02 1200,02 1500,");
  CHECK(times("FREQ=MINUTELY;INTERVAL=15;COUNT=6", 9) == "02 0900,02 0915,02 0930,02 0945,02 1000,02 1015,");
  CHECK(times("FREQ=MINUTELY;INTERVAL=90;COUNT=4", 9) == "02 0900,02 1030,02 1200,02 1330,");
  std::string workday;
  for (int d = 2; d <= 3; ++d) {
    for (int minutes = 9 * 60; minutes <= 16 * 60 + 40; minutes += 20) {
      std::ostringstream time;
      time << "0" << d << " " << (minutes / 60 < 10 ? "0" : "") << minutes / 60 << (minutes % 60 == 0 ? "0" : "")
           << minutes % 60;
      workday += time.str() + ",";
    }
  }
  CHECK(times("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", 48) == workday);
  CHECK(times("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", 48) == workday);
}

TEST_CASE("what RFC 5545 leaves to DTSTART comes from there") {
  using List = std::vector<std::string>;
  CHECK(starts("19970105T083000", "FREQ=YEARLY;INTERVAL=2;BYMONTH=1;BYDAY=SU;BYHOUR=8,9;BYMINUTE=30", 3) ==
        List{"19970105T083000", "19970105T093000", "19970112T083000"});
  CHECK(starts("20260515", "FREQ=YEARLY;BYMONTH=1", 2) == List{"20260515", "20270115"});
  CHECK(starts("20260513", "FREQ=YEARLY;BYWEEKNO=20,30", 3) == List{"20260513", "20260722", "20270519"});
  CHECK(starts("20260131", "FREQ=MONTHLY", 3) == List{"20260131", "20260331", "20260531"});
  CHECK(starts("20240229", "FREQ=YEARLY", 2) == List{"20240229", "20280229"});
  CHECK(starts("20260101", "FREQ=DAILY;BYHOUR=9,10", 2) == List{"20260101", "20260102"});
}

TEST_CASE("DTSTART counts as the first occurrence whether the rule makes it or not") {
  using List = std::vector<std::string>;
  CHECK(starts("20260101", "FREQ=WEEKLY;BYDAY=MO;COUNT=3", 9) == List{"20260101", "20260105", "20260112"});
  CHECK(starts("20260101", "FREQ=DAILY;COUNT=1", 9) == List{"20260101"});
  CHECK(starts("20260101", "FREQ=DAILY;UNTIL=20251231", 9).empty());
}

// RFC 5545 3.3.10: python-dateutil thinks that 1989 has 53 weeks that begin on Wednesdays, and 2010 that begin on
// Mondays.
TEST_CASE("the first days of a year may be in the last week of the year before") {
  using List = std::vector<std::string>;
  CHECK(starts("19880912", "FREQ=YEARLY;WKST=WE;BYWEEKNO=-2,37,39,53;BYDAY=MO", 8) ==
        List{"19880912", "19880926", "19881226", "19890102", "19890918", "19891002", "19891225", "19900917"});
  CHECK(starts("20101016", "FREQ=YEARLY;BYWEEKNO=27,33,41,47,52;BYDAY=SA;BYSETPOS=1", 3) ==
        List{"20101016", "20110101", "20120707"});
}

// What python-dateutil walks through second by second, so that tests/oracle makes few like it; its answers.
TEST_CASE("seconds of certain days") {
  using List = std::vector<std::string>;
  CHECK(starts("20260701T110400", "FREQ=SECONDLY;BYMONTH=7;BYDAY=WE,TH;BYHOUR=11;BYMINUTE=4;BYSECOND=0,30", 4) ==
        List{"20260701T110400", "20260701T110430", "20260702T110400", "20260702T110430"});
  CHECK(starts("20260701T110400", "FREQ=SECONDLY;INTERVAL=45;BYMONTHDAY=1,-1;BYHOUR=11;BYMINUTE=4", 4) ==
        List{"20260701T110400", "20260701T110445", "20260731T110400", "20260731T110445"});
}

TEST_CASE("no rule takes long, however hostile") {
  std::string every_numbered_day;
  for (int number = -53; number <= 53; ++number) {
    for (const char* weekday : {"MO", "TU", "WE", "TH", "FR", "SA", "SU"}) {
      if (number != 0) every_numbered_day += (every_numbered_day.empty() ? "" : ",") + std::to_string(number) + weekday;
    }
  }
  const std::vector<std::string> rules = {
      "FREQ=YEARLY;BYYEARDAY=366;BYDAY=" + every_numbered_day,
      "FREQ=YEARLY;BYYEARDAY=366",
      "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYHOUR=3;BYMINUTE=3;BYSECOND=3;BYYEARDAY=1",
      "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
      "FREQ=SECONDLY;INTERVAL=86400;BYHOUR=1",
      "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=5",
      "FREQ=MINUTELY;BYYEARDAY=366;BYMONTH=1",
      "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29;BYYEARDAY=1",
      "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=1;INTERVAL=999999999",
      "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
      "FREQ=WEEKLY;BYDAY=TU;BYSETPOS=2",
      "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
      "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
      "FREQ=YEARLY;INTERVAL=999999999",
      "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6;BYDAY=MO",
      "FREQ=YEARLY;BYYEARDAY=366;BYDAY=53MO;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13;BYMINUTE=0,1,2,3,4,5;BYSECOND=0,1,2;"
      "BYSETPOS=366",
      "FREQ=SECONDLY",
      "FREQ=SECONDLY;COUNT=999999999",
      "FREQ=DAILY;UNTIL=99991231",
  };
  for (const std::string& rule : rules) {
    CAPTURE(rule);
    Budget budget;
    const auto parsed = std::get<Rule>(parse_rule(rule));
    RuleIterator iterator(parsed, local("20260105T000000"), false, std::nullopt, budget);
    iterator.skip_to(local("20990101T000000"));
    std::size_t found = 0;
    const auto begin = std::clock();
    while (iterator.next()) ++found;
    CHECK(found <= 50'000);
    // Of this process's own time: some ten milliseconds at most, and slack for sanitizers.
    CHECK(std::clock() - begin < CLOCKS_PER_SEC);
  }
}

namespace {

std::vector<std::string> libical_starts(const std::string& start, const std::string& text, std::size_t most) {
  const icalrecurrencetype rule = icalrecurrencetype_from_string(text.c_str());
  icalrecur_iterator* iterator = icalrecur_iterator_new(rule, icaltime_from_string(start.c_str()));
  std::vector<std::string> found;
  while (iterator != nullptr && found.size() < most) {
    const icaltimetype next = icalrecur_iterator_next(iterator);
    if (icaltime_is_null_time(next)) break;
    found.emplace_back(icaltime_as_ical_string(next));
  }
  if (iterator != nullptr) icalrecur_iterator_free(iterator);
  return found;
}

/// A rule of the kinds that libical 3.0.16 reads as RFC 5545 has them. It doesn't count days from the month's end but
/// in MONTHLY rules, takes BYMONTHDAY of a YEARLY rule without BYMONTH for DTSTART's month, and applies BYSETPOS to
/// days rather than to the set with its hours; python-dateutil reads these as we do.
std::string random_rule(std::mt19937& random) {
  const auto pick = [&](int least, int most) { return std::uniform_int_distribution<int>(least, most)(random); };
  const std::vector<std::string> weekdays = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
  const std::vector<std::string> frequencies = {"YEARLY", "MONTHLY", "WEEKLY", "DAILY"};
  const std::string frequency = frequencies[static_cast<std::size_t>(pick(0, 3))];
  std::string rule = "FREQ=" + frequency + ";INTERVAL=" + std::to_string(pick(1, 4));
  if (pick(0, 3) == 0) rule += ";WKST=" + weekdays[static_cast<std::size_t>(pick(0, 6))];
  const bool by_month = frequency != "WEEKLY" && pick(0, 2) == 0;
  if (by_month) rule += ";BYMONTH=" + std::to_string(pick(1, 6)) + "," + std::to_string(pick(7, 12));
  const int kind = pick(0, 3);
  if (kind == 1 && frequency == "MONTHLY")
    rule += ";BYMONTHDAY=" + std::to_string(pick(1, 28)) + "," + std::to_string(pick(-28, -1));
  if (kind == 1 && (frequency == "DAILY" || (frequency == "YEARLY" && by_month)))
    rule += ";BYMONTHDAY=" + std::to_string(pick(1, 28));
  if (kind == 2) {
    const bool numbered = frequency == "MONTHLY" || (frequency == "YEARLY" && by_month);
    rule += ";BYDAY=" + (numbered ? std::to_string(pick(1, 4)) : "") + weekdays[static_cast<std::size_t>(pick(0, 6))];
  }
  if (kind == 3 && frequency != "YEARLY") {
    rule += ";BYDAY=" + weekdays[static_cast<std::size_t>(pick(0, 3))] + "," +
            weekdays[static_cast<std::size_t>(pick(4, 6))];
    if (frequency == "MONTHLY") rule += ";BYSETPOS=" + std::to_string(pick(1, 3));
  }
  const bool by_position = rule.find("BYSETPOS") != std::string::npos;
  if (!by_position && pick(0, 3) == 0)
    rule += ";BYHOUR=" + std::to_string(pick(0, 11)) + "," + std::to_string(pick(12, 23));
  return rule + ";COUNT=" + std::to_string(pick(2, 12));
}

}  // namespace

TEST_CASE("rules agree with libical") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::size_t compared = 0;
  for (int i = 0; i < 600; ++i) {
    const std::string rule = random_rule(random);
    const std::string given = print(DateTime{
        from_civil({.year = 1990 + i % 60, .month = 1 + i % 12, .day = 1 + i % 28, .hour = 9}), Form::floating, {}});
    // From a start that the rule makes, so that both agree on the first one.
    const auto first = libical_starts(given, rule, 1);
    if (first.empty()) continue;
    ++compared;
    const auto expected = libical_starts(first[0], rule, 12);
    const auto found = starts(first[0], rule, 12);
    if (found != expected) {
      CAPTURE(rule, first[0]);
      CHECK(found == expected);
    }
  }
  CHECK(compared > 400);
}
