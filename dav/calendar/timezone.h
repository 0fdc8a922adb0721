#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "dav/calendar/value.h"

namespace dav::calendar {

/// A day that comes once a year, and the wall clock time on it.
struct YearlyDay {
  enum class Kind { weekday_of_month, day_without_leap_day, day_of_year } kind = Kind::weekday_of_month;
  int month = 1;
  int week = 1;      ///< 1 … 4 from the start, 5 or -1 the last, -2 the one before …
  int weekday = 0;   ///< Monday = 0
  int day = 0;       ///< 1 … 365 without leap day, or 0 … 365
  Seconds time = 0;  ///< since midnight; may lie outside of the day

  /// The wall clock reading in this year, counted as if it were UTC.
  Seconds in_year(std::int64_t year) const;
};

/// The UTC offsets of a place through all times. Immutable; safe to use from several threads.
class Zone {
 public:
  struct Transition {
    Seconds at = 0;  ///< instant
    int offset = 0;  ///< seconds east of UTC from then on
  };

  /// A change that comes back every year.
  struct YearlyChange {
    YearlyDay day;
    int offset_before = 0;
    int offset = 0;
  };

  /// The two changes of every year from `from` on.
  struct Tail {
    Seconds from = 0;
    std::array<YearlyChange, 2> changes;
  };

  /// `transitions` in order of time; before the first holds `initial_offset`, after the last and from the tail's start
  /// on the tail, if there is one.
  Zone(std::string name, int initial_offset, std::vector<Transition> transitions, std::optional<Tail> tail);

  const std::string& name() const { return name_; }

  /// Seconds east of UTC at that instant.
  int offset_at(Seconds instant) const { return stretch_at(instant).offset; }

  /// What the clock shows at that instant.
  Seconds to_local(Seconds instant) const { return instant + offset_at(instant); }

  /// The instant at which the clock shows this: the first one if there are two, and by the offset before the gap if
  /// there is none. RFC 5545 3.3.5
  Seconds to_utc(Seconds local) const;

 private:
  /// An offset, and an instant until which it surely stays.
  struct Stretch {
    int offset = 0;
    Seconds end = 0;
  };
  Stretch stretch_at(Seconds instant) const;

  std::string name_;
  int initial_offset_;
  std::vector<Transition> transitions_;
  std::optional<Tail> tail_;
};

/// Reads a TZif file (RFC 8536): its 64-bit data and its footer. Nothing if it is none.
std::optional<Zone> read_tzif(std::string name, std::string_view octets);

/// The zones of the system's database, by any name that clients use. Made once and passed on; safe to use from several
/// threads. Zones are read when first asked for and kept as long as this object.
class TimeZones {
 public:
  explicit TimeZones(std::string folder = "/usr/share/zoneinfo");

  /// The same with some zones as they were at another time: TZif by IANA names.
  TimeZones(const std::map<std::string, std::string>& others, std::string folder = "/usr/share/zoneinfo");

  /// Names the database as it is: its release where it says it ("2026f"), else what tells it from others.
  const std::string& release() const { return release_; }

  /// The TZif of the zones that have been asked for, by IANA names.
  std::map<std::string, std::string> loaded() const;

  /// Whether it is UTC or one of these.
  bool knows(const Zone& zone) const { return &zone == &utc() || find(zone.name()) != nullptr; }

  /// The zone of a TZID: an IANA name, one with a vendor's prefix (`/mozilla.org/20050126_1/Europe/Berlin`), or a
  /// Windows name. nullptr if it is none of these; else valid as long as this object.
  const Zone* find(std::string_view tzid) const;

  static const Zone& utc();

 private:
  const Zone* load(const std::string& iana_name) const;
  const Zone* resolve(const std::string& tzid) const;

  std::string folder_;
  std::string release_;
  mutable std::shared_mutex mutex_;
  mutable std::map<std::string, std::string> octets_;                              ///< of the zones, by IANA name
  mutable std::map<std::string, std::unique_ptr<const Zone>, std::less<>> zones_;  ///< by IANA name
  mutable std::map<std::string, const Zone*, std::less<>> names_;                  ///< by TZID; bounded
};

}  // namespace dav::calendar
