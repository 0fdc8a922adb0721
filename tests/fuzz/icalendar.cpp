#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "dav/calendar/calendar_data.h"
#include "dav/calendar/filter.h"
#include "dav/calendar/freebusy.h"
#include "dav/calendar/object.h"
#include "dav/content/text.h"

namespace {

using namespace dav::calendar;

/// What is made of an object must be content lines again.
void check_text(const std::string& text) {
  dav::content::Document::parse(text, dav::content::Dialect::icalendar);
  if (!dav::content::is_utf8(text)) std::abort();
}

}  // namespace

// Any octets: an object or a refusal. An object's octets are those given; every query on it ends, and what is written
// of it can be read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TimeZones zones;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto parsed = Object::parse(text, zones);
  const auto* object = std::get_if<Object>(&parsed);
  if (object == nullptr) return 0;
  if (object->bytes() != text) std::abort();
  object->obey({});

  const Zone& berlin = *zones.find("Europe/Berlin");
  const TimeRange range{1'780'000'000, 1'781'000'000};
  CompFilter inner{.name = object->component(), .range = range, .properties = {}, .components = {}, .any_of = true};
  inner.components.push_back({.name = "VALARM", .range = range, .properties = {}, .components = {}});
  matches(*object, {.name = "VCALENDAR", .range = {}, .properties = {}, .components = {inner}}, zones, berlin);

  CalendarDataRequest request;
  check_text(calendar_data(*object, request, zones).text);
  request.limit_free_busy_set = range;
  request.limit_recurrence_set = range;
  check_text(calendar_data(*object, request, zones, berlin).text);
  request.limit_recurrence_set.reset();
  request.expand = range;
  check_text(calendar_data(*object, request, zones, berlin).text);
  request.component = ComponentRequest{
      .name = "VCALENDAR", .properties = {{"VERSION", true}}, .all_components = true, .components = {}};
  check_text(calendar_data(*object, request, zones, berlin).text);

  FreeBusy busy(range, zones, berlin);
  busy.add(*object);
  check_text(busy.text("x", 0, object->uid()));
  return 0;
}
