#include "dav/reports/candidates.h"

#include <algorithm>

#include "dav/calendar/span.h"

namespace dav {

namespace {

using calendar::TimeRange;

// Another release of the time zones moves nothing further, nor does an invented zone lie further from UTC.
constexpr calendar::Seconds uncertainty = 2 * calendar::day;

TimeRange widened(const TimeRange& range, calendar::Seconds by) { return {range.start - by, range.end + by}; }

/// While the index holds by other time zones than these, it is asked for more.
calendar::Seconds age_of_index(const Context& context) {
  return context.transaction.index_release() == context.environment.zones.release() ? 0 : uncertainty;
}

}  // namespace

Candidates::Window::Window(const TimeRange& range, int layer)
    : days(range), times{range.start, range.end, days.first_day_of_year(), days.last_day_of_year(), layer} {}

Candidates::Candidates(const Context& context, const calendar::RangeNeeded& needed) : context_(context) {
  int layer = 0;
  if (!needed.of_alarms) {
    add(needed.range, layer);
    return;
  }
  for (const auto reach : calendar::alarm_reaches) add(widened(needed.range, reach), ++layer);
}

void Candidates::add(const TimeRange& range, int layer) {
  const auto doubt = age_of_index(context_);
  windows_.emplace_back(widened(range, doubt), layer);
  wider_.emplace_back(widened(range, doubt + uncertainty), layer);
}

std::vector<storage::Id> Candidates::in(const storage::Collection& calendar, const calendar::Zone& floating) const {
  std::vector<storage::Id> members;
  for (const Window& window : context_.environment.zones.knows(floating) ? windows_ : wider_) {
    context_.transaction.times_touching(calendar.id, window.times,
                                        [&](storage::Id member, const storage::TimeFact& fact) {
                                          if (window.days.may_touch(fact.pattern)) members.push_back(member);
                                        });
  }
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return members;
}

}  // namespace dav
