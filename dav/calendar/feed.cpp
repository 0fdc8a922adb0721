#include "dav/calendar/feed.h"

#include <functional>

#include "dav/calendar/value.h"
#include "dav/content/content_line.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

void append_text(std::string& out, std::string_view name, std::string_view text) {
  if (!text.empty()) content::append_folded(out, std::string(name) + ":" + content::escape_text(text));
}

bool is_hexadecimal_color(std::string_view color) {
  return (color.size() == 7 || color.size() == 9) && color[0] == '#' &&
         color.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

}  // namespace

std::string feed_head(const FeedHead& head) {
  std::string out = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n";
  content::append_folded(out, "PRODID:" + head.product_id);
  out += "CALSCALE:GREGORIAN\r\n";
  // RFC 7986 5.1, 5.2; most programs know only the names from before it.
  append_text(out, "NAME", head.name);
  append_text(out, "X-WR-CALNAME", head.name);
  append_text(out, "DESCRIPTION", head.description);
  append_text(out, "X-WR-CALDESC", head.description);
  append_text(out, "X-WR-TIMEZONE", head.time_zone);
  // RFC 7986 5.9
  append_text(out, "COLOR", nearest_color_name(head.color));
  if (is_hexadecimal_color(head.color)) append_text(out, "X-APPLE-CALENDAR-COLOR", head.color.substr(0, 7));
  // RFC 7986 5.7
  const auto refresh = parse_duration(head.refresh);
  if (refresh && refresh->days * day + refresh->seconds > 0) {
    out.append("REFRESH-INTERVAL;VALUE=DURATION:").append(print(*refresh)).append("\r\n");
    out.append("X-PUBLISHED-TTL:").append(print(*refresh)).append("\r\n");
  }
  return out;
}

bool FeedBody::add(std::string object, std::string& zones, std::string& components) {
  try {
    const auto document = content::Document::parse(std::move(object), content::Dialect::icalendar);
    for (const content::Component& calendar : document.components()) {
      const std::size_t before = components.size();
      append_disclosed(calendar, disclosure_, mask_, components);
      if (components.size() == before) continue;
      for (const content::Component& component : calendar.components) {
        const content::Property* tzid = component.is("VTIMEZONE") ? component.find("TZID") : nullptr;
        if (tzid && zones_.insert(std::hash<std::string_view>()(tzid->value)).second) {
          content::append_raw(zones, component.raw);
        }
      }
    }
  } catch (const content::Malformed&) {
    return false;
  }
  return true;
}

}  // namespace dav::calendar
