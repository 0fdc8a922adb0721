#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dav/calendar/refusal.h"
#include "dav/calendar/timezone.h"
#include "dav/content/content_line.h"

namespace dav::calendar {

/// What a calendar takes. RFC 4791 5.2.3 to 5.2.9
struct ObjectLimits {
  std::vector<std::string> components;         ///< "VEVENT" …; empty for all
  std::uint64_t max_resource_size = 10 << 20;  ///< octets
  std::size_t max_attendees_per_instance = 1000;
  Seconds min_date_time = from_civil({.year = 1});              ///< every value is this or later
  Seconds max_date_time = from_civil({.year = last_year + 1});  ///< every value is earlier
};

/// A calendar object resource (RFC 4791 4.1): the octets as given, their tree, and what is true of them.
class Object {
 public:
  /// Reads and checks a text: content lines, VERSION, what validate() checks, and the rules of RFC 4791 4.1: one kind
  /// of component, one UID, no METHOD, at most one master, overrides of different instances and of its value type.
  static std::variant<Object, Refusal> parse(std::string bytes, const TimeZones& zones);

  /// Reads octets that parse() has taken before, without looking again for what it refuses. Nothing where they are no
  /// object at all.
  static std::optional<Object> read(std::string bytes);

  /// The octets as given.
  const std::string& bytes() const { return document_.source(); }

  /// The VCALENDAR.
  const content::Component& calendar() const { return document_.components().front(); }

  const std::string& uid() const { return uid_; }

  /// "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY" or "VAVAILABILITY". Others that stand beside are kept, no more.
  const std::string& component() const { return component_; }

  /// The component that has no RECURRENCE-ID; nullptr if there are only overrides.
  const content::Component* master() const { return master_; }

  /// All components of the kind, the master included, in the order of the text; at least one.
  const std::vector<const content::Component*>& parts() const { return parts_; }

  /// ORGANIZER's address as written; empty if there is none.
  std::string_view organizer() const;

  /// The number of ATTENDEEs of the component that has the most.
  std::size_t attendees() const;

  /// Whether the object fits into a calendar with these limits; if not, why.
  std::optional<Refusal> obey(const ObjectLimits& limits) const;

 private:
  std::optional<Refusal> collect();
  std::optional<Refusal> collect_part(const content::Component& part);
  std::optional<Refusal> check_overrides() const;

  content::Document document_;
  std::string uid_;
  std::string component_;
  const content::Component* master_ = nullptr;
  std::vector<const content::Component*> parts_;
};

}  // namespace dav::calendar
