#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::mime {

/// A date of a header.
struct Date {
  /// Since 1970, in UTC: the "sent date" of RFC 5256 2.2.
  std::int64_t seconds = 0;
  /// How far the clock that it was written by was ahead of UTC. `seconds` and this give the day that SEARCH SENTON
  /// wants.
  std::int32_t offset_minutes = 0;
};

/// Reads an unfolded Date: also its obsolete forms (RFC 5322 4.3), and whatever else has a day, a month, and a year in
/// it: no week day or a wrong one, no seconds, `17-Jul-1996`, `1996-07-17`, asctime's. An unknown zone is UTC, a time
/// that isn't one is midnight (RFC 5256 2.2). Nothing if no day can be found.
std::optional<Date> parse_date(std::string_view value);

/// The date of a trace field (Received): what stands after its last semicolon.
std::optional<Date> parse_trace_date(std::string_view value);

/// The day in the sender's own zone, as a number of days since 1970.
std::int64_t local_day(const Date& date);

/// `YYYY-MM-DDTHH:MM:SS` in UTC, which sorts as dates do within four-digit years.
std::string utc_text(std::int64_t seconds);

}  // namespace mail::mime
