#include "dav/calendar/zone_scope.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "dav/calendar/property_value.h"
#include "dav/calendar/recurrence.h"
#include "dav/calendar/rule.h"

namespace dav::calendar {

namespace {

constexpr int last_expanded_year = 2200;

/// A STANDARD or DAYLIGHT part.
struct Observance {
  Seconds start = 0;  ///< wall clock, in the offset before
  int offset_before = 0;
  int offset = 0;
  std::optional<Rule> rule;
  std::vector<Seconds> dates;  ///< RDATE

  Seconds first_onset() const { return start - offset_before; }
  bool is_infinite() const { return rule && rule->is_infinite(); }
};

std::optional<Observance> read_observance(const content::Component& part) {
  const auto start = date_time_in(part, "DTSTART");
  const content::Property* from = part.find("TZOFFSETFROM");
  const content::Property* to = part.find("TZOFFSETTO");
  if (!start || from == nullptr || to == nullptr) return std::nullopt;
  const auto offset_before = parse_utc_offset(from->value);
  const auto offset = parse_utc_offset(to->value);
  if (!offset_before || !offset) return std::nullopt;
  Observance observance{start->local, *offset_before, *offset, std::nullopt, {}};
  for (const content::Property& property : part.properties) {
    if (property.is("RRULE")) {
      auto rule = parse_rule(property.value);
      if (std::holds_alternative<Rule>(rule)) observance.rule = std::get<Rule>(std::move(rule));
    } else if (property.is("RDATE")) {
      const auto dates = date_times_of(property);
      if (!dates) continue;
      for (const DateTime& date : *dates) observance.dates.push_back(date.local);
    }
  }
  return observance;
}

/// The day of a rule like FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU; nothing if it has another shape.
std::optional<YearlyDay> yearly_day(const Observance& observance) {
  if (!observance.is_infinite()) return std::nullopt;
  const Rule& rule = *observance.rule;
  const bool other_parts = !rule.by_second.empty() || !rule.by_minute.empty() || !rule.by_hour.empty() ||
                           !rule.by_month_day.empty() || !rule.by_year_day.empty() || !rule.by_week_number.empty() ||
                           !rule.by_set_position.empty();
  if (rule.frequency != Frequency::yearly || rule.interval != 1 || other_parts || rule.by_month.size() != 1 ||
      rule.by_day.size() != 1 || rule.by_day[0].ordinal == 0 || std::abs(rule.by_day[0].ordinal) > 4) {
    return std::nullopt;
  }
  YearlyDay result;
  result.month = rule.by_month[0];
  result.week = rule.by_day[0].ordinal;
  result.weekday = rule.by_day[0].weekday;
  result.time = observance.start - floor_div(observance.start, day) * day;
  return result;
}

/// The part that holds for ever: the two yearly rules, if they are of the plain shape.
std::optional<Zone::Tail> tail_of(const std::vector<Observance>& observances) {
  Zone::Tail tail;
  std::size_t found = 0;
  for (const Observance& observance : observances) {
    if (!observance.is_infinite()) continue;
    const auto changing = yearly_day(observance);
    if (!changing || found == 2) return std::nullopt;
    tail.changes.at(found++) = {*changing, observance.offset_before, observance.offset};
    tail.from = found == 1 ? observance.first_onset() : std::max(tail.from, observance.first_onset());
  }
  return found == 2 ? std::optional(tail) : std::nullopt;
}

void add_onsets(const Observance& observance, Seconds before, Budget& budget, std::vector<Zone::Transition>& onsets) {
  const auto add = [&](Seconds local) { onsets.push_back({local - observance.offset_before, observance.offset}); };
  add(observance.start);
  for (const Seconds date : observance.dates) add(date);
  if (!observance.rule) return;
  auto until = observance.rule->until;
  if (until && until->form == Form::utc) until->local += observance.offset_before;
  const auto last = until ? std::optional(until->local) : std::nullopt;
  RuleIterator iterator(*observance.rule, observance.start, false, last, budget);
  while (const auto local = iterator.next()) {
    if (*local - observance.offset_before >= before) break;
    add(*local);
  }
}

}  // namespace

std::optional<Zone> read_vtimezone(const content::Component& vtimezone) {
  std::vector<Observance> observances;
  for (const content::Component& part : vtimezone.components) {
    if (!part.is("STANDARD") && !part.is("DAYLIGHT")) continue;
    if (auto observance = read_observance(part)) observances.push_back(std::move(*observance));
  }
  if (observances.empty()) return std::nullopt;
  const auto tail = tail_of(observances);
  const Seconds end = tail ? tail->from : from_civil({.year = last_expanded_year});
  Budget budget(20'000);
  std::vector<Zone::Transition> onsets;
  for (const Observance& observance : observances) {
    add_onsets(observance, observance.is_infinite() ? end : from_civil({.year = last_year}), budget, onsets);
  }
  const auto earlier = [](const Zone::Transition& a, const Zone::Transition& b) { return a.at < b.at; };
  std::stable_sort(onsets.begin(), onsets.end(), earlier);
  const auto first = std::min_element(observances.begin(), observances.end(),
                                      [](const auto& a, const auto& b) { return a.first_onset() < b.first_onset(); });
  const content::Property* name = vtimezone.find("TZID");
  return Zone(name == nullptr ? "" : std::string(name->value), first->offset_before, std::move(onsets), tail);
}

const Zone& ZoneScope::zone_of(const DateTime& value) const {
  if (value.form == Form::utc) return TimeZones::utc();
  const Zone& zone = value.form == Form::zoned ? named(value.tzid) : floating_;
  has_floated_ = has_floated_ || &zone == &floating_;
  return zone;
}

Seconds ZoneScope::to_utc(const DateTime& value) const { return zone_of(value).to_utc(value.local); }

const Zone& ZoneScope::named(const std::string& tzid) const {
  if (last_ == nullptr || tzid != last_tzid_) {
    last_ = &find(tzid);
    last_tzid_ = tzid;
  }
  return *last_;
}

const Zone& ZoneScope::find(const std::string& tzid) const {
  auto own = own_.find(tzid);
  if (own == own_.end()) {
    if (const Zone* zone = zones_.find(tzid)) return *zone;
    std::optional<Zone> zone;
    for (const content::Component& component : calendar_.components) {
      const content::Property* name = component.is("VTIMEZONE") ? component.find("TZID") : nullptr;
      if (name != nullptr && name->value == tzid) zone = read_vtimezone(component);
      if (zone) break;
    }
    own = own_.emplace(tzid, std::move(zone)).first;
  }
  return own->second ? *own->second : floating_;
}

}  // namespace dav::calendar
