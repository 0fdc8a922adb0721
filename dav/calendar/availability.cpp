#include "dav/calendar/availability.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/calendar/time_range.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;
using content::Property;

constexpr std::string_view free_type = "FREE";

/// "a value of 0 is undefined, 1 is the highest priority, and 9 is the lowest"; RFC 7953 4
int rank_of(const Component& availability) {
  const Property* property = availability.find("PRIORITY");
  const int priority = property == nullptr ? 0 : parse_integer(property->value).value_or(0);
  return priority < 1 || priority > 9 ? 0 : 10 - priority;
}

// RFC 7953 3.2
std::string type_of(const Component& availability) {
  const Property* property = availability.find("BUSYTYPE");
  return property == nullptr || property->value.empty() ? "BUSY-UNAVAILABLE" : content::upper(property->value);
}

/// "BUSY > BUSY-UNAVAILABLE > BUSY-TENTATIVE"; RFC 7953 4. Unknown types are weaker.
std::size_t strength(std::string_view type) {
  constexpr std::array<std::string_view, 3> types = {"BUSY", "BUSY-UNAVAILABLE", "BUSY-TENTATIVE"};
  return static_cast<std::size_t>(types.end() - std::find(types.begin(), types.end(), type)) + (type.empty() ? 0 : 1);
}

/// Changes what holds from `start` to `end`, stretch by stretch.
template <typename Change>
void paint(std::map<Seconds, std::string>& line, Seconds start, Seconds end, Change change) {
  const auto cut = [&](Seconds at) {
    const auto after = line.upper_bound(at);
    return after == line.begin() ? line.emplace(at, "").first : line.try_emplace(at, std::prev(after)->second).first;
  };
  const auto last = cut(end);
  for (auto each = cut(start); each != last; ++each) change(each->second);
}

}  // namespace

void Availability::add(const Component& availability, const ZoneScope& scope) {
  const TimeRange own = availability_range(availability, scope);
  Block block{rank_of(availability),
              std::max(own.start, range_.start),
              std::min(own.end, range_.end),
              type_of(availability),
              {}};
  if (block.start >= block.end) return;
  add_free(block, availability, scope);
  blocks_.push_back(std::move(block));
}

/// "Expand all recurring instances, taking into account overridden instances, ignoring instances or parts of instances
/// that fall outside of the free-busy request time range or the time period specified by the VAVAILABILITY component."
void Availability::add_free(Block& block, const Component& availability, const ZoneScope& scope) const {
  std::map<std::string_view, std::pair<const Component*, std::vector<const Component*>>> by_uid;
  for (const Component& part : availability.components) {
    const Property* uid = part.is("AVAILABLE") ? part.find("UID") : nullptr;
    if (uid == nullptr) continue;
    auto& [master, parts] = by_uid[uid->value];
    if (part.find("RECURRENCE-ID") == nullptr) master = &part;
    parts.push_back(&part);
  }
  Budget budget;
  const TimeRange within{block.start, block.end};
  for (const auto& [uid, group] : by_uid) {
    Instances(group.first, group.second, scope).for_each(within, budget, [&](const Instance& instance) {
      const Seconds start = std::max(instance.start_utc, block.start);
      const Seconds end = std::min(instance.end_utc, block.end);
      if (start < end) block.free.emplace_back(start, end);
      return true;
    });
  }
}

/// What the VAVAILABILITYs of one priority say together.
Availability::Line Availability::line_of(int rank) const {
  Line line;
  for (const Block& block : blocks_) {
    if (block.rank != rank) continue;
    paint(line, block.start, block.end, [&](std::string& type) {
      if (strength(block.type) > strength(type)) type = block.type;
    });
  }
  for (const Block& block : blocks_) {
    if (block.rank != rank) continue;
    for (const auto& [start, end] : block.free) paint(line, start, end, [](std::string& type) { type = free_type; });
  }
  return line;
}

// RFC 7953 4: "Step through the resulting list … For each, the time range covered by the "VAVAILABILITY" component is
// set to busy and then portions of it defined by the "AVAILABLE" components … are set to free."
std::vector<Availability::Period> Availability::busy() const {
  Line whole;
  for (int rank = 0; rank <= 9; ++rank) {
    const Line line = line_of(rank);
    for (auto each = line.begin(); each != line.end(); ++each) {
      if (each->second.empty()) continue;
      paint(whole, each->first, std::next(each)->first, [&](std::string& type) { type = each->second; });
    }
  }
  std::vector<Period> periods;
  for (auto each = whole.begin(); each != whole.end(); ++each) {
    if (each->second.empty() || each->second == free_type) continue;
    const Seconds end = std::next(each)->first;
    if (!periods.empty() && periods.back().end == each->first && periods.back().type == each->second) {
      periods.back().end = end;
    } else {
      periods.push_back({each->first, end, each->second});
    }
  }
  return periods;
}

}  // namespace dav::calendar
