#include "server/http_gate.h"

#include <algorithm>

namespace server {

Gate::Entry Gate::enter(std::uint64_t connection, std::size_t most, std::size_t most_waiting) {
  const std::lock_guard lock(mutex_);
  if (inside_ < most || !wake_) {
    ++inside_;
    return Entry::inside;
  }
  if (queue_.size() >= most_waiting) return Entry::full;
  queue_.push_back(connection);
  return Entry::queued;
}

bool Gate::claim(std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  return called_.erase(connection) > 0;
}

void Gate::leave() {
  std::uint64_t next = 0;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) {
      --inside_;
      return;
    }
    // The place is handed on, so that nobody comes in between.
    next = queue_.front();
    queue_.pop_front();
    called_.insert(next);
  }
  wake_(next);
}

void Gate::cancel(std::uint64_t connection) {
  {
    const std::lock_guard lock(mutex_);
    if (called_.erase(connection) == 0) {
      std::erase(queue_, connection);
      return;
    }
  }
  leave();
}

}  // namespace server
