#include "server/loop_deadlines.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace server {

namespace {

constexpr std::int64_t step_milliseconds = 50;

std::int64_t milliseconds(Deadlines::Clock::time_point when) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
}

}  // namespace

// The steady clock of libstdc++ is CLOCK_MONOTONIC.
Deadlines::Deadlines() : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (timer_.get() < 0) throw std::runtime_error("cannot make a timer");
}

void Deadlines::arm(Step step) {
  itimerspec when{};
  const std::int64_t at = step * step_milliseconds;
  when.it_value.tv_sec = at / 1000;
  when.it_value.tv_nsec = at % 1000 * 1'000'000;
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void Deadlines::add(std::uint64_t id, Clock::time_point when) {
  const Step step = milliseconds(when) / step_milliseconds + 1;
  const std::lock_guard lock(mutex_);
  const bool earliest = steps_.empty() || step < steps_.begin()->first;
  steps_[step].push_back(id);
  if (earliest) arm(step);
}

std::vector<std::uint64_t> Deadlines::due(Clock::time_point now) {
  std::uint64_t times = 0;
  while (::read(timer_.get(), &times, sizeof times) < 0 && errno == EINTR) {
  }
  const Step step = milliseconds(now) / step_milliseconds;
  std::vector<std::uint64_t> ids;
  const std::lock_guard lock(mutex_);
  while (!steps_.empty() && steps_.begin()->first <= step) {
    const auto& front = steps_.begin()->second;
    ids.insert(ids.end(), front.begin(), front.end());
    steps_.erase(steps_.begin());
  }
  if (!steps_.empty()) arm(steps_.begin()->first);
  return ids;
}

}  // namespace server
