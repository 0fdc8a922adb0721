#include "dav/calendar/zone_reference.h"

#include <set>

#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;
using content::Property;

std::string tzid_of(const Component& component) {
  const Property* tzid = component.is("VTIMEZONE") ? component.find("TZID") : nullptr;
  return tzid == nullptr ? std::string() : content::unescape_text(tzid->value);
}

void collect(const Component& component, std::set<std::string>& names) {
  for (const Property& property : component.properties) {
    if (const auto* tzid = property.find("TZID")) names.insert(tzid->value());
  }
  for (const Component& inner : component.components) collect(inner, names);
}

}  // namespace

std::string without_standard_zones(const Component& calendar,
                                   const std::function<bool(std::string_view)>& is_standard) {
  std::string out;
  content::append_raw(out, calendar.begin);
  calendar.for_each_child([&](const Property& property) { content::append_raw(out, property.raw); },
                          [&](const Component& component) {
                            const std::string tzid = tzid_of(component);
                            if (tzid.empty() || !is_standard(tzid)) content::append_raw(out, component.raw);
                          });
  content::append_raw(out, calendar.end);
  return out;
}

std::string with_zones(const Component& calendar, const std::function<std::string(std::string_view)>& vtimezone_of) {
  std::set<std::string> missing;
  collect(calendar, missing);
  for (const Component& component : calendar.components) missing.erase(tzid_of(component));
  std::string zones;
  for (const auto& tzid : missing) zones += vtimezone_of(tzid);
  std::string out;
  content::append_raw(out, calendar.begin);
  const auto put_zones = [&] {
    out += zones;
    zones.clear();
  };
  calendar.for_each_child([&](const Property& property) { content::append_raw(out, property.raw); },
                          [&](const Component& component) {
                            put_zones();
                            content::append_raw(out, component.raw);
                          });
  put_zones();
  content::append_raw(out, calendar.end);
  return out;
}

}  // namespace dav::calendar
