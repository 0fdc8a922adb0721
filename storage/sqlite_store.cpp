#include "storage/sqlite_store.h"

#include <condition_variable>
#include <mutex>

#include "storage/blobs.h"
#include "storage/failure.h"
#include "storage/notices.h"
#include "storage/sql/group_commit.h"
#include "storage/sql/migrate.h"
#include "storage/sql/sqlite.h"
#include "storage/sql/tidy.h"

namespace storage {

namespace {

constexpr int writer_cache_kib = 8 * 1024;
constexpr int reader_cache_kib = 1024;
// 16 MiB of WAL: the housekeeping normally comes sooner.
constexpr int checkpoint_pages = 4096;

std::string as_it_is(std::string_view sql) { return std::string(sql); }

constexpr const char* begin_read = "BEGIN";
constexpr const char* end_read = "COMMIT";

/// Connections for reading, made as they are needed and kept; at most `limit` at a time, if that isn't 0.
class Readers {
 public:
  Readers(std::string path, int limit) : path_(std::move(path)), limit_(limit) {}

  std::unique_ptr<sql::SqliteConnection> take() {
    {
      std::unique_lock lock(mutex_);
      free_.wait(lock, [&] { return limit_ <= 0 || used_ < limit_; });
      ++used_;
      if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
      }
    }
    try {
      return std::make_unique<sql::SqliteConnection>(path_,
                                                     sql::SqliteConnection::Options{.cache_kib = reader_cache_kib});
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  }

  void give_back(std::unique_ptr<sql::SqliteConnection> connection) {
    const std::lock_guard lock(mutex_);
    if (connection) idle_.push_back(std::move(connection));
    --used_;
    free_.notify_one();
  }

 private:
  const std::string path_;
  const int limit_;
  int used_ = 0;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<sql::SqliteConnection>> idle_;
};

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(const StoreOptions& options)
      : options_(options),
        spool_directory_(made(options.directory + "/spool")),
        blobs_(options.directory + "/blobs"),
        writer_(options.directory + "/pileus.db",
                {.writing = true, .cache_kib = writer_cache_kib, .checkpoint_pages = checkpoint_pages}),
        group_(writer_, blobs_, options.batch_jobs),
        readers_(options.directory + "/pileus.db", options.read_connections) {
    if (!sql::is_current(writer_)) prepare_schema();
  }

  StagedBlob stage(Spool content) override { return blobs_.stage(std::move(content)); }

  std::shared_ptr<void> subscribe(Notify notify) override { return subscribers_.add(std::move(notify)); }

  void tidy(std::chrono::milliseconds budget) override {
    const std::lock_guard lock(tidy_mutex_);
    sql::tidy(*this, blobs_, options_, tidy_state_, budget);
    group_.alone([](sql::SqliteConnection& connection) { connection.checkpoint(); });
  }

  StoreFigures figures() const override {
    StoreFigures figures;
    figures.commits = group_.commits();
    figures.writes = group_.writes();
    figures.queued = group_.queued();
    return figures;
  }

  const std::string& spool_directory() const override { return spool_directory_; }

 protected:
  void do_read(const Job& job) override {
    auto connection = readers_.take();
    try {
      connection->prepare(begin_read)->run();
      {
        Transaction transaction(*connection, blobs_, false);
        job(transaction);
      }
      connection->prepare(end_read)->run();
    } catch (const Failure&) {
      // A connection in trouble is not used again.
      readers_.give_back(nullptr);
      throw;
    } catch (...) {
      connection->roll_back();
      readers_.give_back(std::move(connection));
      throw;
    }
    readers_.give_back(std::move(connection));
  }

  void do_write(const Job& job, std::string_view) override { subscribers_.tell(group_.run(job)); }

 private:
  static std::string made(const std::string& directory) {
    make_directory(directory);
    return directory;
  }

  void prepare_schema() {
    writer_.execute("BEGIN IMMEDIATE");
    try {
      if (sql::migrate(writer_, as_it_is)) Transaction(writer_, blobs_, true).new_epoch();
      writer_.execute("COMMIT");
    } catch (...) {
      writer_.roll_back();
      throw;
    }
  }

  const StoreOptions options_;
  const std::string spool_directory_;
  const BlobFiles blobs_;
  sql::SqliteConnection writer_;
  sql::GroupCommit group_;
  Readers readers_;
  Subscribers subscribers_;
  std::mutex tidy_mutex_;
  sql::TidyState tidy_state_;
};

}  // namespace

std::unique_ptr<Store> open_sqlite_store(const StoreOptions& options) { return std::make_unique<SqliteStore>(options); }

}  // namespace storage
