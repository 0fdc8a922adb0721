#pragma once

#include <chrono>
#include <cstdint>

namespace mail::sieve {

struct Settings {
  std::uint64_t most_script = 1024 * 1024;  ///< octets of a script
  std::int64_t most_scripts = 32;           ///< of one account
  std::chrono::seconds idle{1800};          ///< a ManageSieve session that says nothing for so long is ended
};

}  // namespace mail::sieve
