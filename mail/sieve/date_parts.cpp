#include "mail/sieve/date_parts.h"

#include <array>
#include <chrono>
#include <cstdlib>

#include "mail/mime/header.h"

namespace mail::sieve {

namespace {

constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string padded(std::int64_t number, std::size_t width) {
  std::string out = std::to_string(number);
  return out.size() < width ? std::string(width - out.size(), '0') + out : out;
}

/// A moment on a clock.
struct Clock {
  Clock(std::int64_t seconds, int minutes) : zone(minutes) {
    const std::chrono::sys_seconds local{std::chrono::seconds(seconds + minutes * std::int64_t{60})};
    const auto midnight = std::chrono::floor<std::chrono::days>(local);
    day_number = midnight.time_since_epoch().count();
    const std::chrono::year_month_day date{midnight};
    year = padded(static_cast<int>(date.year()), 4);
    month_index = static_cast<unsigned>(date.month()) - 1;
    month = padded(month_index + 1, 2);
    day = padded(static_cast<unsigned>(date.day()), 2);
    weekday = std::chrono::weekday{midnight}.c_encoding();
    const auto rest = (local - midnight).count();
    hour = padded(rest / 3600, 2);
    minute = padded(rest / 60 % 60, 2);
    second = padded(rest % 60, 2);
  }

  std::string date() const { return year + "-" + month + "-" + day; }
  std::string time() const { return hour + ":" + minute + ":" + second; }
  std::string offset(std::string_view colon) const {
    const int minutes = std::abs(zone);
    return (zone < 0 ? "-" : "+") + padded(minutes / 60, 2) + std::string(colon) + padded(minutes % 60, 2);
  }
  std::string std11() const {
    return std::string(days.at(weekday)) + ", " + day + " " + months.at(month_index) + " " + year + " " + time() + " " +
           offset("");
  }

  int zone;
  std::int64_t day_number = 0;
  unsigned month_index = 0;
  unsigned weekday = 0;
  std::string year, month, day, hour, minute, second;
};

}  // namespace

std::optional<std::string> date_part(std::string_view part, std::int64_t seconds, int zone) {
  // 40 587 is the Modified Julian Day of 1970-01-01.
  constexpr std::int64_t julian_epoch = 40587;
  const Clock clock(seconds, zone);
  const std::string name = mime::lower_case(part);
  if (name == "year") return clock.year;
  if (name == "month") return clock.month;
  if (name == "day") return clock.day;
  if (name == "date") return clock.date();
  if (name == "julian") return std::to_string(clock.day_number + julian_epoch);
  if (name == "hour") return clock.hour;
  if (name == "minute") return clock.minute;
  if (name == "second") return clock.second;
  if (name == "time") return clock.time();
  if (name == "iso8601") return clock.date() + "T" + clock.time() + (zone == 0 ? "Z" : clock.offset(":"));
  if (name == "std11") return clock.std11();
  if (name == "zone") return clock.offset("");
  if (name == "weekday") return std::to_string(clock.weekday);
  return std::nullopt;
}

std::string date_text(std::int64_t seconds, int zone) { return Clock(seconds, zone).std11(); }

}  // namespace mail::sieve
