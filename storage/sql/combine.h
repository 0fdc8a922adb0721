#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "storage/store.h"

namespace storage::sql {

/// Group commit for a database with row locks. Writers below one home have to wait for each other's commit anyway; so
/// of the threads of this process one at a time leads for a home, and the others hand their writes to it, to be run in
/// its transaction. It is only about waiting: what keeps writers apart are the locks in the database.
class Combiner {
 public:
  using Job = std::function<void(Transaction&)>;

  enum class State {
    waiting,
    done,   ///< committed, or refused by what the job threw
    again,  ///< not run, or taken back: its thread has to try again
    alone,  ///< it needs another home too: its thread has to run it in a transaction of its own
  };

  struct Task {
    const Job* job = nullptr;
    State state = State::waiting;
    std::exception_ptr error;
    std::vector<Notice> notices;
    std::condition_variable ready;
  };

  /// True if the caller leads for this home from now on, until `next` returns null or `close`.
  bool claim(Id home);

  /// Hands the task to the leader and waits; State::again at once where there is no leader any more. Throws
  /// std::logic_error where the leader is the caller: a write within a write.
  State follow(Id home, Task& task);

  /// The next task for the leader; null where there is none, and then the leader leads no more.
  Task* next(Id home);

  /// The leader takes no more; those who wait try again.
  void close(Id home);

  /// Lets go the threads whose tasks a leader has run.
  void finish(const std::vector<Task*>& tasks, State state, const std::exception_ptr& error = nullptr);

  /// How many tasks wait for a leader to take them.
  std::uint64_t waiting() const;

 private:
  struct Leader {
    std::thread::id thread;
    std::deque<Task*> waiting;
  };

  mutable std::mutex mutex_;
  std::unordered_map<Id, Leader> leaders_;  // by home
};

}  // namespace storage::sql
