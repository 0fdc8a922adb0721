#include "dav/calendar/disclosure.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "dav/content/text.h"

namespace dav::calendar {

namespace {

using content::Component;
using content::Property;

enum class Level { whole, times, nothing };

bool has_value(const Component& component, std::string_view name, std::string_view value) {
  const Property* property = component.find(name);
  return property != nullptr && content::equal_ignoring_case(property->value, value);
}

// RFC 5545 3.8.1.3: "Applications MUST treat x-name and iana-token values they don't recognize the same way as they
// would the PRIVATE value."
Level level_of(const Component& component) {
  if (is_public(component)) return Level::whole;
  return has_value(component, "CLASS", "CONFIDENTIAL") ? Level::times : Level::nothing;
}

bool is_busy(const Component& component) {
  return !has_value(component, "TRANSP", "TRANSPARENT") && !has_value(component, "STATUS", "CANCELLED");
}

/// The line without parameters that say more than how the value is to be read.
void append_bare(std::string& out, std::string_view name, const Property& property) {
  std::string line(name);
  for (const content::Parameter& parameter : property.parameters) {
    const auto is = [&](std::string_view known) { return content::equal_ignoring_case(parameter.name, known); };
    if (!is("TZID") && !is("VALUE") && (!is("RANGE") || name != "RECURRENCE-ID")) continue;
    line.append(";").append(parameter.name).append("=").append(parameter.raw);
  }
  content::append_folded(out, line.append(":").append(property.value));
}

/// Writes one object's components.
class Discloser {
 public:
  Discloser(const Component& calendar, Disclosure disclosure, const MaskUid& mask, std::string& out)
      : calendar_(calendar), disclosure_(disclosure), mask_(mask), out_(out) {
    for (const Component& part : calendar.components) {
      if (part.is("VTIMEZONE") || part.find("RECURRENCE-ID") != nullptr) continue;
      master_ = &part;
      break;
    }
  }

  void write() {
    const Level of_master = master_ == nullptr ? Level::whole : level_of(*master_);
    if (of_master == Level::nothing) return;
    if (is_hidden_as_free(master_)) master_ = nullptr;
    for (const Component& part : calendar_.components) {
      if (part.is("VTIMEZONE")) continue;
      parts_.emplace_back(&part, std::max(of_master, level_of(part)));
      if (disclosure_ == Disclosure::busy) parts_.back().second = std::max(parts_.back().second, Level::times);
      masks_ = masks_ && parts_.back().second != Level::whole;
    }
    for (const auto& [part, level] : parts_) write_part(*part, level);
  }

 private:
  bool is_hidden_as_free(const Component* part) const {
    return disclosure_ == Disclosure::busy && part != nullptr && (!part->is("VEVENT") || !is_busy(*part));
  }

  void write_part(const Component& part, Level level) {
    const bool is_override = part.find("RECURRENCE-ID") != nullptr;
    // Where the series isn't shown, an occurrence that is free has nothing to take away.
    if (is_hidden_as_free(&part) && (!is_override || master_ == nullptr || !part.is("VEVENT"))) return;
    if (level == Level::whole) return content::append_raw(out_, part.raw);
    if (level == Level::times) return write_times(part);
    if (is_override && master_ != nullptr) write_absence(part);
  }

  void write_times(const Component& part) {
    static constexpr std::array<std::string_view, 14> shown = {
        "DTSTAMP", "DTSTART", "DTEND",         "DUE",    "DURATION", "RRULE",    "RDATE",
        "EXDATE",  "EXRULE",  "RECURRENCE-ID", "TRANSP", "STATUS",   "SEQUENCE", "CLASS"};
    begin(part);
    for (const Property& property : part.properties) {
      const auto known =
          std::find_if(shown.begin(), shown.end(), [&](std::string_view name) { return property.is(name); });
      if (known != shown.end()) append_bare(out_, *known, property);
    }
    out_ += "SUMMARY:Busy\r\n";
    end(part);
  }

  /// An occurrence that doesn't take place.
  void write_absence(const Component& part) {
    const Property& id = *part.find("RECURRENCE-ID");
    begin(part);
    if (const Property* stamp = part.find("DTSTAMP")) append_bare(out_, "DTSTAMP", *stamp);
    append_bare(out_, "RECURRENCE-ID", id);
    append_bare(out_, "DTSTART", id);
    out_ += "STATUS:CANCELLED\r\nTRANSP:TRANSPARENT\r\n";
    end(part);
  }

  void begin(const Component& part) {
    const Property* uid = part.find("UID");
    out_.append("BEGIN:").append(part.name).append("\r\n");
    if (uid != nullptr) content::append_folded(out_, "UID:" + (masks_ ? mask_(uid->value) : std::string(uid->value)));
  }

  void end(const Component& part) { out_.append("END:").append(part.name).append("\r\n"); }

  const Component& calendar_;
  Disclosure disclosure_;
  const MaskUid& mask_;
  std::string& out_;
  const Component* master_ = nullptr;  ///< where it is shown
  std::vector<std::pair<const Component*, Level>> parts_;
  bool masks_ = true;  ///< nothing of the object is shown whole, its UID neither
};

}  // namespace

bool is_public(const Component& component) {
  return component.find("CLASS") == nullptr || has_value(component, "CLASS", "PUBLIC");
}

void append_disclosed(const Component& calendar, Disclosure disclosure, const MaskUid& mask, std::string& out) {
  if (disclosure != Disclosure::everything) return Discloser(calendar, disclosure, mask, out).write();
  for (const Component& part : calendar.components) {
    if (!part.is("VTIMEZONE")) content::append_raw(out, part.raw);
  }
}

}  // namespace dav::calendar
