#pragma once

#include <chrono>
#include <cstdint>

namespace mail::imap {

struct Settings {
  std::uint64_t most_message = 150 * 1024 * 1024;  ///< octets of a message in APPEND
  std::uint64_t most_literal = 256 * 1024;         ///< octets of all other literals of a command
  std::chrono::seconds idle{1800};                 ///< a session that says nothing for so long is ended. RFC 9051 5.4
};

}  // namespace mail::imap
