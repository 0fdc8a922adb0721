#include "server/jobs.h"

#include <exception>
#include <utility>

#include "server/log.h"

namespace server {

namespace {

// At most this long at a time, so that a big clean-up never holds the writer for long.
constexpr std::chrono::milliseconds budget{500};

}  // namespace

Jobs::Jobs(storage::Store& store, std::chrono::seconds every, More more)
    : store_(store), every_(every), more_(std::move(more)), thread_([this] { run(); }) {}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Jobs::guarded(const char* event, const std::function<void()>& job) const {
  try {
    job();
  } catch (const std::exception& error) {
    log_error(event, {{"reason", error.what()}});
  }
}

void Jobs::run() {
  const auto go_on = [this] {
    const std::lock_guard lock(mutex_);
    return !stopping_;
  };
  guarded("job-failed", [&] { more_(go_on); });
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, every_, [this] { return stopping_; })) {
    lock.unlock();
    guarded("tidy-failed", [&] { store_.tidy(budget); });
    guarded("job-failed", [&] { more_(go_on); });
    lock.lock();
  }
}

}  // namespace server
