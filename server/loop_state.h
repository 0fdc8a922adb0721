#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server/loop.h"
#include "server/loop_connection.h"
#include "server/loop_deadlines.h"

namespace server {

// Ids of what the epoll waits for and isn't a connection, by which also Deadlines knows them.
constexpr std::uint64_t posted_id = 0;
constexpr std::uint64_t timer_id = 1;
constexpr std::uint64_t stop_id = 2;
constexpr std::uint64_t first_listener_id = 16;
constexpr std::uint64_t first_connection_id = 4096;

/// The open connections by id, in shards so that workers don't meet.
class ConnectionTable {
 public:
  void insert(std::shared_ptr<Connection> connection);
  std::shared_ptr<Connection> find(std::uint64_t id) const;
  void erase(std::uint64_t id);
  std::vector<std::uint64_t> ids() const;

 private:
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections;
  };
  Shard& shard(std::uint64_t id) { return shards_[id % shards_.size()]; }
  const Shard& shard(std::uint64_t id) const { return shards_[id % shards_.size()]; }
  std::array<Shard, 32> shards_;
};

/// How many connections each client has.
class AddressCounts {
 public:
  bool add(const Address& address, std::size_t most);  ///< false, and nothing counted, when there are `most`
  void remove(const Address& address);

 private:
  std::mutex mutex_;
  std::map<std::array<std::uint8_t, 16>, std::size_t> counts_;
};

struct Loop::State {
  State(unsigned workers, LoopLimits limits, std::function<void(const std::string&)> log);

  std::shared_ptr<const LoopLimits> limits() const;
  void say(const std::string& what);  ///< to the log, at most once a second
  void post(std::uint64_t id, Connection::Reason reason);
  void gone(std::uint64_t id);
  std::uint16_t listen(Listener listener);
  void stop_listening();
  void stop_workers();
  bool watch_listener(std::size_t index);

  /// Adds (or changes) what the epoll waits for.
  void watch(int operation, int descriptor, std::uint32_t events, std::uint64_t id);

  void work();
  void dispatch(std::uint64_t id, Buffers& buffers);
  void accept(std::size_t index, Buffers& buffers);
  bool accept_one(std::size_t index, Buffers& buffers);
  void take(const std::shared_ptr<const Listener>& listener, Descriptor socket, Peer peer, Buffers& buffers);
  void run_posted(Buffers& buffers);
  bool shed_one(int listening);
  void rest(std::size_t index);
  void resume(std::size_t index);

  struct Open {
    std::shared_ptr<const Listener> listener;
    Descriptor socket;
    std::uint16_t port = 0;
    bool resting = false;  ///< not watched for a while: see rest()
  };

  unsigned workers;
  std::function<void(const std::string&)> log;
  Descriptor epoll;
  Descriptor posted_event;
  Descriptor stop_event;
  Deadlines deadlines;
  ConnectionTable table;
  AddressCounts addresses;
  LoopMetrics metrics;
  std::vector<Open> listeners;  // fixed once started, but for `resting`, which `mutex` guards
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> next_id;
  std::atomic<bool> draining{false};
  std::atomic<bool> stopping{false};

  mutable std::mutex mutex;  // what follows
  std::shared_ptr<const LoopLimits> current_limits;
  std::vector<std::pair<std::uint64_t, Connection::Reason>> posted;
  Descriptor reserve;  ///< given up for a moment to refuse a connection when descriptors are out
  std::chrono::steady_clock::time_point last_said{};
  std::condition_variable all_gone;
};

}  // namespace server
