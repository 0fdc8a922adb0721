#include "dav/calendar/vtimezone.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "dav/calendar/onsets.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

constexpr std::array<std::string_view, 7> weekday_names{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

/// How far what no rule says is written out.
constexpr int last_written_year = 2200;

/// `+0100`, `-045602`. RFC 5545 3.3.14
std::string utc_offset(int offset) {
  const int size = std::abs(offset);
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), size % 60 == 0 ? "%c%02d%02d" : "%c%02d%02d%02d", offset < 0 ? '-' : '+',
                size / 3600 % 100, size / 60 % 60, size % 60);
  return text.data();
}

std::string local_text(Seconds local) { return print(DateTime{local, Form::floating, {}}); }

/// A list of seven days in a row, `from` being the first.
std::string seven(int from) {
  std::string list;
  for (int i = 0; i < 7; ++i) list += (i > 0 ? "," : "") + std::to_string(from + i);
  return list;
}

/// The RRULE of the day of a month on which a weekday falls, when the clock time lies `shift` days beside it: then it
/// is the next weekday, somewhere in seven days. Empty if no rule can say it.
std::string shifted_weekday(const YearlyDay& day, int shift) {
  const std::string weekday(weekday_names.at(static_cast<std::size_t>(((day.weekday + shift) % 7 + 7) % 7)));
  const int length = days_in_month(2001, day.month);
  const int first = (day.week == 5 ? length - 6 : day.week * 7 - 6) + shift;
  // Days of a month in which the seven always lie.
  if (first >= 1 && first + 6 <= length && (day.week != 5 || day.month != 2)) {
    return "FREQ=YEARLY;BYMONTH=" + std::to_string(day.month) + ";BYMONTHDAY=" + seven(first) + ";BYDAY=" + weekday;
  }
  // Counted from the end of the year, where leap days don't matter.
  if (day.month < 3) return {};
  const auto from_end = days_from_civil(2001, day.month, first) - days_from_civil(2002, 1, 1);
  return "FREQ=YEARLY;BYYEARDAY=" + seven(static_cast<int>(from_end)) + ";BYDAY=" + weekday;
}

/// The RRULE of a yearly onset; empty if none can say it.
std::string rule_of(const YearlyDay& day) {
  const int shift = static_cast<int>(floor_div(day.time, calendar::day));
  if (day.kind == YearlyDay::Kind::weekday_of_month) {
    if (shift != 0) return shifted_weekday(day, shift);
    return "FREQ=YEARLY;BYMONTH=" + std::to_string(day.month) +
           ";BYDAY=" + std::to_string(day.week == 5 ? -1 : day.week) +
           std::string(weekday_names.at(static_cast<std::size_t>(day.weekday)));
  }
  if (day.kind == YearlyDay::Kind::day_without_leap_day && shift == 0) {
    const Civil date = to_civil(day.in_year(2001));
    return "FREQ=YEARLY;BYMONTH=" + std::to_string(date.month) + ";BYMONTHDAY=" + std::to_string(date.day);
  }
  return {};
}

/// The rules by which an onset may come back in other years.
std::vector<YearlyDay> candidates(const Onset& onset) {
  const Civil civil = to_civil(onset.local());
  const Seconds midnight = floor_div(onset.local(), day) * day;
  YearlyDay weekday;
  weekday.month = civil.month;
  weekday.week = (civil.day - 1) / 7 + 1;
  weekday.weekday = weekday_of(midnight / day);
  weekday.time = onset.local() - midnight;
  std::vector<YearlyDay> days;
  if (weekday.week <= 4) days.push_back(weekday);
  if (civil.day > days_in_month(civil.year, civil.month) - 7) {
    weekday.week = 5;
    days.push_back(weekday);
  }
  if (civil.month > 2 || civil.day < 29) {
    YearlyDay date;
    date.kind = YearlyDay::Kind::day_without_leap_day;
    date.day = static_cast<int>(days_from_civil(2001, civil.month, civil.day) - days_from_civil(2001, 1, 1)) + 1;
    date.time = weekday.time;
    days.push_back(date);
  }
  return days;
}

class Writer {
 public:
  Writer(std::string_view tzid, const VtimezoneRequest& request) : request_(request) {
    line("BEGIN:VTIMEZONE");
    line("TZID:" + content::escape_text(tzid));
    for (const auto& name : request.alias_of) line("TZID-ALIAS-OF:" + content::escape_text(name));
  }

  std::string write(const Tzif& file) {
    constexpr Civil horizon{.year = last_written_year};
    const Seconds last = from_civil(horizon);
    Onsets onsets = onsets_of(file, request_.start);
    std::optional<Seconds> until = request_.end;
    const bool has_rules = std::all_of(onsets.yearly.begin(), onsets.yearly.end(),
                                       [](const YearlyOnset& yearly) { return !rule_of(yearly.day).empty(); });
    if ((until && *until <= last) || !has_rules) {
      until = std::min(until.value_or(last), last);
      onsets = onsets_between(file, onsets.initial.at, *until);
    }
    if (until) line("TZUNTIL:" + print_utc(*until));
    observance(onsets.initial, {}, {});
    write_single(std::move(onsets.single));
    for (const YearlyOnset& yearly : onsets.yearly) observance(yearly.first, rule_of(yearly.day), {});
    line("END:VTIMEZONE");
    return std::move(out_);
  }

 private:
  void line(const std::string& text) { content::append_folded(out_, text); }

  void observance(const Onset& onset, const std::string& rule, const std::vector<Onset>& others) {
    const char* kind = onset.is_daylight ? "DAYLIGHT" : "STANDARD";
    line(std::string("BEGIN:") + kind);
    if (!onset.name.empty()) line("TZNAME:" + content::escape_text(onset.name));
    line("TZOFFSETFROM:" + utc_offset(onset.offset_before));
    line("TZOFFSETTO:" + utc_offset(onset.offset));
    line("DTSTART:" + local_text(onset.local()));
    if (!rule.empty()) line("RRULE:" + rule);
    if (!others.empty()) {
      std::string dates;
      for (const Onset& other : others) dates += (dates.empty() ? "" : ",") + local_text(other.local());
      line("RDATE:" + dates);
    }
    line(std::string("END:") + kind);
  }

  /// Those that are alike together: rules for what comes back in years in a row, the rest by its dates.
  void write_single(std::vector<Onset> onsets) {
    while (!onsets.empty()) {
      const Onset model = onsets.front();
      const auto others =
          std::stable_partition(onsets.begin(), onsets.end(), [&](const Onset& onset) { return onset.is_like(model); });
      write_alike({onsets.begin(), others});
      onsets.erase(onsets.begin(), others);
    }
  }

  void write_alike(const std::vector<Onset>& onsets) {
    constexpr std::size_t worth_a_rule = 3;
    std::vector<Onset> rest;
    for (std::size_t i = 0; i < onsets.size();) {
      YearlyDay best;
      std::size_t length = 0;
      for (const YearlyDay& day : candidates(onsets[i])) {
        const std::int64_t year = to_civil(onsets[i].local()).year;
        std::size_t n = 1;
        while (i + n < onsets.size() && day.in_year(year + static_cast<std::int64_t>(n)) == onsets[i + n].local()) ++n;
        if (n > length) length = n, best = day;
      }
      if (length >= worth_a_rule) {
        observance(onsets[i], rule_of(best) + ";UNTIL=" + print_utc(onsets[i + length - 1].at), {});
        i += length;
      } else {
        rest.push_back(onsets[i++]);
      }
    }
    if (!rest.empty()) observance(rest.front(), {}, {rest.begin() + 1, rest.end()});
  }

  const VtimezoneRequest& request_;
  std::string out_;
};

}  // namespace

std::string write_vtimezone(std::string_view tzid, const Tzif& file, const VtimezoneRequest& request) {
  return Writer(tzid, request).write(file);
}

std::string calendar_with_vtimezone(std::string_view vtimezone) {
  std::string text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Pileus//Pileus//EN\r\n";
  text.append(vtimezone).append("END:VCALENDAR\r\n");
  return text;
}

}  // namespace dav::calendar
