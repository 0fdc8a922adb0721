#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/sql/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace storage::sql {

/// One connection to an SQLite database, with its prepared statements. For one thread at a time.
class SqliteConnection final : public Connection {
 public:
  struct Options {
    bool writing = false;
    int cache_kib = 1024;
    int checkpoint_pages = 0;  ///< the backstop: a commit that finds the WAL longer copies it into the database
  };

  /// Opens the database, making it if there is none and `writing` is set. Throws Failure.
  SqliteConnection(const std::string& path, const Options& options);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  Use prepare(const char* sql) override;
  void execute(const std::string& sql) override;
  Dialect dialect() const override { return Dialect::sqlite; }
  void hold(std::int64_t) override {}

  /// False also after an error that made SQLite end the transaction by itself.
  bool in_transaction() const;

  /// How many rows have been changed since it was opened; a change that was taken back counts too.
  std::int64_t changes() const;

  void commit();

  /// Ends the transaction, if there is one, taking everything back. Never throws.
  void roll_back() noexcept;

  /// Copies as much of the WAL into the database as no reader still needs; never waits. Returns how many pages are
  /// left.
  int checkpoint();

 private:
  class SqliteStatement;
  struct Closer {
    void operator()(sqlite3* database) const;
  };

  std::unique_ptr<sqlite3, Closer> database_;
  /// By the address of the SQL constant. More than one where a statement was in use when it was asked for again.
  std::unordered_map<const char*, std::vector<std::unique_ptr<SqliteStatement>>> statements_;
};

}  // namespace storage::sql
