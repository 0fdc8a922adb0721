#include "dav/calendar/value.h"

#include <algorithm>
#include <array>
#include <limits>

namespace dav::calendar {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The number that `count` digits at `position` make; -1 if they aren't digits.
int digits(std::string_view text, std::size_t position, std::size_t count) {
  if (text.size() < position + count) return -1;
  int value = 0;
  for (std::size_t i = position; i < position + count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Takes a sign off the front: 1 or -1.
int take_sign(std::string_view& text) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return 1;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  return sign;
}

/// Takes digits off the front; nothing if there are none or more than nine.
std::optional<std::int64_t> take_number(std::string_view& text) {
  constexpr std::size_t most = 9;
  std::int64_t value = 0;
  std::size_t length = 0;
  while (length < text.size() && length <= most && is_digit(text[length])) value = value * 10 + (text[length++] - '0');
  if (length == 0 || length > most) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

/// A number below 100, by its two digits.
void append_two(std::string& text, int number) {
  text += static_cast<char>('0' + number / 10);
  text += static_cast<char>('0' + number % 10);
}

}  // namespace

// The civil calendar by eras of 400 years, counted from March so that the leap day comes last.
std::int64_t days_from_civil(std::int64_t year, int month, int day_of_month) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day_of_month - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Seconds from_civil(const Civil& civil) {
  return days_from_civil(civil.year, civil.month, civil.day) * day + civil.hour * hour + civil.minute * minute +
         civil.second;
}

Civil to_civil(Seconds seconds) {
  const std::int64_t days = floor_div(seconds, day);
  const auto rest = static_cast<int>(seconds - days * day);
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = floor_div(shifted, 146097);
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  Civil civil;
  civil.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  civil.month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  civil.year = static_cast<int>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
  civil.hour = rest / 3600;
  civil.minute = rest / 60 % 60;
  civil.second = rest % 60;
  return civil;
}

int weekday_of(std::int64_t days) {
  const std::int64_t shifted = days + 3;  // 1970-01-01 was a Thursday
  return static_cast<int>(shifted - floor_div(shifted, 7) * 7);
}

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(std::int64_t year, int month) {
  constexpr std::array lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : lengths.at(static_cast<std::size_t>(month - 1));
}

std::optional<DateTime> parse_date(std::string_view text) {
  if (text.size() != 8) return std::nullopt;
  const int year = digits(text, 0, 4);
  const int month = digits(text, 4, 2);
  const int day_of_month = digits(text, 6, 2);
  if (year < first_year || month < 1 || month > 12 || day_of_month < 1 || day_of_month > days_in_month(year, month)) {
    return std::nullopt;
  }
  return DateTime{days_from_civil(year, month, day_of_month) * day, Form::date, {}};
}

std::optional<DateTime> parse_date_time(std::string_view text) {
  auto value = parse_date(text.substr(0, 8));
  if (!value || text.size() == 8) return value;
  if (text.size() < 15 || text.size() > 16 || text[8] != 'T' || (text.size() == 16 && text[15] != 'Z')) {
    return std::nullopt;
  }
  const int hours = digits(text, 9, 2);
  const int minutes = digits(text, 11, 2);
  const int seconds = digits(text, 13, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) return std::nullopt;
  // "Implementations … SHOULD interpret" a leap second "as equivalent to the 59th second"; RFC 5545 3.3.5
  value->local += hours * hour + minutes * minute + std::min(seconds, 59);
  value->form = text.size() == 16 ? Form::utc : Form::floating;
  return value;
}

// RFC 5545 3.3.6
std::optional<Duration> parse_duration(std::string_view text) {
  const int sign = take_sign(text);
  if (text.size() < 2 || text.front() != 'P') return std::nullopt;
  text.remove_prefix(1);
  Duration duration;
  bool in_time = false;
  bool any = false;
  while (!text.empty()) {
    if (text.front() == 'T' && !in_time) {
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    const auto number = take_number(text);
    if (!number || text.empty()) return std::nullopt;
    const char unit = text.front();
    text.remove_prefix(1);
    any = true;
    if (unit == 'W' && !in_time) {
      duration.days += *number * 7;
    } else if (unit == 'D' && !in_time) {
      duration.days += *number;
    } else if (unit == 'H' && in_time) {
      duration.seconds += *number * hour;
    } else if (unit == 'M' && in_time) {
      duration.seconds += *number * minute;
    } else if (unit == 'S' && in_time) {
      duration.seconds += *number;
    } else {
      return std::nullopt;
    }
  }
  // Ten thousand years bound every later sum.
  constexpr std::int64_t most_days = 10'000 * 366;
  if (!any || duration.days > most_days || duration.seconds > most_days * day) return std::nullopt;
  duration.days *= sign;
  duration.seconds *= sign;
  return duration;
}

std::optional<int> parse_utc_offset(std::string_view text) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = take_sign(text);
  if (text.size() != 4 && text.size() != 6) return std::nullopt;
  const int hours = digits(text, 0, 2);
  const int minutes = digits(text, 2, 2);
  const int seconds = text.size() == 6 ? digits(text, 4, 2) : 0;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return std::nullopt;
  return sign * (hours * 3600 + minutes * 60 + seconds);
}

std::optional<int> parse_integer(std::string_view text) {
  const int sign = take_sign(text);
  const auto number = take_number(text);
  if (!number || !text.empty() || *number > std::numeric_limits<int>::max()) return std::nullopt;
  return sign * static_cast<int>(*number);
}

std::string print(const DateTime& value) {
  const Civil civil = to_civil(value.local);
  std::string text;
  if (civil.year < 0 || civil.year > 9999) {
    text = std::to_string(civil.year);
  } else {
    append_two(text, civil.year / 100);
    append_two(text, civil.year % 100);
  }
  append_two(text, civil.month);
  append_two(text, civil.day);
  if (value.is_date()) return text;
  text += 'T';
  append_two(text, civil.hour);
  append_two(text, civil.minute);
  append_two(text, civil.second);
  if (value.form == Form::utc) text += 'Z';
  return text;
}

std::string print_utc(Seconds instant) { return print(DateTime{instant, Form::utc, {}}); }

std::string print(const Duration& duration) {
  const bool negative = duration.days < 0 || duration.seconds < 0;
  const std::int64_t days = negative ? -duration.days : duration.days;
  const Seconds rest = negative ? -duration.seconds : duration.seconds;
  std::string text = negative ? "-P" : "P";
  if (days != 0) text += std::to_string(days) + "D";
  if (rest != 0 || days == 0) text += "T";
  if (rest / hour != 0) text += std::to_string(rest / hour) + "H";
  if (rest / minute % 60 != 0) text += std::to_string(rest / minute % 60) + "M";
  if (rest % minute != 0 || (rest == 0 && days == 0)) text += std::to_string(rest % minute) + "S";
  return text;
}

}  // namespace dav::calendar
