#include "dav/facts.h"

#include "dav/calendar/span.h"

namespace dav {

storage::ObjectFacts facts_of(const calendar::Object& object, const calendar::TimeZones& zones) {
  storage::ObjectFacts facts{object.uid(), object.component()};
  for (const auto& stretch : calendar::stretches_of(object, zones)) {
    facts.times.push_back({stretch.first, stretch.last, stretch.pattern, stretch.yearly, stretch.alarms});
  }
  return facts;
}

}  // namespace dav
