#include "storage/postgres_store.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "storage/blobs.h"
#include "storage/failure.h"
#include "storage/notices.h"
#include "storage/sql/migrate.h"
#include "storage/sql/postgres.h"
#include "storage/sql/postgres_notices.h"
#include "storage/sql/postgres_text.h"
#include "storage/sql/tidy.h"

namespace storage {

namespace {

using sql::PostgresConnection;

constexpr int most_attempts = 30;

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
    figures.writes = commits_;
    figures.retries = retries_;
    figures.queued = pool_.waiting_writers();
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
        connection->commit();
        return;
      } catch (...) {
        connection->roll_back();
        // Reading again does no harm.
        if (connection->usable() || attempt > 0) throw;
      }
      connection.renew();
    }
  }

  void do_write(const Job& job) override {
    std::vector<Notice> notices;
    {
      Pool::Lease connection(pool_, true);
      for (int attempt = 1; !write_once(connection, job, notices, attempt); ++attempt) {
        ++retries_;
        back_off(attempt);
      }
    }
    ++commits_;
    subscribers_.tell(notices);
    notices_->send(notices);
  }

 private:
  static std::string made(const std::string& directory) {
    make_directory(directory);
    return directory;
  }

  /// False where the transaction met another and has to be run again.
  bool write_once(Pool::Lease& connection, const Job& job, std::vector<Notice>& notices, int attempt) {
    bool committing = false;
    try {
      connection->begin(PostgresConnection::Mode::write);
      Transaction transaction(*connection, blobs_, true);
      job(transaction);
      committing = true;
      connection->commit();
      notices = std::move(transaction.notices());
      return true;
    } catch (...) {
      connection->roll_back();
      const bool lost = !connection->usable();
      // A commit whose answer got lost may have been done: it is not for us to do it twice.
      if ((lost && (committing || attempt > 1)) || (!lost && !connection->may_retry()) || attempt >= most_attempts) {
        throw;
      }
    }
    if (!connection->usable()) connection.renew();
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
  mutable Pool pool_;
  Subscribers subscribers_;
  std::unique_ptr<sql::PostgresNotices> notices_;
  std::mutex tidy_mutex_;
  sql::TidyState tidy_state_;
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> retries_ = 0;
};

}  // namespace

std::unique_ptr<Store> open_postgres_store(const StoreOptions& options) {
  return std::make_unique<PostgresStore>(options);
}

}  // namespace storage
