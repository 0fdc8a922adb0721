#pragma once

#include <chrono>
#include <cstdint>

namespace mail::smtp {

struct Settings {
  std::uint64_t most_message = 150 * 1024 * 1024;  ///< octets of a message
  std::chrono::seconds idle{300};                  ///< RFC 5321 4.5.3.2.7
};

}  // namespace mail::smtp
