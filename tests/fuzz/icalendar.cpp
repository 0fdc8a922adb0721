#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "dav/calendar/filter.h"
#include "dav/calendar/object.h"
#include "dav/content/text.h"

// Any octets: an object or a refusal; an object's octets are those given, and its parts lie inside of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const dav::calendar::TimeZones zones;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto parsed = dav::calendar::Object::parse(text, zones);
  const auto* object = std::get_if<dav::calendar::Object>(&parsed);
  if (object == nullptr) return 0;
  if (object->bytes() != text) std::abort();
  if (!dav::content::is_utf8(dav::content::mend_folds(text))) std::abort();
  object->obey({});
  dav::calendar::CompFilter inner{.name = object->component(),
                                  .range = dav::calendar::TimeRange{1'700'000'000, 1'800'000'000},
                                  .properties = {},
                                  .components = {}};
  inner.components.push_back({.name = "VALARM", .range = inner.range, .properties = {}, .components = {}});
  inner.any_of = true;
  const dav::calendar::CompFilter filter{.name = "VCALENDAR", .range = {}, .properties = {}, .components = {inner}};
  matches(*object, filter, zones);
  return 0;
}
