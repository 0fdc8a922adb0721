#include "server/transfer/pieces.h"

#include <algorithm>
#include <map>
#include <set>

#include "dav/contacts/legacy.h"
#include "dav/content/charset.h"
#include "dav/content/content_line.h"
#include "server/utf8.h"
#include "storage/blobs.h"
#include "storage/sha256.h"

namespace server {

namespace {

using dav::content::Component;
using dav::content::Dialect;
using dav::content::Document;
using dav::content::Property;

// The same content gets the same UID, so that importing it twice makes one object.
std::string made_uid(std::string_view content) {
  storage::Sha256 sha256;
  sha256.add(content);
  const std::string hex = storage::to_hex(sha256.finish());
  // RFC 9562 5.8: a UUID of one's own making.
  return "urn:uuid:" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-8" + hex.substr(13, 3) + "-8" + hex.substr(17, 3) +
         "-" + hex.substr(20, 12);
}

// Whether a line's end is CRLF or LF, where lines are added.
std::string_view line_end(std::string_view raw) { return raw.ends_with("\r\n") ? "\r\n" : "\n"; }

// A component may end the file without a line end.
void append_whole_lines(std::string& out, std::string_view raw, std::string_view end) {
  out += raw;
  if (!raw.empty() && raw.back() != '\n' && raw.back() != '\r') out += end;
}

Piece unreadable(std::string text, std::string fault) {
  Piece piece;
  piece.bytes = std::move(text);
  piece.fault = std::move(fault);
  return piece;
}

std::string value_of(const Component& component, std::string_view name) {
  const Property* property = component.find(name);
  return property == nullptr ? std::string() : std::string(property->value);
}

/// The components of one UID, in one calendar.
struct Group {
  std::string uid;
  std::string component;
  std::vector<const Component*> parts;
  bool uid_made = false;
};

std::vector<Group> groups_of(const Component& calendar) {
  std::vector<Group> groups;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (const Component& part : calendar.components) {
    if (part.is("VTIMEZONE")) continue;
    std::string name(part.name);
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    std::string uid = value_of(part, "UID");
    const bool made = uid.empty();
    if (made) uid = made_uid(part.raw);
    const auto [place, added] = places.try_emplace({uid, name}, groups.size());
    if (added) groups.push_back({uid, name, {}, made});
    groups[place->second].parts.push_back(&part);
  }
  return groups;
}

// The TZIDs that a component's properties name, those of its own components included.
void collect_zones(const Component& component, std::set<std::string>& zones) {
  for (const Property& property : component.properties) {
    if (const std::string zone = property.parameter("TZID"); !zone.empty()) zones.insert(zone);
  }
  for (const Component& inner : component.components) collect_zones(inner, zones);
}

void append_with_uid(std::string& out, const Component& part, const Group& group, std::string_view end) {
  if (!group.uid_made) return append_whole_lines(out, part.raw, end);
  out += part.begin;
  out.append("UID:").append(group.uid).append(end);
  append_whole_lines(out, part.raw.substr(part.begin.size()), end);
}

/// The time zones that a calendar brings along.
std::vector<const Component*> zones_of(const Component& calendar) {
  std::vector<const Component*> zones;
  for (const Component& component : calendar.components) {
    if (component.is("VTIMEZONE")) zones.push_back(&component);
  }
  return zones;
}

std::string calendar_of(const Component& calendar, const std::vector<const Component*>& own_zones, const Group& group,
                        bool add_version) {
  const std::string_view end = line_end(calendar.begin);
  std::set<std::string> zones;
  for (const Component* part : group.parts) collect_zones(*part, zones);
  std::string out(calendar.begin);
  if (add_version) out.append("VERSION:2.0").append(end);
  for (const Property& property : calendar.properties) {
    if (!property.is("METHOD")) append_whole_lines(out, property.raw, end);
  }
  for (const Component* zone : own_zones) {
    if (zones.contains(value_of(*zone, "TZID"))) append_whole_lines(out, zone->raw, end);
  }
  for (const Component* part : group.parts) append_with_uid(out, *part, group, end);
  append_whole_lines(out, calendar.end, end);
  return out;
}

// `left`: so many octets may still be made.
void take_calendar(const Component& calendar, bool alone, const std::string& source, std::size_t& left,
                   std::vector<Piece>& pieces) {
  const std::vector<Group> groups = groups_of(calendar);
  if (groups.empty()) return pieces.push_back(unreadable(std::string(calendar.raw), std::string(empty_calendar)));
  const std::vector<const Component*> zones = zones_of(calendar);
  const bool has_method = calendar.find("METHOD") != nullptr;
  const bool no_version = calendar.find("VERSION") == nullptr;
  for (const Group& group : groups) {
    Piece piece;
    piece.uid = group.uid;
    piece.component = group.component;
    if (group.uid_made) piece.repairs.emplace_back("a UID was made");
    if (has_method) piece.repairs.emplace_back("METHOD was taken away");
    if (no_version) piece.repairs.emplace_back("VERSION was added");
    const bool as_it_is = alone && groups.size() == 1 && piece.repairs.empty();
    piece.bytes = as_it_is ? source : calendar_of(calendar, zones, group, no_version);
    if (piece.bytes.size() > left) {
      left = 0;
      return pieces.push_back(unreadable({}, "its objects are larger than what is taken"));
    }
    left -= piece.bytes.size();
    pieces.push_back(std::move(piece));
  }
}

// A name for one that has none.
std::string name_for(const Component& card) {
  for (const std::string_view from : {"N", "ORG", "NICKNAME", "EMAIL", "TEL"}) {
    std::string value = value_of(card, from);
    if (from == "N") {
      // Family;Given;…: "Given Family" reads better.
      const std::size_t first = value.find(';');
      const std::size_t second = first == std::string::npos ? first : value.find(';', first + 1);
      if (first != std::string::npos) {
        const std::string given = value.substr(first + 1, second == std::string::npos ? second : second - first - 1);
        value = given + (given.empty() || first == 0 ? "" : " ") + value.substr(0, first);
      }
    } else if (from == "ORG") {
      value = value.substr(0, value.find(';'));
    }
    if (value.find_first_not_of("; ") != std::string::npos) return value;
  }
  return "?";
}

Piece take_card(const Component& card, bool alone, const std::string& source) {
  const std::string_view end = line_end(card.begin);
  Piece piece;
  piece.component = "VCARD";
  piece.uid = value_of(card, "UID");
  std::string added;
  if (piece.uid.empty()) {
    piece.uid = made_uid(card.raw);
    piece.repairs.emplace_back("a UID was made");
    added.append("UID:").append(piece.uid).append(end);
  }
  if (value_of(card, "FN").empty()) {
    piece.repairs.emplace_back("FN was added");
    added.append("FN:").append(name_for(card)).append(end);
  }
  if (alone && added.empty()) {
    piece.bytes = source;
    return piece;
  }
  piece.bytes = card.begin;
  bool at_version = false;
  // RFC 6350 6.7.9: VERSION comes right behind BEGIN.
  card.for_each_child(
      [&](const Property& property) {
        if (property.is("UID") && property.value.empty()) return;
        if (property.is("FN") && property.value.empty()) return;
        append_whole_lines(piece.bytes, property.raw, end);
        if (property.is("VERSION") && !at_version) {
          piece.bytes += added;
          at_version = true;
        }
      },
      [&](const Component& inner) { append_whole_lines(piece.bytes, inner.raw, end); });
  if (!at_version) piece.bytes += added;
  append_whole_lines(piece.bytes, card.end, end);
  return piece;
}

// A card of version 2.1 is kept as one of 3.0: no client writes the old form any more, and few read it.
Piece take_any_card(const Component& card, bool alone, const std::string& source) {
  const std::string version = value_of(card, "VERSION");
  if (version.substr(0, version.find(' ')) != "2.1") return take_card(card, alone, source);
  const Document modern = Document::parse(dav::contacts::from_legacy(card), Dialect::vcard);
  Piece piece = take_card(modern.components().front(), true, modern.source());
  piece.repairs.insert(piece.repairs.begin(), "version 2.1, kept as 3.0");
  return piece;
}

// Calls `take` for each component at the top of the text that is called `name`.
template <class Take>
std::vector<Piece> pieces_of(std::string text, bool guessed, Dialect dialect, std::string_view name, const Take& take) {
  std::vector<Piece> pieces;
  const auto fault = [](const dav::content::Malformed& malformed) {
    return "line " + std::to_string(malformed.line) + ": " + malformed.what();
  };
  try {
    // Whoever brings a file may bring many years of everything.
    dav::content::Limits most;
    most.lines = 50'000'000;
    const Document document = Document::parse(text, dialect, most);
    const bool alone = document.components().size() == 1;
    for (const Component& component : document.components()) {
      if (component.is(name)) {
        take(component, alone, document.source(), pieces);
      } else {
        pieces.push_back(
            unreadable(std::string(component.raw), "a " + std::string(component.name) + " has no place here"));
      }
    }
  } catch (const dav::content::Malformed& malformed) {
    pieces.assign(1, unreadable(std::move(text), fault(malformed)));
  }
  for (Piece& piece : pieces) {
    if (guessed) piece.repairs.emplace_back("not UTF-8, taken for Latin-1");
  }
  return pieces;
}

}  // namespace

std::vector<Piece> calendar_pieces(std::string text, std::size_t most_octets) {
  const bool guessed = !is_utf8(text);
  // What Latin-1 has at 0x80 to 0x9F are controls, which nobody has written: Windows' letters.
  if (guessed) text = dav::content::to_utf8(text, "windows-1252").value_or("");
  std::size_t left = most_octets;
  return pieces_of(std::move(text), guessed, Dialect::icalendar, "VCALENDAR",
                   [&left](const Component& calendar, bool alone, const std::string& source,
                           std::vector<Piece>& pieces) { take_calendar(calendar, alone, source, left, pieces); });
}

std::vector<Piece> card_pieces(std::string text) {
  auto [mended, guessed] = dav::contacts::mend_legacy(text);
  return pieces_of(std::move(mended), guessed, Dialect::vcard, "VCARD",
                   [](const Component& card, bool alone, const std::string& source, std::vector<Piece>& pieces) {
                     try {
                       pieces.push_back(take_any_card(card, alone, source));
                     } catch (const dav::content::Malformed& malformed) {
                       pieces.push_back(unreadable(std::string(card.raw), malformed.what()));
                     }
                   });
}

}  // namespace server
