#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <set>

namespace server {

/// Lets so many requests of one kind run at a time (those that wait for commits, those that compute passwords), so that
/// workers are left for the others. A connection that has to wait is parked, holds no worker, and is woken when its
/// turn has come. Safe for use by many threads.
class Gate {
 public:
  /// How connections are woken. Before anything else.
  void set_wake(std::function<void(std::uint64_t)> wake) { wake_ = std::move(wake); }

  enum class Entry {
    inside,  ///< it may go on, and has to leave()
    queued,  ///< the connection is in the queue
    full,    ///< it is not: `most_waiting` are in it
  };
  Entry enter(std::uint64_t connection, std::size_t most, std::size_t most_waiting);

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
