#pragma once

#include <cstdint>
#include <string>

#include "mail/imap/grammar/cursor.h"

namespace mail::imap {

/// A moment with the zone it was given in.
struct DateTime {
  std::int64_t seconds = 0;  ///< since 1970, UTC
  int zone = 0;              ///< minutes east of UTC
  bool operator==(const DateTime&) const = default;
};

/// `1-Feb-1994`, quoted or not, as days since 1970. A day that isn't in the calendar is refused.
std::int32_t read_date(Cursor& cursor);

/// `" 1-Feb-1994 21:52:25 -0800"`.
DateTime read_date_time(Cursor& cursor);

/// The same as text, with its quotes; what has no four-digit year as the nearest that has.
std::string date_time_text(const DateTime& moment);

/// The day that a moment was in that zone, since 1970.
std::int32_t day_of(std::int64_t seconds, int zone_minutes);

}  // namespace mail::imap
