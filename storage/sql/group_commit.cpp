#include "storage/sql/group_commit.h"

#include <chrono>

#include "storage/failure.h"

namespace storage::sql {

namespace {

// A batch that has run so long takes no more jobs, so that the first of it doesn't wait for ever.
constexpr std::chrono::milliseconds longest_batch{30};

constexpr const char* begin = "BEGIN IMMEDIATE";
constexpr const char* savepoint = "SAVEPOINT job";
constexpr const char* release = "RELEASE job";
constexpr const char* roll_back_to = "ROLLBACK TO job";

// A copy for each thread that will throw it: what() of one exception object is not for several threads.
std::exception_ptr own_copy(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Failure& failure) {
    return std::make_exception_ptr(Failure(failure.trouble(), failure.what()));
  } catch (const std::exception& other) {
    return std::make_exception_ptr(Failure(Trouble::unavailable, other.what()));
  } catch (...) {
    return std::make_exception_ptr(Failure(Trouble::unavailable, "the batch failed"));
  }
}

}  // namespace

GroupCommit::GroupCommit(SqliteConnection& connection, const BlobFiles& blobs, int batch_jobs)
    : connection_(connection), blobs_(blobs), batch_jobs_(static_cast<std::size_t>(std::max(batch_jobs, 1))) {}

std::vector<Notice> GroupCommit::run(const Job& job) {
  Task task;
  task.job = &job;
  std::unique_lock lock(mutex_);
  await_turn(lock, task);
  if (!task.done) {
    run_batch(lock);
    pass_on();
  }
  lock.unlock();
  if (task.error) std::rethrow_exception(task.error);
  return std::move(task.notices);
}

void GroupCommit::alone(const std::function<void(SqliteConnection&)>& use) {
  Task task;
  std::unique_lock lock(mutex_);
  await_turn(lock, task);
  queue_.pop_front();
  lock.unlock();
  std::exception_ptr error;
  try {
    use(connection_);
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  pass_on();
  lock.unlock();
  if (error) std::rethrow_exception(error);
}

// Returns when another has done the task, or when this thread leads.
void GroupCommit::await_turn(std::unique_lock<std::mutex>& lock, Task& task) {
  if (leader_ == std::this_thread::get_id()) throw std::logic_error("a write within a write");
  queue_.push_back(&task);
  task.ready.wait(lock, [&] { return task.done || (leader_ == std::thread::id() && queue_.front() == &task); });
  if (!task.done) leader_ = std::this_thread::get_id();
}

void GroupCommit::pass_on() {
  leader_ = {};
  if (!queue_.empty()) queue_.front()->ready.notify_one();
}

void GroupCommit::run_batch(std::unique_lock<std::mutex>& lock) {
  std::vector<Task*> batch;
  std::exception_ptr failure;
  const auto start = std::chrono::steady_clock::now();
  // Takes the next job; the leader's own is the first. `alone` has to be a leader itself.
  const auto take = [&] {
    if (queue_.empty() || !queue_.front()->job || batch.size() == batch_jobs_) return false;
    if (!batch.empty() && std::chrono::steady_clock::now() - start > longest_batch) return false;
    batch.push_back(queue_.front());
    queue_.pop_front();
    return true;
  };

  take();
  lock.unlock();
  try {
    connection_.prepare(begin)->run();
    Guard guard = Guard::none;
    for (bool more = true; more;) {
      guard = run_next(batch, guard);
      lock.lock();
      more = take();
      lock.unlock();
    }
    connection_.commit();
    ++commits_;
    writes_ += batch.size();
  } catch (...) {
    failure = std::current_exception();
    connection_.roll_back();
  }
  lock.lock();
  if (failure) fail_all(batch, failure);
  for (Task* each : batch) {
    each->done = true;
    each->ready.notify_one();
  }
}

// Runs the last job of the batch; returns how the next one is to be guarded. A savepoint costs a copy of every page
// that is changed after it, and few jobs fail after they have changed something. So there is none until one does; then
// the transaction is taken back, and the jobs before it are run once more.
GroupCommit::Guard GroupCommit::run_next(const std::vector<Task*>& batch, Guard guard) {
  if (run_job(*batch.back(), guard)) return guard;
  connection_.roll_back();
  connection_.prepare(begin)->run();
  if (batch.size() == 1) return guard;
  for (auto task = batch.begin(); task + 1 != batch.end(); ++task) {
    if (!(*task)->error) run_job(**task, Guard::savepoint);
  }
  return Guard::savepoint;
}

// False where the job has failed and the whole transaction has to be taken back for it. Throws only where the whole
// batch is lost.
bool GroupCommit::run_job(Task& task, Guard guard) {
  if (guard == Guard::savepoint) connection_.prepare(savepoint)->run();
  const std::int64_t changes = connection_.changes();
  try {
    Transaction transaction(connection_, blobs_, true);
    (*task.job)(transaction);
    task.notices = std::move(transaction.notices());
  } catch (...) {
    // On some errors (a full disk) SQLite takes the whole transaction back by itself.
    if (!connection_.in_transaction()) throw;
    task.error = std::current_exception();
    if (guard == Guard::none) return connection_.changes() == changes;
    connection_.prepare(roll_back_to)->run();
  }
  if (guard == Guard::savepoint) connection_.prepare(release)->run();
  return true;
}

void GroupCommit::fail_all(std::vector<Task*>& batch, const std::exception_ptr& error) {
  for (Task* task : batch) {
    if (!task->error) task->error = own_copy(error);
    task->notices.clear();
  }
}

std::uint64_t GroupCommit::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

}  // namespace storage::sql
