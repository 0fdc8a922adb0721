#include "storage/postgres_store.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "storage/blobs.h"
#include "storage/bounded_map.h"
#include "storage/failure.h"
#include "storage/notices.h"
#include "storage/sql/combine.h"
#include "storage/sql/migrate.h"
#include "storage/sql/postgres.h"
#include "storage/sql/postgres_notices.h"
#include "storage/sql/postgres_text.h"
#include "storage/sql/tidy.h"

namespace storage {

namespace {

using sql::PostgresConnection;

constexpr int most_attempts = 30;
// More than 64 subtransactions make PostgreSQL's snapshots slow.
constexpr std::size_t most_followers = 60;
constexpr std::chrono::milliseconds longest_batch{50};

/// A bounded number of connections. Writers, who may wait for each other, never take the last ones from the readers.
class Pool {
 public:
  Pool(std::string connection_string, int size)
      : connection_string_(std::move(connection_string)),
        size_(std::max(size, 2)),
        most_writers_(std::max(1, size_ - std::max(1, size_ / 4))) {}

  /// A connection, given back at the end unless it is lost.
  class Lease {
   public:
    Lease(Pool& pool, bool writing) : pool_(pool), writing_(writing), connection_(pool.take(writing)) {}
    ~Lease() { pool_.give_back(std::move(connection_), writing_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    PostgresConnection& operator*() const { return *connection_; }
    PostgresConnection* operator->() const { return connection_.get(); }

    /// A fresh connection in place of a lost one.
    void renew() {
      connection_.reset();
      connection_ = std::make_unique<PostgresConnection>(pool_.connection_string_);
    }

   private:
    Pool& pool_;
    const bool writing_;
    std::unique_ptr<PostgresConnection> connection_;
  };

  std::uint64_t waiting_writers() const {
    const std::lock_guard lock(mutex_);
    return waiting_writers_;
  }

 private:
  std::unique_ptr<PostgresConnection> take(bool writing) {
    {
      std::unique_lock lock(mutex_);
      if (writing) ++waiting_writers_;
      free_.wait(lock, [&] { return used_ < size_ && (!writing || writers_ < most_writers_); });
      ++used_;
      if (writing) {
        --waiting_writers_;
        ++writers_;
      }
      if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
    }
    try {
      return std::make_unique<PostgresConnection>(connection_string_);
    } catch (...) {
      give_back(nullptr, writing);
      throw;
    }
  }

  void give_back(std::unique_ptr<PostgresConnection> connection, bool writing) {
    const std::lock_guard lock(mutex_);
    if (connection && connection->usable()) idle_.push_back(std::move(connection));
    --used_;
    if (writing) --writers_;
    free_.notify_all();
  }

  const std::string connection_string_;
  const int size_;
  const int most_writers_;
  mutable std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
  int used_ = 0;
  int writers_ = 0;
  std::uint64_t waiting_writers_ = 0;
};

/// Which home the writes with a hint have wanted last.
class HomesMet {
 public:
  Id find(std::string_view around) {
    if (around.empty()) return 0;
    const std::lock_guard lock(mutex_);
    const Id* home = homes_.find(std::string(around));
    return home != nullptr ? *home : 0;
  }

  void learn(std::string_view around, Id home) {
    if (around.empty()) return;
    const std::lock_guard lock(mutex_);
    homes_[std::string(around)] = home;
  }

 private:
  std::mutex mutex_;
  BoundedMap<Id> homes_{10'000};
};

void back_off(int attempt) {
  static thread_local std::minstd_rand random(std::random_device{}());
  std::this_thread::sleep_for(std::chrono::milliseconds(random() % static_cast<unsigned>(2 + 2 * attempt)));
}

class PostgresStore final : public Store {
 public:
  explicit PostgresStore(const StoreOptions& options)
      : options_(options),
        spool_directory_(made(options.directory + "/spool")),
        blobs_(options.directory + "/blobs"),
        pool_(options.postgres, options.pool) {
    prepare_schema();
    notices_ = std::make_unique<sql::PostgresNotices>(options.postgres, subscribers_);
  }

  StagedBlob stage(Spool content) override { return blobs_.stage(std::move(content)); }

  std::shared_ptr<void> subscribe(Notify notify) override { return subscribers_.add(std::move(notify)); }

  void tidy(std::chrono::milliseconds budget) override {
    const std::lock_guard lock(tidy_mutex_);
    sql::tidy(*this, blobs_, options_, tidy_state_, budget);
  }

  StoreFigures figures() const override {
    StoreFigures figures;
    figures.commits = commits_;
    figures.writes = writes_;
    figures.retries = retries_;
    figures.queued = pool_.waiting_writers() + combiner_.waiting();
    return figures;
  }

  const std::string& spool_directory() const override { return spool_directory_; }

 protected:
  void do_read(const Job& job) override {
    Pool::Lease connection(pool_, false);
    for (int attempt = 0;; ++attempt) {
      try {
        connection->begin(PostgresConnection::Mode::snapshot);
        Transaction transaction(*connection, blobs_, false);
        job(transaction);
        connection->end_snapshot();
        return;
      } catch (...) {
        connection->roll_back();
        // Reading again does no harm.
        if (connection->usable() || attempt > 0) throw;
      }
      connection.renew();
    }
  }

  void do_write(const Job& job, std::string_view around) override {
    sql::Combiner::Task task;
    task.job = &job;
    bool combining = true;
    if (const Id home = homes_.find(around)) combining = combiner_.follow(home, task) != State::alone;
    for (int attempt = 1; task.state != State::done;) {
      const Id elsewhere = lead(task, around, combining, attempt);
      if (elsewhere != 0) {
        combining = combiner_.follow(elsewhere, task) != State::alone;
      } else if (task.state != State::done) {
        ++attempt;
        ++retries_;
        back_off(attempt);
      }
    }
    if (task.error) std::rethrow_exception(task.error);
    subscribers_.tell(task.notices);
    notices_->send(task.notices);
  }

 private:
  static std::string made(const std::string& directory) {
    make_directory(directory);
    return directory;
  }

  using State = sql::Combiner::State;

  /// Runs the task in a transaction, and after it those that other threads hand over meanwhile. Returns the home whose
  /// leader has to be followed instead, or 0; the task is done, or has to be run again.
  Id lead(sql::Combiner::Task& task, std::string_view around, bool combining, int attempt) {
    Pool::Lease connection(pool_, true);
    Id home = 0;
    std::vector<sql::Combiner::Task*> followers;
    bool job_done = false;
    bool committing = false;
    try {
      connection->begin(PostgresConnection::Mode::write, [&](Id wanted) {
        if (!combining) return true;
        homes_.learn(around, wanted);
        if (!combiner_.claim(wanted)) return false;
        home = wanted;
        return true;
      });
      run_job(*connection, task);
      job_done = true;
      if (home != 0) run_followers(*connection, home, followers);
      home = 0;
      committing = true;
      connection->commit();
    } catch (...) {
      connection->roll_back();
      if (home != 0) combiner_.close(home);
      if (!job_done && connection->elsewhere() != 0) return connection->elsewhere();
      const bool again = may_try_again(*connection, committing, attempt);
      combiner_.finish(followers, again ? State::again : State::done, again ? nullptr : as_failure());
      if (!again) throw;
      if (!connection->usable()) connection.renew();
      return 0;
    }
    ++commits_;
    writes_ += 1 + followers.size();
    task.state = State::done;
    combiner_.finish(followers, State::done);
    return 0;
  }

  void run_job(PostgresConnection& connection, sql::Combiner::Task& task) {
    Transaction transaction(connection, blobs_, true);
    (*task.job)(transaction);
    // Whatever the job has made of that failure.
    if (connection.elsewhere() != 0) throw Failure(Trouble::conflict, "the job went on without its home");
    task.notices = std::move(transaction.notices());
  }

  static bool may_try_again(const PostgresConnection& connection, bool committing, int attempt) {
    if (attempt >= most_attempts) return false;
    // A commit whose answer got lost may have been done: it is not for us to do it twice.
    return connection.usable() ? connection.may_retry() : !committing && attempt == 1;
  }

  /// What is being thrown, for others to throw.
  static std::exception_ptr as_failure() {
    try {
      throw;
    } catch (const Failure& failure) {
      return std::make_exception_ptr(Failure(failure.trouble(), failure.what()));
    } catch (const std::exception& error) {
      return std::make_exception_ptr(Failure(Trouble::unavailable, error.what()));
    }
  }

  /// Throws only where the whole transaction is lost.
  void run_followers(PostgresConnection& connection, Id home, std::vector<sql::Combiner::Task*>& followers) {
    const auto start = std::chrono::steady_clock::now();
    while (sql::Combiner::Task* task = combiner_.next(home)) {
      followers.push_back(task);
      if (!run_follower(connection, *task)) followers.pop_back();
      if (followers.size() >= most_followers || std::chrono::steady_clock::now() - start > longest_batch) {
        combiner_.close(home);
      }
    }
  }

  /// False where the task has been sent back to its thread: it is gone then.
  bool run_follower(PostgresConnection& connection, sql::Combiner::Task& task) {
    connection.begin_job();
    std::exception_ptr error;
    try {
      run_job(connection, task);
      connection.end_job();
      return true;
    } catch (...) {
      if (!connection.usable()) throw;
      error = std::current_exception();
    }
    connection.take_back_job();
    if (connection.elsewhere() != 0) {
      combiner_.finish({&task}, State::alone);
    } else if (connection.may_retry()) {
      combiner_.finish({&task}, State::again);
    } else {
      // Given away whole: the exception lives and dies in the task's thread.
      task.error = std::move(error);
      combiner_.finish({&task}, State::done);
    }
    return false;
  }

  void prepare_schema() {
    Pool::Lease connection(pool_, true);
    if (sql::is_current(*connection)) return;
    connection->begin(PostgresConnection::Mode::write);
    try {
      // One node at a time; the number is arbitrary.
      connection->execute("SELECT pg_advisory_xact_lock(7446310)");
      if (sql::migrate(*connection, sql::to_postgres_schema)) Transaction(*connection, blobs_, true).new_epoch();
      connection->commit();
    } catch (...) {
      connection->roll_back();
      throw;
    }
  }

  const StoreOptions options_;
  const std::string spool_directory_;
  const BlobFiles blobs_;
  Pool pool_;
  sql::Combiner combiner_;
  HomesMet homes_;
  Subscribers subscribers_;
  std::unique_ptr<sql::PostgresNotices> notices_;
  std::mutex tidy_mutex_;
  sql::TidyState tidy_state_;
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> writes_ = 0;
  std::atomic<std::uint64_t> retries_ = 0;
};

}  // namespace

std::unique_ptr<Store> open_postgres_store(const StoreOptions& options) {
  return std::make_unique<PostgresStore>(options);
}

}  // namespace storage
