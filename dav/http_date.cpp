#include "dav/http_date.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace dav {

namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::array<const char*, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> long_weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                        "Thursday", "Friday", "Saturday"};

/// Takes a date apart from the left; once something doesn't fit, it has failed.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) {
    if (rest_.starts_with(expected)) {
      rest_.remove_prefix(expected.size());
    } else {
      failed_ = true;
    }
  }

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') {
        failed_ = true;
        return 0;
      }
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  /// The position of the first of `names` that comes next.
  template <class Names>
  int one_of(const Names& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view name = names[i];
      if (!rest_.starts_with(name)) continue;
      rest_.remove_prefix(name.size());
      return static_cast<int>(i);
    }
    failed_ = true;
    return 0;
  }

  bool starts_with(std::string_view text) const { return rest_.starts_with(text); }
  bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

struct Fields {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

void time_of_day(Reader& reader, Fields& fields) {
  fields.hour = reader.number(2);
  reader.literal(":");
  fields.minute = reader.number(2);
  reader.literal(":");
  fields.second = reader.number(2);
}

std::optional<Fields> fixdate(std::string_view text) {
  Reader reader(text);
  Fields fields;
  reader.one_of(weekdays);
  reader.literal(", ");
  fields.day = reader.number(2);
  reader.literal(" ");
  fields.month = reader.one_of(months) + 1;
  reader.literal(" ");
  fields.year = reader.number(4);
  reader.literal(" ");
  time_of_day(reader, fields);
  reader.literal(" GMT");
  return reader.done() ? std::optional(fields) : std::nullopt;
}

std::optional<Fields> rfc850_date(std::string_view text, int year_now) {
  Reader reader(text);
  Fields fields;
  reader.one_of(long_weekdays);
  reader.literal(", ");
  fields.day = reader.number(2);
  reader.literal("-");
  fields.month = reader.one_of(months) + 1;
  reader.literal("-");
  fields.year = reader.number(2) + year_now / 100 * 100;
  // "more than 50 years in the future" means "the most recent year in the past that had the same last two digits".
  if (fields.year > year_now + 50) fields.year -= 100;
  reader.literal(" ");
  time_of_day(reader, fields);
  reader.literal(" GMT");
  return reader.done() ? std::optional(fields) : std::nullopt;
}

std::optional<Fields> asctime_date(std::string_view text) {
  Reader reader(text);
  Fields fields;
  reader.one_of(weekdays);
  reader.literal(" ");
  fields.month = reader.one_of(months) + 1;
  reader.literal(" ");
  if (reader.starts_with(" ")) {
    reader.literal(" ");
    fields.day = reader.number(1);
  } else {
    fields.day = reader.number(2);
  }
  reader.literal(" ");
  time_of_day(reader, fields);
  reader.literal(" ");
  fields.year = reader.number(4);
  return reader.done() ? std::optional(fields) : std::nullopt;
}

std::chrono::year_month_day date_of(storage::Timestamp time) {
  return sys_days(std::chrono::floor<days>(std::chrono::sys_seconds(std::chrono::seconds(time))));
}

}  // namespace

std::string http_date(storage::Timestamp time) {
  const std::chrono::sys_seconds when{std::chrono::seconds(time)};
  const auto day = std::chrono::floor<days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(when - day);
  std::string text;
  text.reserve(32);
  // printf would cost as much as the rest of a small answer's head.
  const auto digits = [&](auto number, int least) {
    const std::string shown = std::to_string(number);
    text.append(static_cast<std::size_t>(std::max(0, least - static_cast<int>(shown.size()))), '0').append(shown);
  };
  text.append(weekdays.at(std::chrono::weekday(day).c_encoding())).append(", ");
  digits(static_cast<unsigned>(date.day()), 2);
  text.append(" ").append(months.at(static_cast<unsigned>(date.month()) - 1)).append(" ");
  digits(static_cast<int>(date.year()), 4);
  text.append(" ");
  digits(clock.hours().count(), 2);
  text.append(":");
  digits(clock.minutes().count(), 2);
  text.append(":");
  digits(clock.seconds().count(), 2);
  text.append(" GMT");
  return text;
}

std::optional<storage::Timestamp> parse_http_date(std::string_view text, storage::Timestamp now) {
  auto fields = fixdate(text);
  if (!fields) fields = rfc850_date(text, static_cast<int>(date_of(now).year()));
  if (!fields) fields = asctime_date(text);
  if (!fields || fields->hour > 23 || fields->minute > 59 || fields->second > 60) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(fields->year),
                                         std::chrono::month(static_cast<unsigned>(fields->month)),
                                         std::chrono::day(static_cast<unsigned>(fields->day)));
  if (!date.ok()) return std::nullopt;
  const auto midnight = std::chrono::duration_cast<std::chrono::seconds>(sys_days(date).time_since_epoch());
  return midnight.count() + fields->hour * 3600 + fields->minute * 60 + fields->second;
}

}  // namespace dav
