#include "server/jobs.h"

#include <exception>

#include "server/log.h"

namespace server {

namespace {

// At most this long at a time, so that a big clean-up never holds the writer for long.
constexpr std::chrono::milliseconds budget{500};

}  // namespace

Jobs::Jobs(storage::Store& store, std::chrono::seconds every)
    : store_(store), every_(every), thread_([this] { run(); }) {}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Jobs::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, every_, [this] { return stopping_; })) {
    lock.unlock();
    try {
      store_.tidy(budget);
    } catch (const std::exception& error) {
      log_error("tidy-failed", {{"reason", error.what()}});
    }
    lock.lock();
  }
}

}  // namespace server
