#include "dav/calendar/jcal.h"

#include <array>

#include "dav/content/jcontent.h"
#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Json;
using content::JsonRow;
using enum content::JsonShape;

// RFC 5545 3.7, 3.8; and from those that add to it: RFC 7808 7, RFC 7953 3.2,
// RFC 7986 5, RFC 9073 6, RFC 9074, RFC 9253 8. What has no default type there
// is not listed.
constexpr std::array rows{
    JsonRow{"acknowledged", "date-time"},
    JsonRow{"action", "text"},
    JsonRow{"attach", "uri"},
    JsonRow{"attendee", "cal-address"},
    JsonRow{"busytype", "text"},
    JsonRow{"calendar-address", "cal-address"},
    JsonRow{"calscale", "text"},
    JsonRow{"categories", "text", list},
    JsonRow{"class", "text"},
    JsonRow{"color", "text"},
    JsonRow{"comment", "text"},
    JsonRow{"completed", "date-time"},
    JsonRow{"concept", "uri"},
    JsonRow{"contact", "text"},
    JsonRow{"created", "date-time"},
    JsonRow{"description", "text"},
    JsonRow{"dtend", "date-time"},
    JsonRow{"dtstamp", "date-time"},
    JsonRow{"dtstart", "date-time"},
    JsonRow{"due", "date-time"},
    JsonRow{"duration", "duration"},
    JsonRow{"exdate", "date-time", list},
    JsonRow{"exrule", "recur"},
    JsonRow{"freebusy", "period", list},
    JsonRow{"geo", "float", structured},
    JsonRow{"last-modified", "date-time"},
    JsonRow{"location", "text"},
    JsonRow{"location-type", "text", list},
    JsonRow{"method", "text"},
    JsonRow{"name", "text"},
    JsonRow{"organizer", "cal-address"},
    JsonRow{"participant-type", "text"},
    JsonRow{"percent-complete", "integer"},
    JsonRow{"priority", "integer"},
    JsonRow{"prodid", "text"},
    JsonRow{"proximity", "text"},
    JsonRow{"rdate", "date-time", list},
    JsonRow{"recurrence-id", "date-time"},
    JsonRow{"refid", "text"},
    JsonRow{"related-to", "text"},
    JsonRow{"repeat", "integer"},
    JsonRow{"request-status", "text", structured},
    JsonRow{"resource-type", "text"},
    JsonRow{"resources", "text", list},
    JsonRow{"rrule", "recur"},
    JsonRow{"sequence", "integer"},
    JsonRow{"status", "text"},
    JsonRow{"summary", "text"},
    JsonRow{"transp", "text"},
    JsonRow{"trigger", "duration"},
    JsonRow{"tzid", "text"},
    JsonRow{"tzid-alias-of", "text"},
    JsonRow{"tzname", "text"},
    JsonRow{"tzoffsetfrom", "utc-offset"},
    JsonRow{"tzoffsetto", "utc-offset"},
    JsonRow{"tzuntil", "date-time"},
    JsonRow{"tzurl", "uri"},
    JsonRow{"uid", "text"},
    JsonRow{"url", "uri"},
    JsonRow{"version", "text"},
};

static_assert(content::in_order(rows), "the rows are searched by name");

constexpr content::JsonFormat format{content::Dialect::icalendar, rows};

/// RFC 7265 3.3: the name and the properties, up to where components follow.
void open(std::string& out, const content::Component& component) {
  out += '[';
  content::append_json_string(out, content::json_name(component.name));
  out += ",[";
  bool first = true;
  for (const auto& property : component.properties) {
    if (!first) out += ',';
    first = false;
    content::append_json_property(out, property, format);
  }
  out += "],[";
}

void append(std::string& out, const content::Component& component) {
  open(out, component);
  bool first = true;
  for (const auto& inner : component.components) {
    if (!first) out += ',';
    first = false;
    append(out, inner);
  }
  out += jcal_end;
}

void append_lines(std::string& out, const Json& json, std::size_t depth) {
  const bool good = json.is(Json::Kind::array) && json.items.size() == 3 && json.items[1].is(Json::Kind::array) &&
                    json.items[2].is(Json::Kind::array);
  if (!good) throw content::MalformedJson(json.offset, "a component is its name, its properties and its components");
  if (depth == 0) throw content::MalformedJson(json.offset, "components nested too deeply");
  const std::string name = content::component_name_of_json(json.items[0]);
  content::append_folded(out, "BEGIN:" + name);
  for (const Json& property : json.items[1].items) content::append_line_of_json(out, property, format);
  for (const Json& inner : json.items[2].items) append_lines(out, inner, depth - 1);
  content::append_folded(out, "END:" + name);
}

}  // namespace

std::string to_jcal(const content::Component& calendar) {
  std::string out;
  out.reserve(calendar.raw.size() * 3 / 2);
  append(out, calendar);
  return out;
}

std::string jcal_head(std::string_view lines) {
  const auto document = content::Document::parse(std::string(lines) + "END:VCALENDAR\r\n", content::Dialect::icalendar);
  std::string out;
  open(out, document.components().front());
  return out;
}

void append_jcal_components(std::string& out, std::string lines, bool& first) {
  if (lines.empty()) return;
  const auto document = content::Document::parse(std::move(lines), content::Dialect::icalendar);
  for (const auto& component : document.components()) {
    if (!first) out += ',';
    first = false;
    append(out, component);
  }
}

std::string from_jcal(std::string_view text) {
  const Json json = content::parse_json(text);
  const content::Limits limits;
  std::string out;
  // RFC 7265 3.2: several objects stand in an array.
  const bool stream = json.is(Json::Kind::array) && !json.items.empty() && json.items[0].is(Json::Kind::array);
  if (!stream) {
    append_lines(out, json, limits.depth);
  } else {
    for (const Json& object : json.items) append_lines(out, object, limits.depth);
  }
  return out;
}

}  // namespace dav::calendar
