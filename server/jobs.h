#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "storage/store.h"

namespace server {

/// The housekeeping: a thread that has the store tidied now and then.
class Jobs {
 public:
  Jobs(storage::Store& store, std::chrono::seconds every);
  /// Ends the thread; waits for a tidying that is under way.
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

 private:
  void run();

  storage::Store& store_;
  std::chrono::seconds every_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
