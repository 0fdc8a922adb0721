#include "dav/calendar/freebusy.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "dav/calendar/time_range.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;

std::string capital_value(const Component& component, std::string_view name) {
  const content::Property* property = component.find(name);
  return property == nullptr ? std::string() : content::upper(property->value);
}

/// The FBTYPE of an event by TRANSP and STATUS; empty for free time. RFC 4791 7.10
std::string_view busy_type(const Component& event) {
  const std::string status = capital_value(event, "STATUS");
  if (capital_value(event, "TRANSP") == "TRANSPARENT" || status == "CANCELLED") return {};
  return status == "TENTATIVE" ? "BUSY-TENTATIVE" : "BUSY";
}

std::vector<FreeBusy::Period> coalesced(std::vector<FreeBusy::Period> periods) {
  using Period = FreeBusy::Period;
  std::sort(periods.begin(), periods.end(), [](const Period& a, const Period& b) {
    return std::tie(a.type, a.start, a.end) < std::tie(b.type, b.start, b.end);
  });
  std::vector<Period> joined;
  for (Period& period : periods) {
    if (!joined.empty() && joined.back().type == period.type && period.start <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, period.end);
    } else {
      joined.push_back(std::move(period));
    }
  }
  return joined;
}

/// What events lie over, they hide: "regular VEVENT and VFREEBUSY components can be overlaid"; RFC 7953 5. `busy` is in
/// order for each type.
std::vector<FreeBusy::Period> without_busy(const std::vector<FreeBusy::Period>& periods,
                                           const std::vector<FreeBusy::Period>& busy) {
  std::vector<FreeBusy::Period> rest;
  for (FreeBusy::Period period : periods) {
    for (const FreeBusy::Period& each : busy) {
      if (each.type != "BUSY" || each.end <= period.start || each.start >= period.end) continue;
      if (each.start > period.start) rest.push_back({period.start, each.start, period.type});
      period.start = each.end;
      if (period.start >= period.end) break;
    }
    if (period.start < period.end) rest.push_back(period);
  }
  return rest;
}

}  // namespace

FreeBusy::FreeBusy(const TimeRange& range, const TimeZones& zones, const Zone& floating_zone)
    : range_(range), zones_(zones), floating_zone_(floating_zone), availability_(range) {}

void FreeBusy::add(const Object& object, const Zone* floating_zone) {
  const ZoneScope scope(zones_, object.calendar(), floating_zone == nullptr ? floating_zone_ : *floating_zone);
  if (object.component() == "VEVENT") add_events(object, scope);
  if (object.component() == "VFREEBUSY") add_periods(object, scope);
  if (object.component() != "VAVAILABILITY") return;
  for (const Component* part : object.parts()) availability_.add(*part, scope);
}

void FreeBusy::add_events(const Object& object, const ZoneScope& scope) {
  Budget budget;
  const Component* typed = nullptr;
  std::string_view type;
  Instances(object, scope).for_each(range_, budget, [&](const Instance& instance) {
    if (std::exchange(typed, instance.part) != instance.part) type = busy_type(*instance.part);
    if (!type.empty() && overlaps(instance, range_)) add(instance.start_utc, instance.end_utc, type);
    return true;
  });
}

void FreeBusy::add_periods(const Object& object, const ZoneScope& scope) {
  for (const Component* part : object.parts()) {
    for (const content::Property& property : part->properties) {
      if (!property.is("FREEBUSY")) continue;
      const std::string given = content::upper(property.parameter("FBTYPE"));
      if (given == "FREE") continue;
      for (const auto& period : periods_of(property).value_or(std::vector<calendar::Period>{})) {
        const Seconds start = scope.to_utc(period.start);
        const Seconds length = period.duration.days * day + period.duration.seconds;
        add(start, period.end ? scope.to_utc(*period.end) : start + length, given.empty() ? "BUSY" : given);
      }
    }
  }
}

void FreeBusy::add(Seconds start, Seconds end, std::string_view type) {
  start = std::max(start, range_.start);
  end = std::min(end, range_.end);
  if (start >= end) return;
  // Neighbours that one rule makes are joined as they come.
  if (!periods_.empty() && periods_.back().type == type && start <= periods_.back().end &&
      start >= periods_.back().start) {
    periods_.back().end = std::max(periods_.back().end, end);
    return;
  }
  periods_.push_back({start, end, std::string(type)});
}

std::vector<FreeBusy::Period> FreeBusy::periods() const {
  auto joined = coalesced(periods_);
  auto unavailable = without_busy(availability_.busy(), joined);
  joined.insert(joined.end(), unavailable.begin(), unavailable.end());
  joined = coalesced(std::move(joined));
  std::stable_sort(joined.begin(), joined.end(), [](const Period& a, const Period& b) { return a.start < b.start; });
  return joined;
}

std::string FreeBusy::text(std::string_view product_id, Seconds now, std::string_view uid) const {
  std::string out = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n";
  content::append_folded(out, "PRODID:" + std::string(product_id));
  out += "BEGIN:VFREEBUSY\r\n";
  if (!uid.empty()) content::append_folded(out, "UID:" + content::escape_text(uid));
  out += "DTSTAMP:" + print_utc(now) + "\r\n";
  out += "DTSTART:" + print_utc(range_.start) + "\r\n";
  out += "DTEND:" + print_utc(range_.end) + "\r\n";
  for (const Period& period : periods()) {
    const std::string type = period.type == "BUSY" ? "" : ";FBTYPE=" + content::encode_parameter(period.type);
    content::append_folded(
        out, "FREEBUSY" + type + ":" + print_utc(period.start) + "/" + print(Duration{0, period.end - period.start}));
  }
  return out + "END:VFREEBUSY\r\nEND:VCALENDAR\r\n";
}

}  // namespace dav::calendar
