#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/sql/sqlite.h"
#include "storage/store.h"

namespace storage::sql {

/// Lets many threads write through one SQLite connection with few commits. A write waits in a queue; the thread at its
/// front runs what is there, commits once, and only then lets the others go. While a commit waits for the disk the next
/// batch gathers, so nobody ever waits for a batch to fill.
class GroupCommit {
 public:
  using Job = std::function<void(Transaction&)>;

  GroupCommit(SqliteConnection& connection, const BlobFiles& blobs, int batch_jobs);

  /// Runs the job, perhaps more than once, and returns its notices once it is on the disk. What the job throws takes
  /// back its own changes only; a commit that fails is thrown to all whose changes it held. Must not be called from
  /// within a job.
  std::vector<Notice> run(const Job& job);

  /// Runs `use` on the connection while no batch runs.
  void alone(const std::function<void(SqliteConnection&)>& use);

  std::uint64_t commits() const { return commits_; }
  std::uint64_t writes() const { return writes_; }
  std::uint64_t queued() const;

 private:
  struct Task {
    const Job* job = nullptr;  ///< nothing for `alone`, which only takes its turn
    std::condition_variable ready;
    bool done = false;
    std::exception_ptr error;
    std::vector<Notice> notices;
  };

  void await_turn(std::unique_lock<std::mutex>& lock, Task& task);
  void pass_on();
  void run_batch(std::unique_lock<std::mutex>& lock);
  /// How the changes of one job can be taken back.
  enum class Guard {
    none,  ///< only with those of the jobs before it
    savepoint,
  };

  Guard run_next(const std::vector<Task*>& batch, Guard guard);
  bool run_job(Task& task, Guard guard);
  void fail_all(std::vector<Task*>& batch, const std::exception_ptr& error);

  SqliteConnection& connection_;
  const BlobFiles& blobs_;
  const std::size_t batch_jobs_;

  mutable std::mutex mutex_;
  std::deque<Task*> queue_;
  std::thread::id leader_;

  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> writes_ = 0;
};

}  // namespace storage::sql
