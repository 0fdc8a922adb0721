#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <set>

namespace server {

/// Lets so many requests that wait for commits run at a time, so that workers are left for those that only read. A
/// connection that has to wait is parked, holds no worker, and is woken when its turn has come. Safe for use by many
/// threads.
class Gate {
 public:
  /// How connections are woken. Before anything else.
  void set_wake(std::function<void(std::uint64_t)> wake) { wake_ = std::move(wake); }

  /// True when it may go on: it has to leave(). Otherwise the connection is in the queue.
  bool enter(std::uint64_t connection, std::size_t most);

  /// For a connection of the queue that was woken: true when its turn has come; it has to leave().
  bool claim(std::uint64_t connection);

  void leave();

  /// For a connection of the queue that is gone.
  void cancel(std::uint64_t connection);

 private:
  std::mutex mutex_;
  std::function<void(std::uint64_t)> wake_;
  std::size_t inside_ = 0;  ///< with those whose turn has come
  std::deque<std::uint64_t> queue_;
  std::set<std::uint64_t> called_;
};

}  // namespace server
