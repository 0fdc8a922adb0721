// What the index of times holds of an object must never hide it from a query that would find it by reading it.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <variant>

#include "dav/calendar/filter.h"
#include "dav/calendar/freebusy.h"
#include "dav/calendar/narrow.h"
#include "dav/calendar/span.h"

using namespace dav::calendar;

namespace {

const TimeZones& zones() {
  static const TimeZones zones;
  return zones;
}

Object read(const std::string& text) {
  auto parsed = Object::parse(text, zones());
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) FAIL(refusal->reason);
  return std::get<Object>(std::move(parsed));
}

std::string wrapped(const std::string& components) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n" + components + "END:VCALENDAR\r\n";
}

std::string event(const std::string& lines) {
  return wrapped("BEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20260101T000000Z\r\n" + lines + "END:VEVENT\r\n");
}

TimeRange range(const char* start, const char* end) {
  return {parse_date_time(start)->local, parse_date_time(end)->local};
}

/// What the store and the reports do together.
bool is_candidate(const std::vector<Stretch>& stretches, const TimeRange& range, int alarms = 0) {
  const PatternWindow window(range);
  const int first = window.first_day_of_year(), last = window.last_day_of_year();
  return std::any_of(stretches.begin(), stretches.end(), [&](const Stretch& each) {
    if (each.alarms != alarms || each.last < range.start || !window.may_touch(each.pattern)) return false;
    if (!each.yearly) return each.first <= range.end;
    return first <= last ? each.first >= first && each.first <= last : each.first >= first || each.first <= last;
  });
}

bool is_candidate_by_alarms(const std::vector<Stretch>& stretches, const TimeRange& range) {
  int layer = 0;
  return std::any_of(alarm_reaches.begin(), alarm_reaches.end(), [&](Seconds reach) {
    return is_candidate(stretches, {range.start - reach, range.end + reach}, ++layer);
  });
}

bool is_candidate(const Object& object, const TimeRange& range) {
  return is_candidate(stretches_of(object, zones()), range);
}

/// Makes objects of all kinds, and ranges near them.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  bool once_in(int n) { return below(n) == 0; }
  template <std::size_t N>
  std::string one_of(const char* const (&choices)[N]) {
    return choices[below(static_cast<int>(N))];
  }

  std::string object() {
    switch (below(12)) {
      case 0:
        return free_busy();
      case 1:
        return availability();
      case 2:
      case 3:
        return task();
      case 4:
        return recurring("VJOURNAL", false);
      default:
        return recurring("VEVENT", true);
    }
  }

  TimeRange near(Seconds around) {
    constexpr Seconds lengths[] = {hour, day, day, 7 * day, 7 * day, 31 * day, 100 * day, 500 * day};
    const Seconds length = lengths[below(8)];
    const Seconds years = once_in(2) ? below(8) * 365 * day : 0;
    const Seconds start = around + years + below(once_in(2) ? 60 : 2000) * 12 * hour - 10 * day + below(86'400);
    TimeRange made{start, start + length};
    if (once_in(20)) made.end = TimeRange{}.end;
    if (once_in(20)) made.start = TimeRange{}.start;
    return made;
  }

  Seconds start() const { return start_; }

 private:
  static constexpr const char* zone_names[] = {"Europe/Berlin",  "America/New_York", "Pacific/Apia",
                                               "Asia/Kathmandu", "Own/Far",          "Pacific Standard Time"};

  std::string number(int value) { return std::to_string(value); }

  /// A value in the form of the object; moved by so many seconds.
  std::string value(Seconds by) const {
    DateTime made{start_ + by, form_, {}};
    if (form_ == Form::date) made.local = floor_div(made.local, day) * day;
    return print(made);
  }

  std::string property(const std::string& name, Seconds by) const {
    const std::string parameter = form_ == Form::date ? ";VALUE=DATE" : form_ == Form::zoned ? ";TZID=" + zone_ : "";
    return name + parameter + ":" + value(by) + "\r\n";
  }

  void choose_start() {
    start_ = from_civil({.year = 2005 + below(20), .month = 1 + below(12), .day = 1}) + below(31) * day +
             below(24 * 4) * 15 * minute;
    constexpr Form forms[] = {Form::date, Form::floating, Form::utc, Form::zoned, Form::zoned, Form::zoned};
    form_ = forms[below(6)];
    zone_ = one_of(zone_names);
  }

  Seconds some_length() {
    constexpr Seconds lengths[] = {30 * minute, hour, 5 * hour, day, 36 * hour, 3 * day, 12 * day, 70 * day};
    return lengths[once_in(4) ? below(8) : below(3)];
  }

  std::string end(bool is_task) {
    const Seconds length = some_length();
    if (once_in(4))
      return "DURATION:" + (once_in(2) ? "P" + number(1 + below(3)) + "D" : "PT" + number(1 + below(300)) + "M") +
             "\r\n";
    if (once_in(5)) return "";
    return property(is_task ? "DUE" : "DTEND", form_ == Form::date ? (1 + length / day) * day : length);
  }

  std::string list(int most, int least, int greatest, bool negative) {
    std::string text;
    for (int i = 0, n = 1 + below(most); i < n; ++i) {
      const int value = least + below(greatest - least + 1);
      text += (i ? "," : "") + number(negative && once_in(3) ? -value : value);
    }
    return text;
  }

  std::string rule() {
    std::string text = "RRULE:FREQ=" + one_of({"DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "YEARLY"});
    const bool weekly = text.ends_with("WEEKLY"), monthly = text.ends_with("MONTHLY"),
               yearly = text.ends_with("YEARLY");
    if (once_in(3)) text += ";INTERVAL=" + number(1 + below(once_in(5) ? 300 : 6));
    if (once_in(4)) text += ";COUNT=" + number(1 + below(60));
    if (text.find("COUNT") == std::string::npos && once_in(3)) {
      text += ";UNTIL=" + (form_ == Form::date ? value(below(900) * day) : print_utc(start_ + below(900) * day));
    }
    if (once_in(4)) text += ";WKST=" + one_of({"SU", "MO", "TH"});
    if (once_in(5)) text += ";BYMONTH=" + list(3, 1, 12, false);
    if ((monthly || yearly) && once_in(3)) text += ";BYMONTHDAY=" + list(3, 1, 31, true);
    if (once_in(3)) {
      const bool ordinal = (monthly || yearly) && once_in(2);
      text += ";BYDAY=" + (ordinal ? number((once_in(3) ? -1 : 1) * (1 + below(5))) : "") +
              one_of({"MO", "WE", "SU", "FR"});
      if (once_in(2)) text += std::string(",") + one_of({"TU", "TH", "SA"});
    }
    if (yearly && once_in(12)) text += ";BYYEARDAY=" + list(2, 1, 366, true);
    if (yearly && once_in(12)) text += ";BYWEEKNO=" + list(2, 1, 53, true);
    if (!weekly && once_in(8) && text.find(";BY") != std::string::npos) text += ";BYSETPOS=" + list(1, 1, 3, true);
    if (form_ != Form::date && once_in(10)) text += ";BYHOUR=" + list(2, 0, 23, false);
    if (once_in(8))
      text +=
          ";RSCALE=" + one_of({"GREGORIAN", "HEBREW", "CHINESE"}) + ";SKIP=" + one_of({"OMIT", "FORWARD", "BACKWARD"});
    return text + "\r\n";
  }

  std::string alarm() {
    std::string lines = "ACTION:DISPLAY\r\nDESCRIPTION:a\r\n";
    if (once_in(5)) {
      lines += "TRIGGER;VALUE=DATE-TIME:" + print_utc(start_ + (below(60) - 10) * day) + "\r\n";
    } else {
      lines += std::string("TRIGGER") + (once_in(3) ? ";RELATED=END:" : ":") + (once_in(4) ? "" : "-");
      lines += once_in(3)   ? "P" + number(1 + below(once_in(4) ? 60 : 3)) + "D"
               : once_in(9) ? "P" + number(1 + below(3)) + "W"
                            : "PT" + number(below(once_in(3) ? 3000 : 90)) + "M";
      lines += "\r\n";
    }
    if (once_in(6)) lines += "REPEAT:" + number(1 + below(9)) + "\r\nDURATION:PT" + number(1 + below(999)) + "M\r\n";
    return "BEGIN:VALARM\r\n" + lines + "END:VALARM\r\n";
  }

  std::string part(const std::string& name, const std::string& lines) {
    std::string alarms;
    const bool may_have = name == "VEVENT" || name == "VTODO";
    for (int n = may_have && once_in(3) ? 1 + below(2) : 0; n > 0; --n) alarms += alarm();
    return "BEGIN:" + name + "\r\nUID:u\r\nDTSTAMP:20260101T000000Z\r\n" + lines + alarms + "END:" + name + "\r\n";
  }

  std::string with_zone(const std::string& parts) {
    const std::string own =
        zone_ != "Own/Far"
            ? ""
            : "BEGIN:VTIMEZONE\r\nTZID:Own/Far\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:-0500\r\n"
              "TZOFFSETTO:-2300\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:20100601T000000\r\nTZOFFSETFROM:-2300\r\n"
              "TZOFFSETTO:+2300\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";
    return wrapped(own + parts);
  }

  std::string recurring(const std::string& name, bool has_end) {
    choose_start();
    std::string lines = property("DTSTART", 0) + (has_end ? end(name == "VTODO") : "");
    if (once_in(3)) return with_zone(part(name, lines));
    if (!once_in(8)) lines += rule();
    if (once_in(4)) lines += property("RDATE", below(700) * day);
    if (once_in(8) && form_ == Form::utc) {
      lines += "RDATE;VALUE=PERIOD:" + value(below(500) * day) + "/P" + number(1 + below(20)) + "D\r\n";
    }
    if (once_in(4)) lines += property("EXDATE", once_in(3) ? 0 : 7 * day);
    std::string parts = part(name, lines);
    for (int n = once_in(3) ? 1 + below(once_in(6) ? 12 : 2) : 0; n > 0; --n) {
      const Seconds id = n * 7 * day;
      const Seconds moved = id + (once_in(3) ? (below(800) - 400) * day : below(10) * hour);
      const std::string range = once_in(4) ? ";RANGE=THISANDFUTURE" : "";
      std::string change = property("RECURRENCE-ID" + range, id) + property("DTSTART", moved);
      if (has_end && once_in(2)) change += property(name == "VTODO" ? "DUE" : "DTEND", moved + (1 + below(4)) * day);
      parts += part(name, change);
    }
    return with_zone(parts);
  }

  std::string task() {
    choose_start();
    std::string lines;
    if (once_in(2)) lines += "CREATED:" + print_utc(start_ - below(100) * day) + "\r\n";
    if (once_in(3)) lines += "COMPLETED:" + print_utc(start_ + below(100) * day) + "\r\n";
    if (once_in(3)) return wrapped(part("VTODO", lines));
    if (once_in(3)) return with_zone(part("VTODO", lines + property("DUE", 0) + (once_in(2) ? rule() : "")));
    // DUE by another clock than DTSTART.
    if (once_in(5))
      return with_zone(
          part("VTODO", lines + property("DTSTART", 0) + "DUE:" + print_utc(start_ + 30 * hour) + "\r\n" + rule()));
    return recurring("VTODO", true);
  }

  std::string free_busy() {
    choose_start();
    std::string lines;
    if (once_in(2)) lines += "DTSTART:" + print_utc(start_) + "\r\nDTEND:" + print_utc(start_ + some_length()) + "\r\n";
    for (int n = below(4); n > 0; --n) {
      lines += "FREEBUSY:" + print_utc(start_ + below(90) * day) + "/PT" + number(1 + below(50)) + "H\r\n";
    }
    return wrapped(part("VFREEBUSY", lines));
  }

  std::string availability() {
    choose_start();
    std::string lines;
    if (once_in(2)) lines += "DTSTART:" + print_utc(start_) + "\r\n";
    if (once_in(2)) lines += "DTEND:" + print_utc(start_ + 90 * day) + "\r\n";
    return wrapped(part("VAVAILABILITY", lines));
  }

  template <std::size_t N>
  std::string one_of(const char* const (&&choices)[N]) {
    return choices[below(static_cast<int>(N))];
  }

  std::mt19937 random_;
  Seconds start_ = 0;
  Form form_ = Form::utc;
  std::string zone_;
};

CompFilter component(const std::string& name, std::optional<TimeRange> range = {}) {
  CompFilter filter;
  filter.name = name;
  filter.range = range;
  return filter;
}

PropFilter property(const std::string& name, std::optional<TimeRange> range = {}) {
  PropFilter filter;
  filter.name = name;
  filter.range = range;
  return filter;
}

CompFilter operator+(CompFilter outer, const CompFilter& inner) {
  outer.components.push_back(inner);
  return outer;
}

CompFilter operator+(CompFilter outer, const PropFilter& inner) {
  outer.properties.push_back(inner);
  return outer;
}

/// Whether the object would be found by reading it: by time-ranges on components and properties, or as busy.
bool is_found(const Object& object, const TimeRange& range, const Zone& floating) {
  const std::string& name = object.component();
  const auto finds = [&](const CompFilter& filter) {
    const CompFilter whole = component("VCALENDAR") + filter;
    return range_needed(whole) && matches(object, whole, zones(), floating);
  };
  if (finds(component(name, range))) return true;
  for (const char* each : {"DTSTART", "DTEND", "DUE"}) {
    if (finds(component(name) + property(each, range))) return true;
  }
  FreeBusy busy(range, zones(), floating);
  busy.add(object);
  return !busy.periods().empty();
}

bool is_found_by_alarm(const Object& object, const TimeRange& range, const Zone& floating) {
  const CompFilter whole =
      component("VCALENDAR") + (component(object.component()) + component("VALARM", std::optional(range)));
  const auto needed = range_needed(whole);
  return needed && needed->of_alarms && matches(object, whole, zones(), floating);
}

}  // namespace

TEST_CASE("the index of times hides nothing that a query would find by reading") {
  const unsigned seed = GENERATE(1U, 2U, 3U, 4U);
  INFO("seed " << seed);
  Maker maker(seed);
  const char* const floating_zones[] = {"UTC", "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Europe/Berlin"};
  int objects = 0, found = 0, candidates = 0, tries = 0, alarms_found = 0, alarm_candidates = 0;
  for (int made = 0; made < 1500; ++made) {
    const std::string text = maker.object();
    auto parsed = Object::parse(text, zones());
    const auto* object = std::get_if<Object>(&parsed);
    if (object == nullptr) continue;
    ++objects;
    const auto stretches = stretches_of(*object, zones());
    REQUIRE_FALSE(stretches.empty());
    REQUIRE(stretches.size() <= 30);
    for (int tried = 0; tried < 8; ++tried) {
      const TimeRange range = maker.near(maker.start());
      const Zone& floating = *zones().find(floating_zones[maker.below(5)]);
      const bool is_there = is_found(*object, range, floating);
      const bool may_be = is_candidate(stretches, range);
      ++tries;
      found += is_there;
      candidates += may_be;
      const bool alarm_is_there = is_found_by_alarm(*object, range, floating);
      const bool alarm_may_be = is_candidate_by_alarms(stretches, range);
      alarms_found += alarm_is_there;
      alarm_candidates += alarm_may_be;
      if ((!is_there || may_be) && (!alarm_is_there || alarm_may_be)) continue;
      std::string rows;
      for (const Stretch& each : stretches) {
        rows += (each.yearly ? std::to_string(each.first) : print_utc(each.first)) + "/" + std::to_string(each.last) +
                " " + std::to_string(each.pattern) + " @" + std::to_string(each.alarms) + "\n";
      }
      FAIL_CHECK(text << "in " << print_utc(range.start) << "/" << print_utc(range.end) << " by " << floating.name()
                      << "\n"
                      << rows);
    }
  }
  // The test would be worth nothing if there were little to find, nor the index if it left out little.
  CHECK(objects > 1200);
  CHECK(found > tries / 10);
  CHECK(candidates < tries * 9 / 10);
  INFO(objects << " objects, " << tries << " tries: " << found << " found, " << candidates << " candidates");
  CHECK(candidates < 2 * found);
  INFO(alarms_found << " found by alarms, " << alarm_candidates << " candidates");
  CHECK(alarms_found > tries / 40);
  CHECK(alarm_candidates < tries / 2);
  CHECK(alarm_candidates < 3 * alarms_found);
}

TEST_CASE("what recurs is found in the weeks in which it may be, and not in others") {
  struct Case {
    const char* lines;
    TimeRange is_in, is_not_in;
  };
  const TimeRange week = range("20260601T000000Z", "20260608T000000Z");
  const Case cases[] = {
      {"DTSTART;VALUE=DATE:19600603\r\nRRULE:FREQ=YEARLY\r\n", week, range("20260701T000000Z", "20260708T000000Z")},
      {"DTSTART;VALUE=DATE:20000101\r\nRRULE:FREQ=YEARLY\r\n", range("20251228T000000Z", "20260102T000000Z"), week},
      {"DTSTART;VALUE=DATE:20001231\r\nRRULE:FREQ=YEARLY\r\n", range("20251228T000000Z", "20260102T000000Z"), week},
      {"DTSTART:20200105T100000Z\r\nRRULE:FREQ=MONTHLY\r\n", week, range("20260610T000000Z", "20260620T000000Z")},
      {"DTSTART:20200131T100000Z\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1\r\n",
       range("20260228T000000Z", "20260301T000000Z"), range("20260307T000000Z", "20260314T000000Z")},
      {"DTSTART:20200107T100000Z\r\nRRULE:FREQ=MONTHLY;BYDAY=1TU\r\n", week,
       range("20260615T000000Z", "20260622T000000Z")},
      {"DTSTART:20200115T100000Z\r\nRRULE:FREQ=MONTHLY;INTERVAL=3\r\n", range("20260413T000000Z", "20260420T000000Z"),
       range("20260515T000000Z", "20260516T000000Z")},
      {"DTSTART:20260605T100000Z\r\nRRULE:FREQ=WEEKLY\r\n", week, range("20260609T000000Z", "20260610T000000Z")},
      {"DTSTART:20260603T100000Z\r\nRRULE:FREQ=WEEKLY;INTERVAL=4\r\n", range("20260701T000000Z", "20260702T000000Z"),
       range("20260615T000000Z", "20260622T000000Z")},
      {"DTSTART:20260603T100000Z\r\nRRULE:FREQ=WEEKLY;COUNT=5\r\n", week,
       range("20260715T000000Z", "20260722T000000Z")},
      {"DTSTART:20260603T100000Z\r\nRRULE:FREQ=DAILY;UNTIL=20260610T000000Z\r\n", week,
       range("20260613T000000Z", "20260614T000000Z")},
      {"DTSTART:20260603T100000Z\r\nRRULE:FREQ=DAILY;INTERVAL=10\r\n", range("20260613T000000Z", "20260614T000000Z"),
       range("20260606T000000Z", "20260607T000000Z")},
  };
  for (const Case& each : cases) {
    INFO(each.lines);
    const Object object = read(event(each.lines));
    CHECK(is_candidate(object, each.is_in));
    CHECK_FALSE(is_candidate(object, each.is_not_in));
    CHECK(stretches_of(object, zones()).size() == 1);
  }
}

TEST_CASE("many single dates become a few stretches") {
  std::string dates;
  for (int year = 2000; year < 2100; ++year) dates += "RDATE:" + std::to_string(year) + "0601T100000Z\r\n";
  CHECK(stretches_of(read(event("DTSTART:20000101T100000Z\r\n" + dates)), zones()).size() <= 6);
}

TEST_CASE("overrides on the day of their rule need no stretch of their own; those far away have one") {
  const std::string master =
      "BEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260601T100000Z\r\nRRULE:FREQ=WEEKLY\r\nEND:"
      "VEVENT\r\n";
  const auto with = [&](const std::string& start) {
    return stretches_of(
        read(wrapped(master +
                     "BEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:20260608T100000Z\r\nDTSTART:" +
                     start + "\r\nEND:VEVENT\r\n")),
        zones());
  };
  CHECK(with("20260608T150000Z").size() == 1);
  CHECK(with("20250101T150000Z").size() == 2);
}

TEST_CASE("a filter tells which range objects have to meet") {
  const TimeRange june = range("20260601T000000Z", "20260701T000000Z");
  const TimeRange week = range("20260601T000000Z", "20260608T000000Z");
  const auto needed = [](const CompFilter& inner) { return range_needed(component("VCALENDAR") + inner); };
  CHECK(needed(component("VEVENT", june))->range.end == june.end);
  CHECK(needed(component("VEVENT") + property("DTSTART", week))->range.end == week.end);
  CHECK(needed(component("VEVENT", june) + property("DTSTART", week))->range.end == week.end);
  CHECK_FALSE(needed(component("VEVENT")));
  CHECK_FALSE(needed(component("VEVENT") + property("DUE", week)));
  CHECK(needed(component("VTODO") + property("DUE", week)));
  CHECK_FALSE(needed(component("VEVENT") + property("CREATED", week)));
  CHECK(needed(component("VEVENT") + component("VALARM", week))->of_alarms);
  CHECK_FALSE(needed(component("VEVENT", week) + component("VALARM", june))->of_alarms);
  CHECK_FALSE(needed(component("VEVENT") + component("VALARM")));
  CHECK_FALSE(needed(component("VALARM", june)));
  CompFilter absent = component("VEVENT");
  absent.is_not_defined = true;
  CHECK_FALSE(needed(absent));
  CompFilter any = component("VEVENT", june) + property("SUMMARY");
  any.any_of = true;
  CHECK_FALSE(needed(any));
}

TEST_CASE("alarms are in the layer of their reach, those far away at any time, and those at an instant there alone") {
  const auto with = [](const std::string& alarm) {
    return stretches_of(read(event("DTSTART:20260601T100000Z\r\nRRULE:FREQ=WEEKLY\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\n" +
                                   alarm + "\r\nEND:VALARM\r\n")),
                        zones());
  };
  const auto layer = [](const std::vector<Stretch>& stretches) {
    REQUIRE(stretches.size() == 2);
    CHECK(stretches.front().alarms == 0);
    return stretches.back().alarms;
  };
  CHECK(layer(with("TRIGGER:-PT15M")) == 1);
  CHECK(layer(with("TRIGGER:-P1D")) == 2);
  CHECK(layer(with("TRIGGER;RELATED=END:P2W")) == 3);
  CHECK(with("TRIGGER:-PT15M").back().pattern == with("TRIGGER:-PT15M").front().pattern);
  const auto far = with("TRIGGER:-P100D").back();
  CHECK(far.first == -Stretch::ever);
  CHECK(far.last == Stretch::ever);
  const auto at = with("TRIGGER;VALUE=DATE-TIME:20260525T090000Z\r\nREPEAT:3\r\nDURATION:PT10M").back();
  CHECK(at.first == parse_date_time("20260525T090000Z")->local);
  CHECK(at.last == at.first + 30 * minute);
  // Repeated for longer than there are years.
  CHECK(layer(with("TRIGGER:-PT15M\r\nREPEAT:999999999\r\nDURATION:P1000000D")) == 1);
  CHECK(stretches_of(read(event("DTSTART:20260601T100000Z\r\n")), zones()).size() == 1);
}
