#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::sieve {

/// A part of a moment, on a clock that many minutes east of UTC; nothing if there is no such part. RFC 5260 4.2
std::optional<std::string> date_part(std::string_view part, std::int64_t seconds, int zone);

/// A Date field's value. RFC 5322 3.3
std::string date_text(std::int64_t seconds, int zone);

}  // namespace mail::sieve
