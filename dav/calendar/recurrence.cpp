#include "dav/calendar/recurrence.h"

#include <algorithm>
#include <limits>

#include "dav/calendar/scaled_days.h"

namespace dav::calendar {

namespace {

/// The length of a period in seconds where it is fixed.
Seconds unit_length(Frequency frequency) {
  switch (frequency) {
    case Frequency::secondly:
      return 1;
    case Frequency::minutely:
      return minute;
    case Frequency::hourly:
      return hour;
    default:
      return day;
  }
}

/// The number of periods after which the calendar repeats: 400 years are 4 800 months, 20 871 weeks, 146 097 days. A
/// rule that made nothing in so many steps makes nothing ever.
std::size_t cycle(Frequency frequency) {
  switch (frequency) {
    case Frequency::yearly:
      return 400;
    case Frequency::monthly:
      return 4800;
    case Frequency::weekly:
      return 20'871;
    default:
      return 146'097;
  }
}

template <std::size_t N>
void allow(std::bitset<N>& set, std::bitset<N>& from_end, const std::vector<int>& numbers) {
  for (const int number : numbers) {
    (number > 0 ? set : from_end).set(static_cast<std::size_t>(number > 0 ? number : -number));
  }
}

template <std::size_t N>
bool holds(const std::bitset<N>& set, std::int64_t number) {
  return number >= 0 && number < static_cast<std::int64_t>(N) && set.test(static_cast<std::size_t>(number));
}

/// The first member of the set at or after `from`; nothing if there is none.
template <std::size_t N>
std::optional<int> next_in(const std::bitset<N>& set, int from) {
  for (auto i = static_cast<std::size_t>(from); i < N; ++i) {
    if (set.test(i)) return static_cast<int>(i);
  }
  return std::nullopt;
}

}  // namespace

RuleIterator::RuleIterator(const Rule& rule, Seconds start, bool is_date, std::optional<Seconds> until, Budget& budget)
    : rule_(rule),
      budget_(budget),
      start_(start),
      is_date_(is_date),
      until_(until),
      from_(start),
      latest_(start),
      left_(rule.count) {
  if (rule.is_scaled()) {
    scaled_ = std::make_unique<ScaledDays>(rule, start, budget);
  } else {
    prepare_days();
  }
  prepare_times();
  first_period_ = period_ = period_with(start);
}

RuleIterator::~RuleIterator() = default;

/// The number of the period that this reading lies in, whether the interval allows it or not. Weeks count in days.
std::int64_t RuleIterator::period_with(Seconds local) {
  const std::int64_t days = floor_div(local, day);
  const Civil civil = to_civil(local);
  switch (rule_.frequency) {
    case Frequency::yearly:
      return scaled_ ? scaled_->year_of(days) : civil.year;
    case Frequency::monthly:
      return scaled_ ? scaled_->month_of(days) : std::int64_t{civil.year} * 12 + civil.month - 1;
    case Frequency::weekly:
      return days - (weekday_of(days) - rule_.week_start + 7) % 7;
    default:
      return floor_div(local, unit_length(rule_.frequency));
  }
}

void RuleIterator::prepare_days() {
  for (const int month : rule_.by_month) months_.set(static_cast<std::size_t>(month));
  allow(month_days_, month_days_from_end_, rule_.by_month_day);
  allow(year_days_, year_days_from_end_, rule_.by_year_day);
  allow(weeks_, weeks_from_end_, rule_.by_week_number);
  for (const WeekdayNumber& each : rule_.by_day) {
    has_numbered_days_ = has_numbered_days_ || each.ordinal != 0;
    if (each.ordinal == 0) weekdays_.set(static_cast<std::size_t>(each.weekday));
  }
  // "Information, not contained in the rule, … are derived from the Start Time"
  const Civil civil = to_civil(start_);
  const bool no_day_part = rule_.by_day.empty() && rule_.by_month_day.empty() && rule_.by_year_day.empty();
  if (!no_day_part || rule_.frequency <= Frequency::daily) return;
  const auto weekday = static_cast<std::size_t>(weekday_of(floor_div(start_, day)));
  if (rule_.frequency == Frequency::weekly || !rule_.by_week_number.empty()) {
    weekdays_.set(weekday);
    return;
  }
  month_days_.set(static_cast<std::size_t>(civil.day));
  if (rule_.frequency == Frequency::yearly && rule_.by_month.empty())
    months_.set(static_cast<std::size_t>(civil.month));
}

void RuleIterator::prepare_times() {
  const bool timed = !is_date_;
  const bool no_time_part = rule_.by_hour.empty() && rule_.by_minute.empty() && rule_.by_second.empty();
  if (rule_.frequency >= Frequency::daily && (no_time_part || !timed)) {
    times_.push_back(static_cast<std::int32_t>(start_ - floor_div(start_, day) * day));
    return;
  }
  const Civil civil = to_civil(start_);
  for (const int each : rule_.by_hour) {
    if (timed) hours_.set(static_cast<std::size_t>(each));
  }
  for (const int each : rule_.by_minute) {
    if (timed) minutes_.set(static_cast<std::size_t>(each));
  }
  for (const int each : rule_.by_second) {
    if (timed) seconds_.set(static_cast<std::size_t>(std::min(each, 59)));  // a leap second is read as the one before
  }
  // Parts finer than the period expand it; those that are missing come from DTSTART. The others limit.
  const Frequency frequency = rule_.frequency;
  if (hours_.none() && frequency >= Frequency::daily) hours_.set(static_cast<std::size_t>(civil.hour));
  if (hours_.none()) hours_.set();
  if (minutes_.none() && frequency >= Frequency::hourly) minutes_.set(static_cast<std::size_t>(civil.minute));
  if (minutes_.none()) minutes_.set();
  if (seconds_.none() && frequency >= Frequency::minutely) seconds_.set(static_cast<std::size_t>(civil.second));
  if (seconds_.none()) seconds_.set();

  const bool in_day = frequency >= Frequency::daily;
  const bool in_hour = frequency >= Frequency::hourly;
  const bool in_minute = frequency >= Frequency::minutely;
  for (int h = 0; h < (in_day ? 24 : 1); ++h) {
    if (in_day && !holds(hours_, h)) continue;
    for (int m = 0; m < (in_hour ? 60 : 1); ++m) {
      if (in_hour && !holds(minutes_, m)) continue;
      for (int s = 0; s < (in_minute ? 60 : 1); ++s) {
        if (!in_minute || holds(seconds_, s)) times_.push_back(h * 3600 + m * 60 + s);
      }
    }
  }
}

void RuleIterator::follow_rule_alone() {
  started_ = true;
  latest_ = start_ - 1;
}

void RuleIterator::skip_to(Seconds local) {
  if (local <= from_) return;
  from_ = local;
  if (left_) return;  // what is counted must be counted from the start
  const std::int64_t step = std::int64_t{rule_.interval} * (rule_.frequency == Frequency::weekly ? 7 : 1);
  // A day that SKIP has moved forward may lie in the period after its own.
  const std::int64_t target = period_with(local) - (scaled_ ? 1 : 0);
  if (target > first_period_) period_ = first_period_ + floor_div(target - first_period_, step) * step;
}

std::optional<Seconds> RuleIterator::next() {
  if (!started_) {
    started_ = true;
    if (until_ && start_ > *until_) done_ = true;
    if (left_ && --*left_ == 0) done_ = true;
    if (from_ <= start_ && !(until_ && start_ > *until_)) return start_;
  }
  while (!done_) {
    const auto candidate = next_candidate();
    if (!candidate || (until_ && *candidate > *until_)) break;
    // What the first period has before DTSTART, and DTSTART again; and what SKIP has moved onto another.
    if (*candidate <= latest_) continue;
    latest_ = *candidate;
    if (left_ && --*left_ == 0) done_ = true;
    if (*candidate >= from_) return candidate;
  }
  done_ = true;
  return std::nullopt;
}

/// The next reading of the open period or of the next one that has any. What is given costs one step, and so does a
/// period that has nothing to give.
std::optional<Seconds> RuleIterator::next_candidate() {
  const bool by_position = !rule_.by_set_position.empty();
  for (bool opened = false;; opened = true) {
    const bool has_more = by_position ? selected_index_ < selected_.size() : day_index_ < days_.size();
    if (opened) barren_ = has_more ? 0 : barren_ + 1;
    if (has_more) {
      if (!budget_.spend()) return std::nullopt;
      return by_position ? selected_[selected_index_++] : take_reading();
    }
    if (opened && !budget_.spend()) return std::nullopt;
    if (barren_ > cycle(rule_.frequency) || !open_period()) return std::nullopt;
    if (by_position) select_positions();
  }
}

/// The reading where the iteration stands, which moves on.
Seconds RuleIterator::take_reading() {
  const Seconds unit = rule_.frequency >= Frequency::daily ? day : unit_length(rule_.frequency);
  const Seconds start_of_unit = days_[day_index_] * unit;
  const Seconds reading = start_of_unit + times_[time_index_];
  ++time_index_;
  // What is left of a day before the range is passed at once.
  const bool passed = !left_ && start_of_unit + unit <= from_;
  if (passed || time_index_ == times_.size()) {
    time_index_ = 0;
    ++day_index_;
  }
  return reading;
}

/// Fills `days_` with those of the next period, which may be none; false after the last year.
bool RuleIterator::open_period() {
  days_.clear();
  day_index_ = time_index_ = 0;
  return rule_.frequency >= Frequency::daily ? open_calendar_period() : open_clock_period();
}

bool RuleIterator::open_calendar_period() {
  const std::int64_t period = period_;
  if (scaled_ && rule_.frequency >= Frequency::monthly) {
    period_ += rule_.interval;
    return rule_.frequency == Frequency::yearly ? scaled_->fill_year(period, days_)
                                                : scaled_->fill_month(period, days_);
  }
  switch (rule_.frequency) {
    case Frequency::yearly:
      if (period > last_year) return false;
      fill_year(period);
      period_ += rule_.interval;
      return true;
    case Frequency::monthly:
      if (period / 12 > last_year) return false;
      fill_month(period / 12, static_cast<int>(period % 12) + 1);
      period_ += rule_.interval;
      return true;
    case Frequency::weekly:
      for (std::int64_t days = period; days < period + 7; ++days) {
        if (!scaled_ && weekdays_.any() && !holds(weekdays_, weekday_of(days))) continue;
        const Civil civil = to_civil(days * day);
        if (civil.year > last_year) return false;
        if (day_matches(days, civil)) days_.push_back(days);
      }
      period_ += std::int64_t{rule_.interval} * 7;
      return true;
    default: {
      const Civil civil = to_civil(period * day);
      if (civil.year > last_year) return false;
      if (day_matches(period, civil)) days_.push_back(period);
      period_ += rule_.interval;
      return true;
    }
  }
}

/// Moves on to the first period at or after this unit that the interval allows.
bool RuleIterator::jump_to_unit(std::int64_t unit) {
  const std::int64_t steps = floor_div(unit - first_period_ + rule_.interval - 1, rule_.interval);
  period_ = first_period_ + steps * rule_.interval;
  return true;
}

/// One step towards the next hour, minute or second that matches: over the rest of a day, hour or minute at once where
/// that can't match.
bool RuleIterator::open_clock_period() {
  const Seconds unit = unit_length(rule_.frequency);
  const Seconds reading = period_ * unit;
  const std::int64_t days = floor_div(reading, day);
  const Civil civil = to_civil(reading);
  if (civil.year > last_year) return false;
  if (!day_matches(days, civil)) return jump_to_unit((days + 1) * (day / unit));
  const auto next_hour = next_in(hours_, civil.hour);
  if (!next_hour) return jump_to_unit((days + 1) * (day / unit));
  const Seconds midnight = days * day;
  if (*next_hour != civil.hour) return jump_to_unit((midnight + *next_hour * hour) / unit);
  if (rule_.frequency <= Frequency::minutely) {
    const auto next_minute = next_in(minutes_, civil.minute);
    const Seconds this_hour = midnight + civil.hour * hour;
    if (!next_minute) return jump_to_unit((this_hour + hour) / unit);
    if (*next_minute != civil.minute) return jump_to_unit((this_hour + *next_minute * minute) / unit);
  }
  if (rule_.frequency == Frequency::secondly) {
    const auto next_second = next_in(seconds_, civil.second);
    const Seconds this_minute = reading - civil.second;
    if (!next_second) return jump_to_unit(this_minute + minute);
    if (*next_second != civil.second) return jump_to_unit(this_minute + *next_second);
  }
  days_.push_back(period_);
  period_ += rule_.interval;
  return true;
}

/// RFC 5545 3.3.10, BYSETPOS: the nth of the period's readings, from its start or end.
void RuleIterator::select_positions() {
  selected_.clear();
  selected_index_ = 0;
  const Seconds unit = rule_.frequency >= Frequency::daily ? day : unit_length(rule_.frequency);
  const auto count = static_cast<std::int64_t>(days_.size() * times_.size());
  for (const int position : rule_.by_set_position) {
    const std::int64_t index = position > 0 ? position - 1 : count + position;
    if (index < 0 || index >= count) continue;
    const auto place = static_cast<std::size_t>(index);
    selected_.push_back(days_[place / times_.size()] * unit + times_[place % times_.size()]);
  }
  std::sort(selected_.begin(), selected_.end());
  selected_.erase(std::unique(selected_.begin(), selected_.end()), selected_.end());
  days_.clear();
}

}  // namespace dav::calendar
