#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dav/error.h"
#include "dav/reports/calendar_filter.h"
#include "dav/xml.h"

using namespace dav::calendar;

namespace {

constexpr std::array<std::string_view, 5> components = {
    "BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Berlin:20260105T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU\n"
    "EXDATE;TZID=Europe/Berlin:20260112T100000\nATTENDEE;CN=\"A, B\";PARTSTAT=ACCEPTED:mailto:a@b\nSUMMARY:Tea\\, "
    "mostly\n"
    "BEGIN:VALARM\nACTION:AUDIO\nTRIGGER;RELATED=END:-PT10M\nREPEAT:3\nDURATION:PT5M\nEND:VALARM\nEND:VEVENT\n"
    "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260119T100000\n"
    "DTSTART:20260119T120000Z\nEND:VEVENT\n",
    "BEGIN:VTODO\nUID:1\nDUE;VALUE=DATE:20260105\nCOMPLETED:20260106T000000Z\nCREATED:20260101T000000Z\nEND:VTODO\n",
    "BEGIN:VJOURNAL\nUID:1\nDTSTART;VALUE=DATE:20260105\nRDATE;VALUE=DATE:20260107\nEND:VJOURNAL\n",
    "BEGIN:VFREEBUSY\nUID:1\nFREEBUSY:20260105T100000Z/PT1H,20260106T100000Z/20260106T110000Z\nEND:VFREEBUSY\n",
    "BEGIN:VAVAILABILITY\nUID:1\nDTSTART:20260105T100000Z\nBEGIN:AVAILABLE\nUID:2\nDTSTART:20260105T100000Z\n"
    "DURATION:PT1H\nRRULE:RSCALE=HEBREW;FREQ=YEARLY;SKIP=FORWARD\nEND:AVAILABLE\nEND:VAVAILABILITY\n",
};

std::vector<Object> make_objects(const TimeZones& zones) {
  std::vector<Object> objects;
  for (const std::string_view component : components) {
    auto parsed =
        Object::parse("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n" + std::string(component) + "END:VCALENDAR\n", zones);
    if (std::holds_alternative<Refusal>(parsed)) std::abort();
    objects.push_back(std::get<Object>(std::move(parsed)));
  }
  return objects;
}

}  // namespace

// A CALDAV:filter is refused with a reason, or says of every object whether it matches; and what matches all conditions
// of the outermost comp-filter matches any of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TimeZones zones;
  static const std::vector<Object> objects = make_objects(zones);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto document = dav::xml::Document::parse(text);
    const auto filter = dav::read_calendar_filter(document.root());
    const Zone& berlin = *zones.find("Europe/Berlin");
    for (const Object& object : objects) {
      const bool found = matches(object, filter, zones, berlin);
      CompFilter any = filter;
      any.any_of = true;
      if (found && !matches(object, any, zones, berlin)) std::abort();
    }
  } catch (const dav::Error& error) {
    if (error.reason().empty()) std::abort();
  }
  return 0;
}
