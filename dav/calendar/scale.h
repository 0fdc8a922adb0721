#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace dav::calendar {

/// A month as RFC 7529 4.2 names it: `5L` is {5, true}. In the order of a year.
struct MonthName {
  int number = 1;
  bool is_leap = false;

  friend auto operator<=>(const MonthName&, const MonthName&) = default;
};

/// A month of a certain year; days are counted since 1970-01-01.
struct ScaleMonth {
  MonthName name;
  std::int64_t first = 0;
  int length = 0;
};

/// A year of some calendar system, its months in order.
struct ScaleYear {
  std::int64_t first = 0;
  int length = 0;
  std::vector<ScaleMonth> months;
};

/// A calendar system that recurrence rules can be followed in. RFC 7529 5
struct ScaleName {
  std::string_view name;      ///< CLDR's, in capitals
  std::string_view calendar;  ///< what Scale takes; empty for those with Gregorian months
  bool is_alias = false;      ///< another row has the preferred name
};

/// All that are supported.
std::span<const ScaleName> scale_names();

/// The row with that name, in capitals; nullptr for unsupported ones.
const ScaleName* find_scale(std::string_view name);

/// Has ICU reckon the years of all systems that touch these days (within the years 1600 to 2498), so that no rule has
/// to wait for that: the first Chinese year takes it some 20 ms. How many years there are.
std::size_t make_scales_ready(std::int64_t first_day, std::int64_t last_day);

/// The years of a calendar system, by ICU. Years that were asked for are kept. For one thread at a time.
class Scale {
 public:
  /// By ScaleName::calendar; empty for the Gregorian one. The view must be of a literal, as those are.
  explicit Scale(std::string_view calendar);
  ~Scale();
  Scale(Scale&&) noexcept;
  Scale& operator=(Scale&&) noexcept;

  /// The number of the year that the day lies in, by an epoch of the system's own; outside of the years 1600 to 2498
  /// but for the Gregorian calendar, one without months.
  std::int64_t year_of(std::int64_t day_number);

  /// The year of that number; without months where ICU knows none. Valid as long as this object.
  const ScaleYear& year(std::int64_t number);

  /// Whether year() has it ready.
  bool knows(std::int64_t number) const { return years_.contains(number); }

 private:
  class Calendar;

  void read(std::int64_t number, ScaleYear& year);

  std::string_view name_;               ///< of a row of scale_names()
  std::unique_ptr<Calendar> calendar_;  ///< null for the Gregorian one
  std::map<std::int64_t, ScaleYear> years_;
};

}  // namespace dav::calendar
