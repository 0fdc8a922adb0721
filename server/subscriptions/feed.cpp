#include "server/subscriptions/feed.h"

#include <algorithm>
#include <set>

#include "dav/calendar/value.h"
#include "dav/content/content_line.h"
#include "dav/content/text.h"
#include "dav/path.h"
#include "server/transfer/pieces.h"
#include "storage/blobs.h"
#include "storage/sha256.h"

namespace server {

namespace {

namespace content = dav::content;
using dav::content::Component;
using dav::content::Document;
using dav::content::Property;

constexpr std::size_t longest_title = 255;

void append_stripped(std::string& out, const Component& component, const FeedOptions& options) {
  content::append_raw(out, component.begin);
  component.for_each_child(
      [&](const Property& property) {
        if (options.strip_attachments && property.is("ATTACH")) return;
        content::append_raw(out, property.raw);
      },
      [&](const Component& inner) {
        if (options.strip_alarms && inner.is("VALARM")) return;
        append_stripped(out, inner, options);
      });
  content::append_raw(out, component.end);
}

std::string taken_over(const std::string& piece, const FeedOptions& options) {
  const Document document = Document::parse(piece, content::Dialect::icalendar);
  const Component& calendar = document.components().front();
  std::string out;
  content::append_raw(out, calendar.begin);
  for (const Property& property : calendar.properties) {
    if (property.is("VERSION") || property.is("PRODID") || property.is("CALSCALE")) {
      content::append_raw(out, property.raw);
    }
  }
  for (const Component& component : calendar.components) append_stripped(out, component, options);
  content::append_raw(out, calendar.end);
  return out;
}

std::chrono::seconds period_of(const Component& calendar) {
  for (const std::string_view name : {"REFRESH-INTERVAL", "X-PUBLISHED-TTL"}) {
    const Property* property = calendar.find(name);
    const auto period = property ? dav::calendar::parse_duration(property->value) : std::nullopt;
    if (!period) continue;
    const std::chrono::seconds length(period->days * dav::calendar::day + period->seconds);
    if (length.count() > 0) return length;
  }
  return std::chrono::seconds(0);
}

std::string title_of(const Component& calendar) {
  for (const std::string_view name : {"NAME", "X-WR-CALNAME"}) {
    const Property* property = calendar.find(name);
    if (property && !property->value.empty() && property->value.size() <= longest_title) {
      return content::unescape_text(property->value);
    }
  }
  return {};
}

/// What is said of the whole, and whether it is a whole: an answer may be cut off, or be a page that asks for a login.
void read_head(const std::string& text, Feed& feed) {
  const Document document = Document::parse(text, content::Dialect::icalendar);
  for (const Component& calendar : document.components()) {
    if (!calendar.is("VCALENDAR")) throw BrokenFeed("it is no calendar");
  }
  feed.title = title_of(document.components().front());
  feed.period = period_of(document.components().front());
}

}  // namespace

Feed read_feed(std::string text, const FeedOptions& options, std::size_t most_octets) {
  Feed feed;
  try {
    if (content::is_utf8(text)) read_head(text, feed);
    std::set<std::string> known;
    std::size_t octets = 0;
    for (Piece& each : calendar_pieces(std::move(text), most_octets)) {
      const Piece piece = std::move(each);  // its octets are let go one by one
      // A calendar that holds nothing is one, too.
      if (piece.uid.empty() && piece.fault == empty_calendar) continue;
      if (!piece.fault.empty()) throw BrokenFeed(piece.fault);
      if (options.strip_tasks && piece.component == "VTODO") continue;
      if (!known.insert(piece.uid).second) continue;  // of another kind, with the same UID: the first one stays
      feed.objects.push_back({piece.uid, feed_name(piece.uid), taken_over(piece.bytes, options)});
      octets += feed.objects.back().bytes.size();
      if (octets > most_octets) throw BrokenFeed("its objects are larger than what is taken");
    }
  } catch (const content::Malformed& malformed) {
    throw BrokenFeed("line " + std::to_string(malformed.line) + ": " + malformed.what());
  }
  return feed;
}

std::string feed_name(std::string_view uid) {
  std::string name = dav::plain_name(uid);
  if (name == uid && !name.empty() && name.front() != '.') return name + ".ics";
  storage::Sha256 sha256;
  sha256.add(uid);
  if (name.starts_with('.')) name.front() = '-';
  return name + "-" + storage::to_hex(sha256.finish()).substr(0, 16) + ".ics";
}

std::string without_stamps(std::string_view object) {
  std::string out;
  bool dropping = false;
  while (!object.empty()) {
    const std::size_t end = std::min(object.find('\n'), object.size() - 1);
    const std::string_view line = object.substr(0, end + 1);
    object.remove_prefix(end + 1);
    const bool continued = line.front() == ' ' || line.front() == '\t';
    if (!continued) {
      const std::size_t name_end = line.find_first_of(":;");
      dropping =
          name_end != std::string_view::npos && content::equal_ignoring_case(line.substr(0, name_end), "DTSTAMP");
    }
    if (!dropping) out += line;
  }
  return out;
}

}  // namespace server
