#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "server/loop_transport.h"

namespace server {

/// When to look at which connection again, in steps of 50 ms, on one timer descriptor. An entry is a hint: who is
/// looked at too early asks again. Safe for use by many threads.
class Deadlines {
 public:
  using Clock = std::chrono::steady_clock;

  Deadlines();

  int descriptor() const { return timer_.get(); }

  void add(std::uint64_t id, Clock::time_point when);

  /// Takes out those whose time has come, and sets the timer for the next.
  std::vector<std::uint64_t> due(Clock::time_point now);

 private:
  using Step = std::int64_t;
  void arm(Step step);

  Descriptor timer_;
  std::mutex mutex_;
  std::map<Step, std::vector<std::uint64_t>> steps_;
};

}  // namespace server
