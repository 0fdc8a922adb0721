#include "dav/calendar/scale.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>

#include "dav/calendar/recurrence.h"

using namespace dav::calendar;

namespace {

/// The first starts after DTSTART's own, as text; with `skip_to`, those from there on.
std::vector<std::string> starts(const std::string& start, const std::string& text, std::size_t most,
                                const std::string& skip_to = "") {
  const auto parsed = parse_rule(text);
  CAPTURE(text);
  if (const auto* reason = std::get_if<std::string>(&parsed)) FAIL(*reason);
  const Rule& rule = std::get<Rule>(parsed);
  const auto value = parse_date_time(start);
  Budget budget;
  RuleIterator iterator(rule, value->local, value->is_date(),
                        rule.until ? std::optional(rule.until->local) : std::nullopt, budget);
  if (!skip_to.empty()) iterator.skip_to(parse_date_time(skip_to)->local);
  std::vector<std::string> found;
  while (found.size() < most) {
    const auto next = iterator.next();
    if (!next) break;
    found.push_back(print(DateTime{*next, value->form, {}}));
  }
  return found;
}

using List = std::vector<std::string>;

}  // namespace

// RFC 7529 4.3
TEST_CASE("the examples of RFC 7529 give the dates it lists") {
  CHECK(starts("20130210", "RSCALE=CHINESE;FREQ=YEARLY", 5) ==
        List{"20130210", "20140131", "20150219", "20160208", "20170128"});
  CHECK(starts("20130906", "RSCALE=ETHIOPIC;FREQ=MONTHLY;BYMONTH=13", 5) ==
        List{"20130906", "20140906", "20150906", "20160906", "20170906"});
  CHECK(starts("20140208", "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD", 5) ==
        List{"20140208", "20150227", "20160217", "20170306", "20180223"});
  CHECK(starts("20120229", "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD", 6) ==
        List{"20120229", "20130301", "20140301", "20150301", "20160229", "20170301"});
  CHECK(starts("20120229", "FREQ=YEARLY", 3) == List{"20120229", "20160229", "20200229"});
}

TEST_CASE("what a date becomes that isn't there is as SKIP says") {
  CHECK(starts("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=OMIT", 3) == List{"20140131", "20140331", "20140531"});
  CHECK(starts("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD", 4) ==
        List{"20140131", "20140228", "20140331", "20140430"});
  CHECK(starts("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD", 4) ==
        List{"20140131", "20140301", "20140331", "20140501"});
  // What falls on another is there once.
  CHECK(starts("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=1,30,31;SKIP=FORWARD;COUNT=6", 9) ==
        List{"20140131", "20140201", "20140301", "20140330", "20140331", "20140401"});
  CHECK(starts("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=29,30,31;SKIP=BACKWARD", 5) ==
        List{"20140131", "20140228", "20140329", "20140330", "20140331"});
  CHECK(starts("20150101", "RSCALE=GREGORIAN;FREQ=YEARLY;BYYEARDAY=366;SKIP=BACKWARD", 3) ==
        List{"20150101", "20151231", "20161231"});
  CHECK(starts("20150101", "RSCALE=GREGORIAN;FREQ=YEARLY;BYYEARDAY=366;SKIP=FORWARD", 4) ==
        List{"20150101", "20160101", "20161231", "20180101"});
  CHECK(starts("20160101", "RSCALE=GREGORIAN;FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-29;SKIP=FORWARD", 3) ==
        List{"20160101", "20160201", "20170201"});
  // 2015 and 2020 have a week 53.
  CHECK(starts("20151228", "RSCALE=GREGORIAN;FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;SKIP=BACKWARD", 4) ==
        List{"20151228", "20161226", "20171225", "20181224"});
  // A leap month that a year lacks: the month before, or the one after.
  CHECK(starts("20140208", "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=BACKWARD", 3) ==
        List{"20140208", "20150128", "20160217"});
  CHECK(starts("20140208", "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8", 3) ==
        List{"20140208", "20160217", "20190213"});
  CHECK(starts("20140208", "RSCALE=HEBREW;FREQ=YEARLY;SKIP=FORWARD", 3) == List{"20140208", "20150227", "20160217"});
}

TEST_CASE("rules of other calendars are followed by day, week and month, and from any later place") {
  CHECK(starts("20230321", "RSCALE=PERSIAN;FREQ=YEARLY", 3) == List{"20230321", "20240320", "20250321"});
  CHECK(starts("20230322", "RSCALE=INDIAN;FREQ=YEARLY", 3) == List{"20230322", "20240321", "20250322"});
  CHECK(starts("20230912", "RSCALE=COPTIC;FREQ=YEARLY", 3) == List{"20230912", "20240911", "20250911"});
  CHECK(starts("20230323", "RSCALE=ISLAMIC-UMALQURA;FREQ=YEARLY", 3) == List{"20230323", "20240311", "20250301"});
  CHECK(starts("20230323", "RSCALE=ISLAMIC-UMALQURA;FREQ=MONTHLY", 3) == List{"20230323", "20230421", "20230521"});
  CHECK(starts("20230401", "RSCALE=BUDDHIST;FREQ=MONTHLY", 2) == List{"20230401", "20230501"});
  // The second month of 2023 was followed by a leap month.
  CHECK(starts("20230220", "RSCALE=CHINESE;FREQ=MONTHLY", 4) == List{"20230220", "20230322", "20230420", "20230519"});
  CHECK(starts("20230322", "RSCALE=CHINESE;FREQ=DAILY;BYMONTH=2L;BYMONTHDAY=1,-1", 2) == List{"20230322", "20230419"});
  CHECK(starts("20230122", "RSCALE=CHINESE;FREQ=WEEKLY;BYMONTH=1;BYDAY=SU;COUNT=6", 9) ==
        List{"20230122", "20230129", "20230205", "20230212", "20230219", "20240211"});
  CHECK(starts("20230122T090000", "RSCALE=CHINESE;FREQ=YEARLY;BYHOUR=9,18", 3) ==
        List{"20230122T090000", "20230122T180000", "20240210T090000"});
  CHECK(starts("20230122", "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=1;BYDAY=1MO", 3) ==
        List{"20230122", "20230123", "20240212"});
  CHECK(starts("20130210", "RSCALE=CHINESE;FREQ=YEARLY", 2, "20990101") == List{"20990121", "21000209"});
  CHECK(starts("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD", 2, "20250301") ==
        List{"20250301", "20250331"});
  CHECK(starts("20230323", "RSCALE=ISLAMIC-CIVIL;FREQ=MONTHLY;INTERVAL=2", 2, "20240101") ==
        starts("20230323", "RSCALE=ISLAMIC-CIVIL;FREQ=MONTHLY;INTERVAL=2;UNTIL=20260101", 2, "20240101"));
}

TEST_CASE("years of every calendar follow each other, and their months fill them") {
  for (const ScaleName& name : scale_names()) {
    CAPTURE(name.name);
    Scale scale(name.calendar);
    const std::int64_t number = scale.year_of(20'000);
    for (std::int64_t each = number; each < number + 12; ++each) {
      const ScaleYear& year = scale.year(each);
      CHECK(scale.year_of(year.first) == each);
      CHECK(scale.year(each + 1).first == year.first + year.length);
      REQUIRE(year.months.size() >= 12);
      CHECK(std::is_sorted(year.months.begin(), year.months.end(),
                           [](const ScaleMonth& a, const ScaleMonth& b) { return a.name < b.name; }));
      CHECK(year.months.front().name.number == 1);
    }
  }
}

TEST_CASE("no rule of another calendar takes long, however hostile") {
  std::vector<std::string> parts = {"FREQ=YEARLY;BYMONTH=12L;BYMONTHDAY=30",
                                    "FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=32",
                                    "FREQ=MONTHLY;BYMONTH=12L",
                                    "FREQ=DAILY;BYMONTH=11L;BYMONTHDAY=30;BYDAY=MO",
                                    "FREQ=SECONDLY;BYMONTH=11L;BYMONTHDAY=30;BYYEARDAY=1",
                                    "FREQ=YEARLY;INTERVAL=999999999",
                                    "FREQ=MONTHLY;INTERVAL=999999999",
                                    "FREQ=MONTHLY;COUNT=999999999",
                                    "FREQ=WEEKLY;BYMONTH=13"};
  for (const ScaleName& name : scale_names()) {
    for (const std::string& part : parts) {
      // Months that no year has are refused there.
      if (name.calendar.empty() && (part.find("1L") != std::string::npos || part.find("2L") != std::string::npos ||
                                    part.find("=13") != std::string::npos))
        continue;
      for (const char* skip : {"OMIT", "FORWARD"}) {
        const std::string text = "RSCALE=" + std::string(name.name) + ";SKIP=" + skip + ";" + part;
        CAPTURE(text);
        const auto begin = std::clock();
        CHECK(starts("20260105T000000", text, 100'000, "20990101").size() <= 50'000);
        // Of this process's own time, with room for sanitizers: the point is that it ends.
        CHECK(std::clock() - begin < 3 * CLOCKS_PER_SEC);
      }
    }
  }
}

TEST_CASE("of every calendar system the years around some days are made ready") {
  const auto own = std::count_if(scale_names().begin(), scale_names().end(),
                                 [](const ScaleName& name) { return !name.calendar.empty(); });
  REQUIRE(own > 10);
  CHECK(make_scales_ready(20'000, 20'000) == static_cast<std::size_t>(own));
  const std::size_t several = make_scales_ready(20'000, 20'000 + 5 * 355);
  CHECK(several >= static_cast<std::size_t>(5 * own));
  CHECK(several <= static_cast<std::size_t>(7 * own));
  CHECK(make_scales_ready(INT64_MIN, INT64_MIN) <= static_cast<std::size_t>(own));
  CHECK(make_scales_ready(INT64_MAX, INT64_MAX) <= static_cast<std::size_t>(own));
  CHECK(make_scales_ready(20'000, 10'000) == 0);
}
