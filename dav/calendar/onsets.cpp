#include "dav/calendar/onsets.h"

#include <algorithm>
#include <iterator>

namespace dav::calendar {

namespace {

/// Instants before this mean the beginning of time: of no zone a local time is known so early.
constexpr Seconds dawn = -10'000'000'000;  // 1653

/// A change from one local time to the next. Where it is winter that differs from the standard (Ireland, Morocco), what
/// comes before summer is called standard all the same, since that is what clients think of the two words.
Onset onset_between(const Tzif::LocalTime& before, const Tzif::LocalTime& after, Seconds at) {
  bool is_daylight = after.is_daylight;
  if (after.is_daylight && !before.is_daylight && after.offset < before.offset) is_daylight = false;
  if (!after.is_daylight && before.is_daylight && after.offset > before.offset) is_daylight = true;
  return {at, before.offset, after.offset, is_daylight, after.name};
}

std::vector<YearlyOnset> yearly_in(const Tzif& file) {
  if (!file.footer || !file.footer->daylight) return {};
  const auto& [standard, daylight, to_daylight, to_standard] = *file.footer;
  return {{onset_between(standard, *daylight, 0), to_daylight}, {onset_between(*daylight, standard, 0), to_standard}};
}

Seconds in_year(const YearlyOnset& yearly, std::int64_t year) {
  return yearly.day.in_year(year) - yearly.first.offset_before;
}

/// The first of a yearly one after that instant.
Onset next_after(const YearlyOnset& yearly, Seconds instant) {
  Onset next = yearly.first;
  for (std::int64_t year = to_civil(instant).year - 1;; ++year) {
    next.at = in_year(yearly, year);
    if (next.at > instant) return next;
  }
}

bool is_one_of(const std::vector<YearlyOnset>& yearly, const Onset& onset) {
  const std::int64_t year = to_civil(onset.local()).year;
  return std::any_of(yearly.begin(), yearly.end(), [&](const YearlyOnset& each) {
    if (!each.first.is_like(onset)) return false;
    return in_year(each, year) == onset.at || in_year(each, year - 1) == onset.at ||
           in_year(each, year + 1) == onset.at;
  });
}

/// Leaves to the yearly rules what they say of the last single ones, as far back as they hold without a gap; what comes
/// after `last` is theirs anyway.
void leave_to_rules(std::vector<Onset>& single, std::vector<YearlyOnset>& yearly, Seconds last) {
  if (yearly.empty()) return;
  std::optional<Onset> earliest;
  while (!single.empty() && is_one_of(yearly, single.back())) {
    const Seconds at = single.back().at;
    const Seconds next = std::min(next_after(yearly[0], at).at, next_after(yearly[1], at).at);
    if (earliest && next != earliest->at) break;
    earliest = single.back();
    single.pop_back();
  }
  for (YearlyOnset& each : yearly) {
    each.first =
        earliest && each.first.is_like(*earliest) ? *earliest : next_after(each, earliest ? earliest->at : last);
  }
}

/// Cuts what lies before: what holds at the start becomes the initial one. RFC 7808 3.9
void begin_at(Onsets& onsets, Seconds start) {
  auto& single = onsets.single;
  const auto first = std::find_if(single.begin(), single.end(), [&](const Onset& onset) { return onset.at > start; });
  if (first != single.begin()) onsets.initial = *std::prev(first);
  single.erase(single.begin(), first);
  for (YearlyOnset& yearly : onsets.yearly) {
    if (yearly.first.at > start) continue;
    for (std::int64_t year = to_civil(start).year + 1; year >= to_civil(start).year - 1; --year) {
      const Seconds at = in_year(yearly, year);
      if (at > start || at < yearly.first.at || at < onsets.initial.at) continue;
      onsets.initial = yearly.first;
      onsets.initial.at = at;
      break;
    }
    yearly.first = next_after(yearly, start);
  }
  // "the correct offset in effect right before and after the start point"
  if (onsets.initial.at != start) onsets.initial.offset_before = onsets.initial.offset;
  onsets.initial.at = start;
}

}  // namespace

Onsets onsets_of(const Tzif& file, std::optional<Seconds> start) {
  Onsets result;
  const Tzif::LocalTime* before = &file.types.front();
  if (file.transitions.empty() && file.footer && !file.footer->daylight) before = &file.footer->standard;
  std::vector<Onset> all;
  result.initial = onset_between(*before, *before, dawn);
  for (const auto& [at, type] : file.transitions) {
    const Tzif::LocalTime& after = file.types[type];
    if (at < dawn) {
      result.initial = onset_between(after, after, dawn);
    } else if (after != *before) {
      all.push_back(onset_between(*before, after, at));
    }
    before = &after;
  }
  result.yearly = yearly_in(file);
  leave_to_rules(all, result.yearly, file.transitions.empty() ? dawn : file.transitions.back().at);
  result.single = std::move(all);
  if (start) begin_at(result, *start);
  return result;
}

Onsets onsets_between(const Tzif& file, Seconds start, Seconds end) {
  Onsets result = onsets_of(file, start);
  const auto late =
      std::find_if(result.single.begin(), result.single.end(), [&](const Onset& onset) { return onset.at >= end; });
  const bool cut = late != result.single.end();
  result.single.erase(late, result.single.end());
  if (!cut) {
    for (const YearlyOnset& yearly : result.yearly) {
      for (Onset onset = yearly.first; onset.at < end; onset = next_after(yearly, onset.at)) {
        result.single.push_back(onset);
      }
    }
  }
  std::sort(result.single.begin(), result.single.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  result.yearly.clear();
  return result;
}

}  // namespace dav::calendar
