#include "dav/calendar/calendar_data.h"

#include <algorithm>
#include <utility>

#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;
using content::Property;

void write(const Component& component, const ComponentRequest& request, std::string& out) {
  if (request.is_whole()) return content::append_raw(out, component.raw);
  content::append_raw(out, component.begin);
  component.for_each_child(
      [&](const Property& property) {
        if (request.all_properties) return content::append_raw(out, property.raw);
        const auto wanted = std::find_if(request.properties.begin(), request.properties.end(),
                                         [&](const auto& each) { return property.is(each.name); });
        if (wanted == request.properties.end()) return;
        if (wanted->no_value) return content::append_without_value(out, property);
        content::append_raw(out, property.raw);
      },
      [&](const Component& inner) {
        if (request.all_components) return content::append_raw(out, inner.raw);
        const auto wanted = std::find_if(request.components.begin(), request.components.end(),
                                         [&](const auto& each) { return inner.is(each.name); });
        if (wanted != request.components.end()) write(inner, *wanted, out);
      });
  content::append_raw(out, component.end);
}

/// Applies a step to a text that an earlier one may have made.
template <typename Step>
void apply(std::string& text, Step step) {
  const auto document = content::Document::parse(std::move(text), content::Dialect::icalendar);
  text = step(document.components().front());
}

}  // namespace

std::string select(const Component& component, const ComponentRequest& request) {
  std::string out;
  if (component.is(request.name)) write(component, request, out);
  return out;
}

Expansion calendar_data(const Object& object, const CalendarDataRequest& request, const TimeZones& zones,
                        const Zone& floating_zone, std::size_t most) {
  Expansion result;
  if (request.expand) {
    result = expand(object, *request.expand, zones, floating_zone, most);
  } else if (request.limit_recurrence_set) {
    result.text = limit_recurrence_set(object, *request.limit_recurrence_set, zones, floating_zone);
  } else {
    result.text = object.bytes();
  }
  if (request.limit_free_busy_set && object.component() == "VFREEBUSY") {
    apply(result.text,
          [&](const Component& calendar) { return limit_free_busy_set(calendar, *request.limit_free_busy_set); });
  }
  if (request.component) {
    apply(result.text, [&](const Component& calendar) { return select(calendar, *request.component); });
  }
  result.text = content::mend_folds(std::move(result.text));
  return result;
}

}  // namespace dav::calendar
