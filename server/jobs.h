#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "storage/store.h"

namespace server {

/// The housekeeping: a thread that has the store tidied now and then.
class Jobs {
 public:
  /// `more` is done at the start and after each tidying; it ends early when what it is given returns false.
  using More = std::function<void(const std::function<bool()>& go_on)>;
  Jobs(storage::Store& store, std::chrono::seconds every, More more);
  /// Ends the thread; waits for a tidying that is under way.
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

 private:
  void run();
  void guarded(const char* event, const std::function<void()>& job) const;

  storage::Store& store_;
  std::chrono::seconds every_;
  More more_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
