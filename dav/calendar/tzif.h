#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dav/calendar/timezone.h"

namespace dav::calendar {

/// A TZif file (RFC 8536) as it stands: names and kinds of local time too, which a Zone does without.
struct Tzif {
  struct LocalTime {
    int offset = 0;  ///< seconds east of UTC
    bool is_daylight = false;
    std::string name;  ///< "CET"

    bool operator==(const LocalTime&) const = default;
  };
  struct Transition {
    Seconds at = 0;
    std::size_t type = 0;
  };
  /// What the footer says: one local time for ever, or two that change every year.
  struct Footer {
    LocalTime standard;
    std::optional<LocalTime> daylight;
    YearlyDay to_daylight;
    YearlyDay to_standard;
  };

  std::vector<LocalTime> types;         ///< at least one; the first holds before the first transition
  std::vector<Transition> transitions;  ///< in order of time
  std::optional<Footer> footer;         ///< nothing: the last transition's type holds for ever
};

/// Reads a file: its 64-bit data and its footer. Nothing if it is none.
std::optional<Tzif> parse_tzif(std::string_view octets);

}  // namespace dav::calendar
