#include "dav/calendar/scaled_days.h"

#include <algorithm>
#include <iterator>

namespace dav::calendar {

namespace {

/// What a year costs that isn't ready yet. Where ICU reckons with the moon it takes long.
std::size_t steps_of_year(std::string_view calendar) {
  if (calendar.empty()) return 10;
  const bool lunar = calendar == "chinese" || calendar == "islamic-umalqura";
  return lunar ? 2000 : 100;
}

void make_set(ScaledDays::Days& days) {
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
}

/// The days that each set has which was given.
class Narrowing {
 public:
  void by(ScaledDays::Days days) {
    make_set(days);
    if (!any_) {
      days_ = std::move(days);
    } else {
      ScaledDays::Days both;
      std::set_intersection(days_.begin(), days_.end(), days.begin(), days.end(), std::back_inserter(both));
      days_ = std::move(both);
    }
    any_ = true;
  }
  bool any() const { return any_; }
  ScaledDays::Days days() && { return std::move(days_); }

 private:
  ScaledDays::Days days_;
  bool any_ = false;
};

void add_all(std::int64_t first, int length, ScaledDays::Days& out) {
  for (std::int64_t i = 0; i < length; ++i) out.push_back(first + i);
}

/// The first day of week 1: the first week with at least four days in the year. RFC 5545 3.3.10
std::int64_t first_week(const ScaleYear& year, int week_start) {
  const int into_week = (weekday_of(year.first) - week_start + 7) % 7;
  return into_week <= 3 ? year.first - into_week : year.first + 7 - into_week;
}

}  // namespace

ScaledDays::ScaledDays(const Rule& rule, Seconds start, Budget& budget)
    : rule_(rule), budget_(budget), scale_(rule.scale), weekdays_(rule.by_day) {
  for (const int number : rule.by_month) months_.push_back({number, false});
  for (const int number : rule.by_leap_month) months_.push_back({number, true});
  std::sort(months_.begin(), months_.end());
  by_month_ = !months_.empty();
  const bool no_day = rule.by_day.empty() && rule.by_month_day.empty() && rule.by_year_day.empty();
  by_nothing_ = no_day && rule.by_week_number.empty();
  const std::int64_t start_day = floor_div(start, day);
  // "Information, not contained in the rule, … are derived from the Start Time"
  const bool by_weekday = rule.frequency == Frequency::weekly || !rule.by_week_number.empty();
  if (no_day && by_weekday) weekdays_.push_back({0, weekday_of(start_day)});
  for (const ScaleMonth& month : year_with(start_day, counted_year_).months) {
    if (start_day >= month.first + month.length) {
      --counted_months_;
    } else if (start_day >= month.first) {
      start_month_ = month.name;
      start_day_ = static_cast<int>(start_day - month.first) + 1;
    }
  }
}

const ScaleYear& ScaledDays::year(std::int64_t number) {
  static const ScaleYear none;
  if (!scale_.knows(number) && !budget_.spend(steps_of_year(rule_.scale))) return none;
  return scale_.year(number);
}

/// The year with that day, whose number is given too.
const ScaleYear& ScaledDays::year_with(std::int64_t day_number, std::int64_t& number) {
  number = last_number_;
  const bool same = scale_.knows(number) && day_number >= scale_.year(number).first &&
                    day_number < scale_.year(number).first + scale_.year(number).length;
  if (!same) number = last_number_ = scale_.year_of(day_number);
  return year(number);
}

std::int64_t ScaledDays::month_of(std::int64_t day_number) {
  std::int64_t number = 0;
  year_with(day_number, number);
  std::int64_t result = counted_months_;
  for (std::int64_t each = counted_year_; each < number && !budget_.is_spent(); ++each) {
    result += static_cast<std::int64_t>(year(each).months.size());
  }
  for (const ScaleMonth& month : year(number).months) {
    if (day_number >= month.first + month.length) ++result;
  }
  return result;
}

/// The month of that name; where the year has none, what SKIP says, which may lie in the next year. nullptr if nothing.
const ScaleMonth* ScaledDays::find_month(std::int64_t number, MonthName name) {
  const auto& months = year(number).months;
  const auto place = std::lower_bound(months.begin(), months.end(), name,
                                      [](const ScaleMonth& each, MonthName wanted) { return each.name < wanted; });
  if (place != months.end() && place->name == name) return &*place;
  if (rule_.skip == Skip::omit || months.empty()) return nullptr;
  if (rule_.skip == Skip::backward) return place == months.begin() ? nullptr : &*std::prev(place);
  if (place != months.end()) return &*place;
  const auto& next = year(number + 1).months;
  return next.empty() ? nullptr : &next.front();
}

/// BYMONTH, then SKIP for months, of a year; all months without BYMONTH. RFC 7529 4.1
std::vector<ScaleMonth> ScaledDays::months_of(std::int64_t number) {
  if (!by_month_) return year(number).months;
  std::vector<ScaleMonth> found;
  for (const MonthName name : months_) {
    const ScaleMonth* month = find_month(number, name);
    if (month != nullptr && (found.empty() || found.back().first != month->first)) found.push_back(*month);
  }
  return found;
}

/// Whether BYMONTH allows the month that begins on that day, in a year of that number.
bool ScaledDays::is_in_months(std::int64_t number, std::int64_t first_of_month) {
  if (!by_month_) return true;
  const auto is_it = [&](const ScaleMonth& month) { return month.first == first_of_month; };
  const auto own = months_of(number);
  if (std::any_of(own.begin(), own.end(), is_it)) return true;
  if (rule_.skip != Skip::forward) return false;
  const auto before = months_of(number - 1);
  return std::any_of(before.begin(), before.end(), is_it);
}

/// The day of that number, from the start or the end, of a month or year; where it has none, what SKIP says. RFC 7529
/// 4.1
void ScaledDays::add_day(std::int64_t first, int length, int which, Days& out) const {
  const std::int64_t found = which > 0 ? first + which - 1 : first + length + which;
  const bool exists = found >= first && found < first + length;
  if (exists) return out.push_back(found);
  if (rule_.skip == Skip::omit) return;
  const bool too_late = found >= first + length;
  if (rule_.skip == Skip::forward) return out.push_back(too_late ? first + length : first);
  out.push_back(too_late ? first + length - 1 : first - 1);
}

/// BYWEEKNO. A week that the year doesn't have becomes the one after or before.
ScaledDays::Days ScaledDays::weeks_of(std::int64_t number) {
  Days days;
  const std::int64_t first = first_week(year(number), rule_.week_start);
  const std::int64_t count = (first_week(year(number + 1), rule_.week_start) - first) / 7;
  for (const int which : rule_.by_week_number) {
    std::int64_t week = which > 0 ? which : count + which + 1;
    const bool exists = week >= 1 && week <= count;
    if (!exists && rule_.skip == Skip::omit) continue;
    if (!exists) week = std::clamp<std::int64_t>(week, 0, count + 1) - (rule_.skip == Skip::backward && week > count);
    if (!exists && rule_.skip == Skip::forward && week == 0) week = 1;
    add_all(first + (week - 1) * 7, 7, days);
  }
  return days;
}

/// BYDAY, with numbers counted in what begins at `first`.
void ScaledDays::limit_weekdays(std::int64_t first, std::int64_t length, Days& days) const {
  if (weekdays_.empty() || !budget_.spend(1 + days.size() * weekdays_.size() / 16)) return;
  std::erase_if(days, [&](std::int64_t each) {
    return std::none_of(weekdays_.begin(), weekdays_.end(), [&](const WeekdayNumber& wanted) {
      return wanted.ordinal == 0 ? weekday_of(each) == wanted.weekday : numbered_day(wanted, first, length) == each;
    });
  });
}

void ScaledDays::limit_weekdays_by_month(const std::vector<ScaleMonth>& months, Days& days) const {
  Days kept;
  for (const ScaleMonth& month : months) {
    Days inside;
    std::copy_if(days.begin(), days.end(), std::back_inserter(inside),
                 [&](std::int64_t each) { return each >= month.first && each < month.first + month.length; });
    limit_weekdays(month.first, month.length, inside);
    kept.insert(kept.end(), inside.begin(), inside.end());
  }
  days = std::move(kept);
}

bool ScaledDays::fill_year(std::int64_t number, Days& out) {
  const ScaleYear& whole = year(number);
  if (whole.months.empty() || whole.first > days_from_civil(last_year, 12, 31)) return false;
  const auto months = months_of(number);
  Narrowing found;
  if (!rule_.by_week_number.empty()) found.by(weeks_of(number));
  if (!rule_.by_year_day.empty()) {
    Days days;
    for (const int which : rule_.by_year_day) add_day(whole.first, whole.length, which, days);
    found.by(std::move(days));
  }
  Days days;
  if (!rule_.by_month_day.empty()) {
    for (const ScaleMonth& month : months) {
      for (const int which : rule_.by_month_day) add_day(month.first, month.length, which, days);
    }
    found.by(std::move(days));
  } else if (by_nothing_) {
    const ScaleMonth* own = by_month_ ? nullptr : find_month(number, start_month_);
    if (own != nullptr) add_day(own->first, own->length, start_day_, days);
    for (const ScaleMonth& month : by_month_ ? months : std::vector<ScaleMonth>()) {
      add_day(month.first, month.length, start_day_, days);
    }
    found.by(std::move(days));
  } else if (by_month_ || !found.any()) {
    for (const ScaleMonth& month : months) add_all(month.first, month.length, days);
    found.by(std::move(days));
  }
  out = std::move(found).days();
  const bool numbered =
      std::any_of(weekdays_.begin(), weekdays_.end(), [](const WeekdayNumber& each) { return each.ordinal != 0; });
  if (by_month_ && numbered) {
    limit_weekdays_by_month(months, out);
  } else {
    limit_weekdays(whole.first, whole.length, out);
  }
  return true;
}

bool ScaledDays::fill_month(std::int64_t month, Days& out) {
  for (;;) {
    const auto count = static_cast<std::int64_t>(year(counted_year_).months.size());
    if (count == 0) return false;
    if (month < counted_months_ + count) break;
    counted_months_ += count;
    ++counted_year_;
  }
  const ScaleYear& whole = year(counted_year_);
  if (whole.first > days_from_civil(last_year, 12, 31)) return false;
  const ScaleMonth own = whole.months[static_cast<std::size_t>(month - counted_months_)];
  if (!is_in_months(counted_year_, own.first)) return true;
  if (by_nothing_) {
    add_day(own.first, own.length, start_day_, out);
  } else if (!rule_.by_month_day.empty()) {
    for (const int which : rule_.by_month_day) add_day(own.first, own.length, which, out);
  } else {
    add_all(own.first, own.length, out);
  }
  make_set(out);
  limit_weekdays(own.first, own.length, out);
  return true;
}

// The parts only limit here, and limits make no days that don't exist.
bool ScaledDays::allows(std::int64_t day_number) {
  const auto is_weekday = [&](const WeekdayNumber& wanted) { return weekday_of(day_number) == wanted.weekday; };
  if (!weekdays_.empty() && std::none_of(weekdays_.begin(), weekdays_.end(), is_weekday)) return false;
  if (!by_month_ && rule_.by_month_day.empty() && rule_.by_year_day.empty()) return true;
  std::int64_t number = 0;
  const ScaleYear& whole = year_with(day_number, number);
  const auto month = std::find_if(whole.months.begin(), whole.months.end(),
                                  [&](const ScaleMonth& each) { return day_number < each.first + each.length; });
  if (month == whole.months.end() || !is_in_months(number, month->first)) return false;
  const auto has = [](const std::vector<int>& numbers, std::int64_t from_start, std::int64_t length) {
    return numbers.empty() || std::any_of(numbers.begin(), numbers.end(), [&](int which) {
             return which > 0 ? from_start == which : from_start == length + which + 1;
           });
  };
  return has(rule_.by_month_day, day_number - month->first + 1, month->length) &&
         has(rule_.by_year_day, day_number - whole.first + 1, whole.length);
}

}  // namespace dav::calendar
