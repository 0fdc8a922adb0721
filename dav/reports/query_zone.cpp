#include "dav/reports/query_zone.h"

#include "dav/calendar/timezone.h"
#include "dav/calendar/zone_scope.h"
#include "dav/content/content_line.h"
#include "dav/error.h"

namespace dav {

namespace {

constexpr std::string_view CALDAV = condition::CALDAV;

/// The zone of a VCALENDAR with one VTIMEZONE: the system's of that name, or the one described there.
std::optional<calendar::Zone> zone_in(const std::string& text, const calendar::TimeZones& zones) {
  try {
    const auto document = content::Document::parse(text, content::Dialect::icalendar);
    for (const auto& component : document.components().front().components) {
      if (!component.is("VTIMEZONE")) continue;
      const auto* tzid = component.find("TZID");
      if (const auto* known = tzid ? zones.find(tzid->value) : nullptr) return *known;
      return calendar::read_vtimezone(component);
    }
  } catch (const content::Malformed&) {
  }
  return std::nullopt;
}

}  // namespace

QueryZone QueryZone::read(const xml::Element& report, const Environment& environment) {
  QueryZone zone;
  if (const auto* id = report.child(CALDAV, "timezone-id")) {
    const auto* known = environment.zones.find(id->text());
    if (!known) throw Error{condition::valid_timezone, "the time zone is not known here"};
    zone.named_ = std::make_shared<const calendar::Zone>(*known);
  } else if (const auto* timezone = report.child(CALDAV, "timezone")) {
    auto described = zone_in(timezone->text(), environment.zones);
    if (!described) throw Error{condition::calendar_valid_calendar_data, "CALDAV:timezone holds one VTIMEZONE"};
    zone.named_ = std::make_shared<const calendar::Zone>(std::move(*described));
  }
  return zone;
}

const calendar::Zone& QueryZone::of(const Context& context, const storage::Collection& calendar) const {
  if (named_) return *named_;
  const auto& zones = context.environment.zones;
  for (const auto& property : context.transaction.properties(calendar.id, 0)) {
    if (property.ns != CALDAV) continue;
    const bool id = property.name == "calendar-timezone-id";
    if (!id && property.name != "calendar-timezone") continue;
    const auto text = xml::Document::parse(property.xml).root().text();
    if (id) {
      if (const auto* known = zones.find(text)) return *known;
    } else if (auto described = zone_in(text, zones)) {
      described_ = std::make_shared<const calendar::Zone>(std::move(*described));
      return *described_;
    }
  }
  if (context.target.account) {
    if (const auto* known = zones.find(context.target.account->time_zone)) return *known;
  }
  return calendar::TimeZones::utc();
}

}  // namespace dav
