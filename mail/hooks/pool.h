#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "mail/hooks/chain.h"

namespace mail::hooks {

/// The threads that hooks run on, so that nobody else waits for them: a session hands its message over, pauses its
/// connection and is woken when the message has passed. Safe for use by many threads.
class Pool {
 public:
  /// At most `most_waiting` messages wait for a thread.
  Pool(std::shared_ptr<const Chain> chain, std::size_t threads, std::size_t most_waiting);
  /// Waits for the hooks that run; what has not begun is deferred.
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// A message on its way through the hooks, shared by who waits for it and who works on it.
  class Ticket {
   public:
    /// Whether it has passed; only then may the rest be looked at.
    bool done() const;

    Passing passing;
    Passed passed;

   private:
    friend class Pool;
    mutable std::mutex mutex_;
    bool done_ = false;
    std::function<void()> wake_;
  };

  /// Begins; `wake` is called when it is done, from another thread or at once. Null where too many wait already: then
  /// the message is to be deferred. A message that no hook wants to see is done at once.
  std::shared_ptr<Ticket> start(Passing passing, std::function<void()> wake);

  /// The same for one who may wait.
  Passed pass(Passing& passing) const { return chain()->pass(passing); }

  /// The hooks for messages from now on.
  void set(std::shared_ptr<const Chain> chain);

  /// How many messages wait for a thread.
  std::size_t waiting() const;

 private:
  std::shared_ptr<const Chain> chain() const;
  void run();
  static void finish(Ticket& ticket, Passed passed);

  const std::size_t most_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::shared_ptr<const Chain> chain_;  ///< shared, because messages pass the old one while there is a new one
  std::deque<std::shared_ptr<Ticket>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace mail::hooks
