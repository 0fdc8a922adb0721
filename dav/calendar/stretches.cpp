#include <algorithm>
#include <cstdlib>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

#include "dav/calendar/span.h"
#include "dav/calendar/time_range.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;
using content::Property;

/// So many at most for what is told one by one; more are joined over the shortest gaps.
constexpr std::size_t most_single = 6;
/// So many days of the year at most that a yearly rule is found by.
constexpr std::size_t most_runs = 4;
/// What is counted longer than this counts as going on for ever.
constexpr std::size_t most_counted = 2000;
/// The clocks of the world are not further from UTC than this.
constexpr Seconds widest_offset = 16 * hour;
/// What the length of an occurrence may change by where clocks are moved.
constexpr Seconds slack = 3 * hour;

constexpr Stretch always{-Stretch::ever, Stretch::ever, 0, false};

Stretch between(Seconds one, Seconds other) { return {std::min(one, other), std::max(one, other), 0, false}; }

/// Joins those that touch, and then the nearest, until few are left.
void join(std::vector<Stretch>& stretches) {
  std::sort(stretches.begin(), stretches.end(), [](const Stretch& a, const Stretch& b) { return a.first < b.first; });
  std::vector<Seconds> gaps;
  Seconds end = stretches.empty() ? 0 : stretches.front().last;
  for (const Stretch& each : stretches) {
    if (each.first > end) gaps.push_back(each.first - end);
    end = std::max(end, each.last);
  }
  Seconds least = 1;
  if (gaps.size() >= most_single) {
    const auto nth = gaps.begin() + static_cast<std::ptrdiff_t>(most_single - 2);
    std::nth_element(gaps.begin(), nth, gaps.end(), std::greater<>());
    least = *nth + 1;  // of equal gaps none is kept
  }
  std::vector<Stretch> joined;
  for (const Stretch& each : stretches) {
    // No sum of it: the last end may be that of all time.
    const bool near = !joined.empty() && (each.first <= joined.back().last || each.first - joined.back().last < least);
    if (near) {
      joined.back().last = std::max(joined.back().last, each.last);
    } else {
      joined.push_back(each);
    }
  }
  stretches = std::move(joined);
}

/// A stretch told one by one, and the day on which it starts by its own clock.
struct Single {
  Stretch stretch;
  std::int64_t days = 0;
};

/// Collects the stretches of one object.
class Collector {
 public:
  Collector(const Object& object, const TimeZones& zones)
      : object_(object), zones_(zones), scope_(zones, object.calendar()) {}

  std::vector<Stretch> collect() {
    const std::string& component = object_.component();
    if (component == "VFREEBUSY") {
      for (const Component* part : object_.parts()) add_periods(*part);
    } else if (component == "VEVENT" || component == "VTODO" || component == "VJOURNAL") {
      if (object_.master() != nullptr) read_master(*object_.master());
      for (const Component* part : object_.parts()) {
        if (part != object_.master()) add_override(*part);
      }
      add_rules();
    } else {
      return {always};
    }
    std::vector<Stretch> all;
    for (const Single& each : single_) all.push_back(each.stretch);
    join(all);
    all.insert(all.end(), ruled_.begin(), ruled_.end());
    if (all.empty()) all.push_back(always);
    add_alarms(all);
    if (scope_.has_floated()) widen(all);
    return all;
  }

 private:
  // RFC 4791 9.9: with DTSTART and DTEND these count, without them the periods; for free time it is always the periods.
  void add_periods(const Component& part) {
    const auto start = date_time_in(part, "DTSTART");
    const auto end = date_time_in(part, "DTEND");
    if (start && end) add(*start, scope_.to_utc(*end));
    for (const Property& property : part.properties) {
      if (!property.is("FREEBUSY")) continue;
      for (const Period& period : periods_of(property).value_or(std::vector<Period>{})) add_period(period);
    }
  }

  void add(const DateTime& start, Seconds end) {
    single_.push_back({between(scope_.to_utc(start), end), floor_div(start.local, day)});
  }

  /// The days of a duration are read as days of the clock, or as 24 hours each.
  void add_period(const Period& period) {
    if (period.end) return add(period.start, scope_.to_utc(*period.end));
    add(period.start, scope_.to_utc(period.start) + period.duration.days * day + period.duration.seconds);
    DateTime nominal = period.start;
    nominal.local += period.duration.days * day;
    add(period.start, scope_.to_utc(nominal) + period.duration.seconds);
  }

  /// Of a task without DTSTART and DUE: when it was made and completed. RFC 4791 9.9
  void add_undated(const Component& part) {
    if (!part.is("VTODO")) return;
    const auto created = date_time_in(part, "CREATED");
    const auto completed = date_time_in(part, "COMPLETED");
    if (!created && !completed) return single_.push_back({always, 0});
    add(created ? *created : *completed, completed ? scope_.to_utc(*completed) : Stretch::ever);
  }

  void read_master(const Component& master) {
    master_.emplace(master, scope_);
    if (!master_->start) return add_undated(master);
    add(*master_->start, master_->end_of(*master_->start, scope_));
    start_ = single_.front().stretch;
    for (const Property& property : master.properties) {
      if (property.is("RDATE")) add_dates(property);
      if (!property.is("RRULE")) continue;
      auto rule = parse_rule(property.value);
      if (std::holds_alternative<Rule>(rule)) rules_.push_back(std::get<Rule>(std::move(rule)));
    }
  }

  void add_dates(const Property& property) {
    if (holds_periods(property)) {
      for (const Period& period : periods_of(property).value_or(std::vector<Period>{})) {
        add_period(period);
        // Where an override for all the future governs it, its length is another one.
        add(period.start, master_->end_of(period.start, scope_));
      }
      return;
    }
    for (const DateTime& value : date_times_of(property).value_or(std::vector<DateTime>{})) {
      add(value, master_->end_of(value, scope_));
    }
  }

  void add_override(const Component& part) {
    const Shape shape(part, scope_);
    if (!shape.start) return add_undated(part);
    add(*shape.start, shape.end_of(*shape.start, scope_));
    const Property* property = part.find("RECURRENCE-ID");
    const auto id = property == nullptr ? std::nullopt : date_time_of(*property);
    if (!id || !content::equal_ignoring_case(property->parameter("RANGE"), "THISANDFUTURE")) return;
    // Everything later may be moved as far, by another clock, and last as long.
    const Seconds length = std::abs(shape.length.days * day) + std::abs(shape.length.seconds);
    moved_ = std::max(moved_, std::abs(shape.start->local - id->local) + length + 3 * day);
  }

  void add_rules() {
    if (!master_ || !master_->start) return;
    if (moved_ > 0) {
      for (Single& each : single_) {
        each.stretch.first = later(each.stretch.first, -moved_);
        each.stretch.last = later(each.stretch.last, moved_);
      }
    }
    for (const Rule& rule : rules_) add_rule(rule);
  }

  static Seconds later(Seconds instant, Seconds by) {
    return std::abs(instant) == Stretch::ever ? instant : instant + by;
  }

  void add_rule(const Rule& rule) {
    const DateTime& start = *master_->start;
    const Duration& length = master_->length;
    // Of two readings of a clock that is moved, the later one may be the earlier instant.
    const Seconds doubt = clock_is_known() ? slack : 2 * day;
    Stretch stretch = start_;
    stretch.last = Stretch::ever;
    if (const auto last = last_of(rule)) {
      DateTime value = start;
      value.local = std::max(*last, start.local);
      const Seconds utc = scope_.to_utc(value);
      stretch.last = std::max({start_.last, utc, master_->end_of(value, scope_)}) + doubt + moved_;
    }
    stretch.first -= doubt + moved_;
    const bool backwards = length.days < 0 || length.seconds < 0;
    const bool plain = rules_.size() == 1 && moved_ == 0 && !backwards && clock_is_known() && ends_on_same_clock();
    if (plain) {
      // A day more for the days that clocks have left out.
      const bool nominal = length.days != 0 || (length.seconds != 0 && scope_.has_floated());
      const std::int64_t days = (length.seconds + day - 1) / day + length.days + (nominal ? 1 : 0);
      stretch.pattern = pattern_of(rule, start.local, days);
    }
    leave_out_covered(stretch);
    if (rule.frequency == Frequency::yearly) {
      for (const int first : yearly_runs(stretch.pattern, most_runs)) {
        ruled_.push_back({first, stretch.last, stretch.pattern, true});
      }
    }
    if (ruled_.empty() || !ruled_.back().yearly) ruled_.push_back(stretch);
  }

  /// Whether a day of the master's clock is within a day of the one of UTC.
  bool clock_is_known() const {
    return master_->start->form != Form::zoned || zones_.find(master_->start->tzid) != nullptr;
  }

  /// Whether the length is the same whichever zone floating times are read in.
  bool ends_on_same_clock() const {
    const auto due = date_time_in(*master_->part, "DUE");
    const auto end = due ? due : date_time_in(*master_->part, "DTEND");
    return !end || (end->form == master_->start->form && end->tzid == master_->start->tzid) || !scope_.has_floated();
  }

  /// DTSTART, RDATEs and overrides that are where the rule might have them need no stretch of their own.
  void leave_out_covered(const Stretch& rule) {
    std::erase_if(single_, [&](const Single& each) {
      const auto& [stretch, days] = each;
      if (stretch.first < rule.first || stretch.last > rule.last || stretch.last == Stretch::ever) return false;
      if (rule.pattern == 0) return true;
      return stretch.last - stretch.first <= longest_days(rule.pattern) * day && holds(rule.pattern, days);
    });
  }

  /// A bound for the clock reading of the last start that a rule makes; nothing if there is none.
  std::optional<Seconds> last_of(const Rule& rule) const {
    const DateTime& start = *master_->start;
    if (rule.until) {
      const DateTime& until = *rule.until;
      if (until.is_date()) return until.local + day - 1;
      return until.form == Form::utc ? scope_.zone_of(start).to_local(until.local) : until.local;
    }
    if (!rule.count) return std::nullopt;
    Budget budget(most_counted);
    RuleIterator iterator(rule, start.local, start.is_date(), std::nullopt, budget);
    Seconds last = start.local;
    while (const auto next = iterator.next()) last = *next;
    return budget.is_spent() ? std::nullopt : std::optional(last);
  }

  /// Those with relative triggers are where the object is, and as far from it as their triggers say.
  void add_alarms(std::vector<Stretch>& all) const {
    std::vector<Stretch> absolute;
    std::optional<Seconds> reach;
    for (const Component* part : object_.parts()) {
      for (const Component& alarm : part->components) {
        const auto place = alarm.is("VALARM") ? place_of_alarm(alarm, scope_) : std::nullopt;
        if (place && place->is_relative) {
          reach = std::max(reach.value_or(0), place->reach);
        } else if (place) {
          absolute.push_back(between(place->first, place->first + place->reach));
        }
      }
    }
    join(absolute);
    const std::size_t own = all.size();
    if (reach) {
      const auto layer = std::ranges::find_if(alarm_reaches, [&](Seconds each) { return *reach <= each; });
      const auto number = static_cast<int>(layer - alarm_reaches.begin()) + 1;
      if (layer == alarm_reaches.end()) absolute = {always};
      for (std::size_t i = 0; i < own && layer != alarm_reaches.end(); ++i) {
        all.push_back(all[i]);
        all.back().alarms = number;
      }
    }
    for (Stretch& each : absolute) {
      each.alarms = 1;
      all.push_back(each);
    }
  }

  static void widen(std::vector<Stretch>& stretches) {
    for (Stretch& each : stretches) {
      if (!each.yearly) each.first = later(each.first, -widest_offset);
      each.last = later(each.last, widest_offset);
    }
  }

  const Object& object_;
  const TimeZones& zones_;
  ZoneScope scope_;
  std::optional<Shape> master_;
  Stretch start_;  ///< the first occurrence
  std::vector<Rule> rules_;
  std::vector<Single> single_;
  std::vector<Stretch> ruled_;
  Seconds moved_ = 0;  ///< how far an override with RANGE=THISANDFUTURE moves at most
};

/// No two of one kind begin at once.
void make_unique_starts(std::vector<Stretch>& stretches) {
  const auto key = [](const Stretch& each) { return std::tuple(each.alarms, each.yearly, each.first); };
  std::sort(stretches.begin(), stretches.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  std::vector<Stretch> merged;
  for (const Stretch& each : stretches) {
    if (merged.empty() || key(merged.back()) != key(each)) {
      merged.push_back(each);
      continue;
    }
    merged.back().last = std::max(merged.back().last, each.last);
    if (merged.back().pattern != each.pattern) merged.back().pattern = 0;
  }
  stretches = std::move(merged);
}

}  // namespace

std::vector<Stretch> stretches_of(const Object& object, const TimeZones& zones) {
  auto stretches = Collector(object, zones).collect();
  make_unique_starts(stretches);
  return stretches;
}

}  // namespace dav::calendar
