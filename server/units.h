#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace server {

/// Sizes and durations as people write them: a whole number and a unit, "4 GiB", "512 KiB", "10 min", "366 d". Units of
/// size are B, KiB, MiB, GiB, TiB; of time ms, s, min, h, d. "0" needs no unit. Throw std::invalid_argument with the
/// reason.
std::int64_t parse_size(std::string_view text);
std::chrono::milliseconds parse_duration(std::string_view text);

/// The same the other way, in the largest unit that leaves a whole number.
std::string size_text(std::int64_t octets);
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace server
