#include "dav/calendar/scale.h"

#include <unicode/ucal.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>

#include "dav/calendar/value.h"

namespace dav::calendar {

namespace {

// CLDR's names (RFC 7529 5): "alias values can be used as RSCALE values and are treated the same as the equivalent CLDR
// calendar system". Of the systems that differ from the Gregorian one in the names of years alone, the months are its.
// DANGI isn't here: ICU 72 contradicts itself at its New Year of 2028.
constexpr std::array<ScaleName, 21> names = {{
    {"GREGORIAN", ""},
    {"BUDDHIST", ""},
    {"CHINESE", "chinese"},
    {"COPTIC", "coptic"},
    {"ETHIOPIC", "ethiopic"},
    {"ETHIOPIC-AMETE-ALEM", "ethiopic-amete-alem"},
    {"HEBREW", "hebrew"},
    {"INDIAN", "indian"},
    {"ISLAMIC", "islamic"},
    {"ISLAMIC-CIVIL", "islamic-civil"},
    {"ISLAMIC-RGSA", "islamic-rgsa"},
    {"ISLAMIC-TBLA", "islamic-tbla"},
    {"ISLAMIC-UMALQURA", "islamic-umalqura"},
    {"ISO8601", ""},
    {"JAPANESE", ""},
    {"PERSIAN", "persian"},
    {"ROC", ""},
    {"GREGORY", "", true},
    {"ETHIOAA", "ethiopic-amete-alem", true},
    {"ISLAMICC", "islamic-civil", true},
    {"ETHIOPIC-AMETE-MIHRET", "ethiopic", true},
}};

constexpr std::size_t most_months = 14;

/// Calendars that follow the moon cost ICU the more the farther away; and nobody knows the new moons of the year 9000.
constexpr std::int64_t first_known_day = -135'140;  // 1600-01-01
constexpr std::int64_t last_known_day = 193'168;    // 2498-11-18
constexpr std::int64_t no_year = 1'000'000;

ScaleYear gregorian_year(std::int64_t number) {
  ScaleYear year;
  year.first = days_from_civil(number, 1, 1);
  year.length = is_leap(number) ? 366 : 365;
  for (int month = 1; month <= 12; ++month) {
    year.months.push_back({{month, false}, days_from_civil(number, month, 1), days_in_month(number, month)});
  }
  return year;
}

}  // namespace

std::span<const ScaleName> scale_names() { return names; }

const ScaleName* find_scale(std::string_view name) {
  const auto* found =
      std::find_if(names.begin(), names.end(), [&](const ScaleName& each) { return each.name == name; });
  return found == names.end() ? nullptr : found;
}

/// Owns ICU's calendar, in UTC. After a failure every field is 0.
class Scale::Calendar {
 public:
  explicit Calendar(std::string_view name) {
    const std::string locale = "@calendar=" + std::string(name);
    constexpr std::u16string_view zone = u"Etc/UTC";
    handle_ = ucal_open(zone.data(), static_cast<std::int32_t>(zone.size()), locale.c_str(), UCAL_DEFAULT, &status_);
  }
  ~Calendar() {
    if (handle_ != nullptr) ucal_close(handle_);
  }
  Calendar(const Calendar&) = delete;
  Calendar& operator=(const Calendar&) = delete;

  void go_to(std::int64_t day_number) {
    constexpr double milliseconds_of_a_day = 86'400'000;
    if (good()) ucal_setMillis(handle_, static_cast<double>(day_number) * milliseconds_of_a_day, &status_);
  }

  int field(UCalendarDateFields which) { return good() ? ucal_get(handle_, which, &status_) : 0; }

  /// The length of the month that begins on that day. ICU's own answer to this takes a hundred times as long for the
  /// calendars that follow the moon.
  int length_of_month(std::int64_t first) {
    for (int length = 29; length < 33; ++length) {
      go_to(first + length);
      const int day_of_month = field(UCAL_DAY_OF_MONTH);
      // A month of five days may have passed whole.
      if (day_of_month <= length) return length - (day_of_month - 1);
    }
    return 0;
  }

  bool good() const { return handle_ != nullptr && U_SUCCESS(status_); }

 private:
  UErrorCode status_ = U_ZERO_ERROR;
  UCalendar* handle_ = nullptr;
};

namespace {

/// Years that ICU has been asked for, since it takes a millisecond for one of the Chinese calendar. What it says of a
/// year never changes, so that nobody can tell whether it was asked again.
class Remembered {
 public:
  std::optional<ScaleYear> find(std::string_view calendar, std::int64_t number) const {
    const std::shared_lock lock(mutex_);
    const auto known = years_.find({calendar, number});
    return known == years_.end() ? std::nullopt : std::optional(known->second);
  }

  void keep(std::string_view calendar, std::int64_t number, const ScaleYear& year) {
    constexpr std::size_t most = 2000;
    const std::unique_lock lock(mutex_);
    if (years_.size() < most) years_.emplace(std::pair(calendar, number), year);
  }

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::pair<std::string_view, std::int64_t>, ScaleYear> years_;
};

Remembered& remembered() {
  static Remembered years;
  return years;
}

}  // namespace

std::size_t make_scales_ready(std::int64_t first_day, std::int64_t last_day) {
  std::size_t made = 0;
  for (const ScaleName& each : names) {
    if (each.calendar.empty()) continue;
    Scale scale(each.calendar);
    const std::int64_t last = scale.year_of(std::clamp(last_day, first_known_day, last_known_day));
    std::int64_t number = scale.year_of(std::clamp(first_day, first_known_day, last_known_day));
    for (; number <= last; ++number) {
      if (scale.year(number).length > 0) ++made;
    }
  }
  return made;
}

Scale::Scale(std::string_view calendar)
    : name_(calendar), calendar_(calendar.empty() ? nullptr : std::make_unique<Calendar>(calendar)) {}
Scale::~Scale() = default;
Scale::Scale(Scale&&) noexcept = default;
Scale& Scale::operator=(Scale&&) noexcept = default;

std::int64_t Scale::year_of(std::int64_t day_number) {
  if (calendar_ == nullptr) return to_civil(day_number * day).year;
  if (day_number < first_known_day) return -no_year;
  if (day_number > last_known_day) return no_year;
  calendar_->go_to(day_number);
  return calendar_->field(UCAL_EXTENDED_YEAR);
}

const ScaleYear& Scale::year(std::int64_t number) {
  const auto [place, is_new] = years_.try_emplace(number);
  ScaleYear& year = place->second;
  if (!is_new) return year;
  if (calendar_ == nullptr) return year = gregorian_year(number);
  if (auto known = remembered().find(name_, number)) return year = std::move(*known);
  if (number > -no_year && number < no_year) read(number, year);
  remembered().keep(name_, number, year);
  return year;
}

void Scale::read(std::int64_t number, ScaleYear& year) {
  // ICU takes years of some systems by era and cycle only: a day inside of the year is looked for instead.
  const auto before = years_.find(number - 1);
  const bool follows = before != years_.end() && before->second.length > 0;
  std::int64_t inside = follows ? before->second.first + before->second.length : (number - year_of(0)) * 360;
  for (int tries = 0;; ++tries) {
    const std::int64_t found = year_of(inside);
    if (found == number) break;
    if (std::abs(found) == no_year || tries == 100) return;
    inside += (number - found) * 354 + (number > found ? 5 : -5);
  }
  year.first = inside - (calendar_->field(UCAL_DAY_OF_YEAR) - 1);
  std::int64_t first = year.first;
  while (year.months.size() < most_months) {
    calendar_->go_to(first);
    if (calendar_->field(UCAL_EXTENDED_YEAR) != number || !calendar_->good()) break;
    MonthName name{calendar_->field(UCAL_MONTH) + 1, calendar_->field(UCAL_IS_LEAP_MONTH) != 0};
    // RFC 7529 4.2: "ICU month 6 maps to iCalendar month "5L", and ICU months 7 through 13 map to … 6 through 12."
    if (name_ == "hebrew" && name.number >= 6) name = {name.number - 1, name.number == 6};
    const int length = calendar_->length_of_month(first);
    if (length < 1) break;
    year.months.push_back({name, first, length});
    first += length;
  }
  year.length = static_cast<int>(first - year.first);
}

}  // namespace dav::calendar
