#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "storage/bounded_map.h"

namespace storage {

/// How long somebody who guesses passwords has to wait. Delays double with each failure. They are counted for an
/// account from an address, for an address whatever the account, and (shorter ones) for an account whatever the
/// address; the last two are not for those who have lately succeeded with this account from this address, so that a
/// stranger can't lock the owner out. Memory is bounded. For one thread at a time; the clock is the caller's.
class Throttle {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Throttle(int failures_before_delay, std::chrono::seconds longest_delay)
      : free_failures_(failures_before_delay), longest_delay_(longest_delay) {}

  void set_policy(int failures_before_delay, std::chrono::seconds longest_delay) {
    free_failures_ = failures_before_delay;
    longest_delay_ = longest_delay;
  }

  /// Zero if an attempt is allowed now.
  std::chrono::seconds wait(std::string_view account, std::string_view address, Time now);
  void failed(std::string_view account, std::string_view address, Time now);
  void succeeded(std::string_view account, std::string_view address, Time now);

 private:
  struct Failures {
    int count = 0;
    Time last;
  };
  struct Success {
    Time last;
  };

  std::chrono::seconds left(BoundedMap<Failures>& table, const std::string& key, int free_failures,
                            std::chrono::seconds longest, Time now);
  void count(BoundedMap<Failures>& table, const std::string& key, Time now);

  int free_failures_;
  std::chrono::seconds longest_delay_;
  BoundedMap<Failures> by_pair_{20'000};
  BoundedMap<Failures> by_address_{20'000};
  BoundedMap<Failures> by_account_{20'000};
  BoundedMap<Success> successes_{20'000};
};

/// What addresses are counted by: an IPv4 address, or the first 64 bits of an IPv6 address. Other text stays as it is.
std::string throttle_address(std::string_view address);

}  // namespace storage
