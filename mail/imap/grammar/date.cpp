#include "mail/imap/grammar/date.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "mail/mime/header.h"

namespace mail::imap {

namespace {

constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t seconds_a_day = 86400;
/// The bounds of years with four digits.
constexpr std::int64_t year_0 = -62167219200;
constexpr std::int64_t year_10000 = 253402300800;

/// What a clock shows in that zone, as seconds; far out of all years, the last that it could show.
std::int64_t local_time(std::int64_t seconds, int zone_minutes) {
  constexpr std::int64_t beyond = 100 * seconds_a_day;
  return std::clamp(seconds, year_0 - beyond, year_10000 + beyond) + std::int64_t{zone_minutes} * 60;
}

/// Exactly that many digits.
unsigned read_digits(Cursor& cursor, int count) {
  unsigned number = 0;
  for (; count > 0; --count) {
    const char c = cursor.peek();
    if (c < '0' || c > '9') throw SyntaxError("a date is missing or is none");
    number = number * 10 + static_cast<unsigned>(c - '0');
    cursor.skip_if(c);
  }
  return number;
}

bool at_digit(const Cursor& cursor) { return cursor.peek() >= '0' && cursor.peek() <= '9'; }

/// `-Feb-1994`, after the day.
std::int32_t read_rest_of_date(Cursor& cursor, unsigned day) {
  cursor.expect('-');
  std::string name;
  while (name.size() < 3 && !cursor.at_end()) {
    name += cursor.peek();
    cursor.skip_if(cursor.peek());
  }
  const auto month = std::find_if(std::begin(months), std::end(months),
                                  [&](std::string_view each) { return mime::same_word(each, name); });
  if (month == std::end(months)) throw SyntaxError("a date has no month");
  cursor.expect('-');
  const auto year = static_cast<int>(read_digits(cursor, 4));
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month - std::begin(months)) + 1),
                                         std::chrono::day(day)};
  if (!date.ok()) throw SyntaxError("a date is not in the calendar");
  return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

}  // namespace

std::int32_t read_date(Cursor& cursor) {
  const bool quoted = cursor.skip_if('"');
  unsigned day = read_digits(cursor, 1);
  if (at_digit(cursor)) day = day * 10 + read_digits(cursor, 1);
  const std::int32_t date = read_rest_of_date(cursor, day);
  if (quoted) cursor.expect('"');
  return date;
}

DateTime read_date_time(Cursor& cursor) {
  cursor.expect('"');
  const unsigned day = cursor.skip_if(' ') ? read_digits(cursor, 1) : read_digits(cursor, 2);
  const std::int64_t date = read_rest_of_date(cursor, day);
  cursor.space();
  const unsigned hour = read_digits(cursor, 2);
  cursor.expect(':');
  const unsigned minute = read_digits(cursor, 2);
  cursor.expect(':');
  const unsigned second = read_digits(cursor, 2);
  cursor.space();
  const bool west = cursor.skip_if('-');
  if (!west) cursor.expect('+');
  const unsigned zone_hours = read_digits(cursor, 2);
  const unsigned zone_minutes = read_digits(cursor, 2);
  cursor.expect('"');
  if (hour > 23 || minute > 59 || second > 60 || zone_minutes > 59) throw SyntaxError("a time is none");
  DateTime moment;
  moment.zone = static_cast<int>(zone_hours * 60 + zone_minutes) * (west ? -1 : 1);
  moment.seconds = date * seconds_a_day + hour * 3600 + minute * 60 + second - moment.zone * 60;
  return moment;
}

std::int32_t day_of(std::int64_t seconds, int zone_minutes) {
  const std::int64_t local = local_time(seconds, zone_minutes);
  return static_cast<std::int32_t>((local >= 0 ? local : local - (seconds_a_day - 1)) / seconds_a_day);
}

std::string date_time_text(const DateTime& moment) {
  constexpr int most_zone = 99 * 60 + 59;
  const int zone = std::clamp(moment.zone, -most_zone, most_zone);
  const std::int64_t local = std::clamp(local_time(moment.seconds, zone), year_0, year_10000 - 1);
  const std::int32_t day = day_of(local, 0);
  const auto rest = static_cast<int>(local - day * seconds_a_day);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  char text[64];
  const int size =
      std::snprintf(text, sizeof text, "\"%2u-%s-%04d %02d:%02d:%02d %c%02d%02d\"", static_cast<unsigned>(date.day()),
                    months[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()), rest / 3600,
                    rest / 60 % 60, rest % 60, zone < 0 ? '-' : '+', std::abs(zone) / 60, std::abs(zone) % 60);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace mail::imap
