#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dav/calendar/tzif.h"

namespace dav::calendar {

/// The beginning of a local time: what the STANDARD and DAYLIGHT parts of a VTIMEZONE describe.
struct Onset {
  Seconds at = 0;  ///< instant
  int offset_before = 0;
  int offset = 0;
  bool is_daylight = false;
  std::string name;

  Seconds local() const { return at + offset_before; }
  bool is_like(const Onset& other) const {
    return offset_before == other.offset_before && offset == other.offset && is_daylight == other.is_daylight &&
           name == other.name;
  }
};

/// One that comes back every year from `first` on.
struct YearlyOnset {
  Onset first;
  YearlyDay day;
};

/// The onsets of a zone: single ones in order of time, then those that go on for ever.
struct Onsets {
  Onset initial;                    ///< what holds before all others; its time is that of `start`
  std::vector<Onset> single;        ///< after `start`
  std::vector<YearlyOnset> yearly;  ///< none or two; the single ones end before them
};

/// From `start` on, or from the beginning of time.
Onsets onsets_of(const Tzif& file, std::optional<Seconds> start = std::nullopt);

/// Those in [start, end), the yearly ones too, as single ones.
Onsets onsets_between(const Tzif& file, Seconds start, Seconds end);

}  // namespace dav::calendar
