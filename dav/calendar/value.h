#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dav::calendar {

/// Seconds since 1970-01-01T00:00:00: an instant (UTC), or a wall clock reading counted as if it were UTC.
using Seconds = std::int64_t;

constexpr Seconds minute = 60;
constexpr Seconds hour = 60 * minute;
constexpr Seconds day = 24 * hour;

/// Years that values may have; what stands outside is bad syntax.
constexpr int first_year = 1;
constexpr int last_year = 9999;

/// A wall clock reading. Weekdays count from Monday = 0.
struct Civil {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar; the day may lie outside of the month.
std::int64_t days_from_civil(std::int64_t year, int month, int day);

Seconds from_civil(const Civil& civil);
Civil to_civil(Seconds seconds);

/// Monday = 0 … Sunday = 6, of a count of days since 1970-01-01.
int weekday_of(std::int64_t days);

bool is_leap(std::int64_t year);
int days_in_month(std::int64_t year, int month);

/// Floor division, for times before 1970.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

/// The four forms of RFC 5545 3.3.4 and 3.3.5.
enum class Form { date, floating, utc, zoned };

/// A DATE or DATE-TIME as it stands in a property. `local` is what the clock shows; for `utc` it is the instant.
struct DateTime {
  Seconds local = 0;
  Form form = Form::floating;
  std::string tzid;  ///< of a zoned value

  bool is_date() const { return form == Form::date; }
  friend bool operator==(const DateTime&, const DateTime&) = default;
};

/// A duration: days are nominal (the clock shows the same), the rest is exact. RFC 5545 3.3.6
struct Duration {
  std::int64_t days = 0;
  Seconds seconds = 0;

  friend bool operator==(const Duration&, const Duration&) = default;
};

/// `19970714`; nothing if it is none.
std::optional<DateTime> parse_date(std::string_view text);

/// `19970714T133000`, `…Z`, or a date. A second of 60 is read as 59. Nothing if it is none of these.
std::optional<DateTime> parse_date_time(std::string_view text);

/// `P15DT5H0M20S`, `-P7W`. What old writers do is taken too: an empty time part, weeks with days.
std::optional<Duration> parse_duration(std::string_view text);

/// `+0100`, `-1730`, `+053020`, in seconds.
std::optional<int> parse_utc_offset(std::string_view text);

/// A whole number with an optional sign, in the range of 32 bits.
std::optional<int> parse_integer(std::string_view text);

/// `19970714`, `19970714T133000` or `19970714T133000Z` by the form.
std::string print(const DateTime& value);

/// `19970714T133000Z`
std::string print_utc(Seconds instant);

/// `P1DT2H`, `-PT15M`, `PT0S`.
std::string print(const Duration& duration);

}  // namespace dav::calendar
