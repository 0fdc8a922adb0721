#include "dav/calendar/instances.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>
#include <variant>

#include "dav/content/text.h"

namespace dav::calendar {

using content::Component;
using content::Property;

Shape::Shape(const Component& component, const ZoneScope& scope)
    : part(&component), start(date_time_in(component, "DTSTART")) {
  has_start = start.has_value();
  const auto due = date_time_in(component, "DUE");
  const auto end = due ? due : date_time_in(component, "DTEND");
  const Property* duration = component.find("DURATION");
  has_end = end.has_value();
  has_duration = has_start && !has_end && duration != nullptr;
  if (!has_start) {
    start = due;
  } else if (has_end) {
    // "If the duration of the recurring component is specified with the DTEND or DUE property, the same exact duration
    // will apply to all the members of the generated recurrence set"; RFC 5545 3.8.5.3. Days of dates stay days.
    if (start->is_date() && end->is_date()) {
      length.days = (end->local - start->local) / day;
    } else {
      length.seconds = scope.to_utc(*end) - scope.to_utc(*start);
    }
  } else if (has_duration) {
    length = parse_duration(duration->value).value_or(Duration{});
  } else if (start->is_date() && !component.is("VTODO")) {
    length.days = 1;
  }
}

Seconds Shape::end_of(const DateTime& occurrence, const ZoneScope& scope) const {
  DateTime end = occurrence;
  end.local += length.days * day;
  return scope.to_utc(end) + length.seconds;
}

Instances::Instances(const Component* master, const std::vector<const Component*>& parts, const ZoneScope& scope)
    : scope_(scope) {
  if (master != nullptr) read_master(*master);
  for (const Component* part : parts) {
    const Property* property = part->find("RECURRENCE-ID");
    const auto id = property == nullptr ? std::nullopt : date_time_of(*property);
    if (!id) continue;
    const bool future = content::equal_ignoring_case(property->parameter("RANGE"), "THISANDFUTURE");
    overrides_.push_back({scope.to_utc(*id), *id, future, Shape(*part, scope)});
  }
  std::sort(overrides_.begin(), overrides_.end(), [](const Override& a, const Override& b) { return a.key < b.key; });
  recurring_ = recurring_ || !overrides_.empty();
  const auto length_of = [](const Shape& shape) {
    return std::abs(shape.length.days * day) + std::abs(shape.length.seconds);
  };
  // Some hours more, for what the clock is moved.
  constexpr Seconds slack = 3 * hour;
  reach_ = slack + (master_ ? length_of(*master_) : 0);
  for (std::size_t i = 0; i < overrides_.size(); ++i) {
    const Override& each = overrides_[i];
    if (!each.and_future || !each.shape.start) continue;
    futures_.push_back(i);
    // The override may be in another zone.
    reach_ = std::max(reach_, 2 * day + length_of(each.shape) + std::abs(each.shape.start->local - each.id.local));
  }
}

void Instances::read_master(const Component& master) {
  master_.emplace(master, scope_);
  if (!master_->start) return;
  dates_.push_back({scope_.to_utc(*master_->start), *master_->start, std::nullopt});
  for (const Property& property : master.properties) {
    if (property.is("RRULE") || property.is("EXRULE")) {
      auto rule = parse_rule(property.value);
      auto& rules = property.is("RRULE") ? rules_ : left_out_rules_;
      if (std::holds_alternative<Rule>(rule)) rules.push_back(std::get<Rule>(std::move(rule)));
    } else if (property.is("RDATE") || property.is("EXDATE")) {
      read_dates(property);
    }
  }
  std::stable_sort(dates_.begin(), dates_.end(), [](const Date& a, const Date& b) { return a.key < b.key; });
  const auto same = [](const Date& a, const Date& b) { return a.key == b.key; };
  dates_.erase(std::unique(dates_.begin(), dates_.end(), same), dates_.end());
  std::sort(left_out_.begin(), left_out_.end());
  std::sort(left_days_.begin(), left_days_.end());
  recurring_ =
      !rules_.empty() || dates_.size() > 1 || !left_out_.empty() || !left_days_.empty() || !left_out_rules_.empty();
}

void Instances::read_dates(const Property& property) {
  const bool excluded = property.is("EXDATE");
  if (!excluded && holds_periods(property)) {
    for (const Period& period : periods_of(property).value_or(std::vector<Period>{})) {
      DateTime end = period.start;
      end.local += period.duration.days * day;
      const Seconds end_utc = period.end ? scope_.to_utc(*period.end) : scope_.to_utc(end) + period.duration.seconds;
      dates_.push_back({scope_.to_utc(period.start), period.start, end_utc});
    }
    return;
  }
  for (const DateTime& value : date_times_of(property).value_or(std::vector<DateTime>{})) {
    if (!excluded) {
      dates_.push_back({scope_.to_utc(value), value, std::nullopt});
    } else if (value.is_date() && !master_->start->is_date()) {
      left_days_.push_back(value.local);
    } else {
      left_out_.push_back(scope_.to_utc(value));
    }
  }
}

bool Instances::is_infinite() const {
  return std::any_of(rules_.begin(), rules_.end(), [](const Rule& rule) { return rule.is_infinite(); });
}

/// UNTIL as the clock of DTSTART shows it.
std::optional<Seconds> Instances::until_of(const Rule& rule) const {
  if (!rule.until) return std::nullopt;
  const DateTime& start = *master_->start;
  const DateTime& until = *rule.until;
  if (until.is_date()) return until.local + day - 1;
  if (until.form == Form::utc) return scope_.zone_of(start).to_local(until.local);
  return until.local;
}

bool Instances::is_left_out(Seconds key, const DateTime& start, Budget& budget) const {
  const auto is_made = [&](const Rule& rule) {
    RuleIterator iterator(rule, master_->start->local, start.is_date(), until_of(rule), budget);
    iterator.follow_rule_alone();
    iterator.skip_to(start.local);
    return iterator.next() == start.local;
  };
  return std::binary_search(left_out_.begin(), left_out_.end(), key) ||
         (!left_days_.empty() &&
          std::binary_search(left_days_.begin(), left_days_.end(), floor_div(start.local, day) * day)) ||
         std::any_of(left_out_rules_.begin(), left_out_rules_.end(), is_made);
}

/// The override that holds from its id on and governs the occurrence with this id; nullptr if there is none.
const Instances::Override* Instances::latest_future(Seconds key) const {
  const auto after = std::upper_bound(futures_.begin(), futures_.end(), key,
                                      [&](Seconds at, std::size_t index) { return at < overrides_[index].key; });
  return after == futures_.begin() ? nullptr : &overrides_[*std::prev(after)];
}

bool Instances::for_each(const TimeRange& range, Budget& budget,
                         const std::function<bool(const Instance&)>& take) const {
  for (const Override& each : overrides_) {
    if (!budget.spend()) break;
    if (!give_override(each, range, take)) return false;
  }
  return for_each_by_rules(range, budget, take);
}

bool Instances::for_each_of(const Component& part, const TimeRange& range, Budget& budget,
                            const std::function<bool(const Instance&)>& take) const {
  const Property* property = part.find("RECURRENCE-ID");
  const auto id = property == nullptr ? std::nullopt : date_time_of(*property);
  bool goes_on = !id.has_value();
  if (id) {
    const Seconds key = scope_.to_utc(*id);
    auto each = std::lower_bound(overrides_.begin(), overrides_.end(), key,
                                 [](const Override& other, Seconds wanted) { return other.key < wanted; });
    for (; each != overrides_.end() && each->key == key; ++each) {
      if (each->shape.part != &part) continue;
      goes_on = each->and_future;
      if (!give_override(*each, range, take)) return false;
    }
  }
  if (!goes_on) return true;
  return for_each_by_rules(range, budget,
                           [&](const Instance& instance) { return instance.part != &part || take(instance); });
}

bool Instances::for_each_by_rules(const TimeRange& range, Budget& budget,
                                  const std::function<bool(const Instance&)>& take) const {
  for (const Date& date : dates_) {
    if (!budget.spend()) break;
    if (!give(date, range, budget, take)) return false;
  }
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (!give_rule(i, range, budget, take)) return false;
  }
  return true;
}

bool Instances::give_override(const Override& each, const TimeRange& range,
                              const std::function<bool(const Instance&)>& take) const {
  if (!each.shape.start) return true;
  Instance instance;
  instance.part = each.shape.part;
  instance.start = *each.shape.start;
  instance.start_utc = scope_.to_utc(instance.start);
  instance.end_utc = each.shape.end_of(instance.start, scope_);
  instance.id = each.id;
  instance.is_override = true;
  const auto [first, last] = std::minmax(instance.start_utc, instance.end_utc);
  return first > range.end || last < range.start || take(instance);
}

/// Gives the occurrence with this id unless it is left out or has an override of its own.
bool Instances::give(const Date& date, const TimeRange& range, Budget& budget,
                     const std::function<bool(const Instance&)>& take) const {
  if (is_left_out(date.key, date.start, budget)) return true;
  const auto same = std::lower_bound(overrides_.begin(), overrides_.end(), date.key,
                                     [](const Override& each, Seconds key) { return each.key < key; });
  if (same != overrides_.end() && same->key == date.key) return true;

  Instance instance;
  instance.part = master_->part;
  instance.start = date.start;
  if (recurring_) instance.id = date.start;
  const Shape* shape = &*master_;
  if (const Override* future = latest_future(date.key)) {
    // The change made at the override's id is made at this one: the clock is moved as far, the length is the new one.
    shape = &future->shape;
    instance.part = shape->part;
    instance.start = *shape->start;
    instance.start.local = shape->start->local + (date.start.local - future->id.local);
  }
  instance.start_utc = scope_.to_utc(instance.start);
  instance.end_utc = date.end && shape == &*master_ ? *date.end : shape->end_of(instance.start, scope_);
  const auto [first, last] = std::minmax(instance.start_utc, instance.end_utc);
  return first > range.end || last < range.start || take(instance);
}

bool Instances::give_rule(std::size_t index, const TimeRange& range, Budget& budget,
                          const std::function<bool(const Instance&)>& take) const {
  const Rule& rule = rules_[index];
  const DateTime& start = *master_->start;
  RuleIterator iterator(rule, start.local, start.is_date(), until_of(rule), budget);
  const Zone& zone = scope_.zone_of(start);
  const Seconds first = zone.to_local(range.start) - reach_;
  const Seconds last = zone.to_local(range.end) + reach_;
  iterator.skip_to(first);
  Date date{0, start, std::nullopt};
  std::optional<Seconds> before;
  while (const auto local = iterator.next()) {
    if (*local > last) break;
    date.start.local = *local;
    date.key = scope_.to_utc(date.start);
    // What the clock leaps over is the same instant as what it leaps to.
    if (std::exchange(before, date.key) == date.key) continue;
    const auto known = std::lower_bound(dates_.begin(), dates_.end(), date.key,
                                        [](const Date& each, Seconds key) { return each.key < key; });
    if (known != dates_.end() && known->key == date.key) continue;
    if (index > 0 && is_made_earlier(index, *local, budget)) continue;
    if (!give(date, range, budget, take)) return false;
  }
  return true;
}

/// Whether a rule before this one makes the same start.
bool Instances::is_made_earlier(std::size_t rule, Seconds local, Budget& budget) const {
  for (std::size_t i = 0; i < rule; ++i) {
    RuleIterator iterator(rules_[i], master_->start->local, master_->start->is_date(), until_of(rules_[i]), budget);
    iterator.skip_to(local);
    if (iterator.next() == local) return true;
  }
  return false;
}

}  // namespace dav::calendar
