#include "storage/sql/sqlite.h"

#include <sqlite3.h>
#include <cerrno>
#include <climits>
#include <cstring>

#include "storage/failure.h"

namespace storage::sql {

namespace {

constexpr int busy_milliseconds = 20'000;

Trouble trouble_of(int code, int system_error) {
  if (system_error == ENOSPC || system_error == EDQUOT) return Trouble::full;
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Trouble::full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Trouble::corrupt;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Trouble::refused;
    default:
      return Trouble::unavailable;
  }
}

[[noreturn]] void fail(sqlite3* database, int code, const std::string& doing) {
  // system_errno is of the last failed call of the operating system, whenever that was; only I/O errors speak of it.
  const bool io = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  const int system_error = io && database ? sqlite3_system_errno(database) : 0;
  std::string what = doing + ": " + (database ? sqlite3_errmsg(database) : sqlite3_errstr(code));
  if (system_error != 0) what += std::string(" (") + std::strerror(system_error) + ")";
  if ((code & 0xff) == SQLITE_CONSTRAINT) throw ConstraintViolation(what);
  throw Failure(trouble_of(code, system_error), what);
}

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

}  // namespace

class SqliteConnection::SqliteStatement final : public Statement {
 public:
  SqliteStatement(sqlite3* database, const char* sql) : database_(database), sql_(sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    statement_.reset(statement);
    if (code != SQLITE_OK) fail(database, code, std::string("cannot prepare ") + sql);
    // To SQLite "$2" is a name, numbered by its first appearance; the positions are given back to it here.
    for (int position = 1; position <= sqlite3_bind_parameter_count(statement); ++position) {
      const int index = sqlite3_bind_parameter_index(statement, ("$" + std::to_string(position)).c_str());
      indexes_.push_back(index);
    }
  }

  Statement& bind(int position, std::int64_t value) override {
    return checked(sqlite3_bind_int64(statement_.get(), index(position), value));
  }
  Statement& bind(int position, std::string_view text) override {
    return checked(sqlite3_bind_text64(statement_.get(), index(position), text.data() ? text.data() : "", text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  Statement& bind_bytes(int position, std::string_view bytes) override {
    return checked(sqlite3_bind_blob64(statement_.get(), index(position), bytes.data() ? bytes.data() : "",
                                       bytes.size(), SQLITE_TRANSIENT));
  }
  Statement& bind_null(int position) override { return checked(sqlite3_bind_null(statement_.get(), index(position))); }

  bool step() override {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    fail(database_, sqlite3_extended_errcode(database_), sql_);
  }

  bool is_null(int column) const override { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_.get(), column); }
  std::string_view text(int column) const override {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return text ? std::string_view(text, size(column)) : std::string_view();
  }
  std::string_view bytes(int column) const override {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    return bytes ? std::string_view(bytes, size(column)) : std::string_view();
  }

  std::int64_t run() override {
    while (step()) {
    }
    return sqlite3_changes64(database_);
  }

  void reset() override {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
    in_use_ = false;
  }

  bool in_use() const { return in_use_; }
  void take() { in_use_ = true; }

 private:
  std::size_t size(int column) const {
    return static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  }
  int index(int position) const { return indexes_.at(static_cast<std::size_t>(position - 1)); }
  Statement& checked(int code) {
    if (code != SQLITE_OK) fail(database_, code, sql_);
    return *this;
  }

  sqlite3* database_;
  const char* sql_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  std::vector<int> indexes_;
  bool in_use_ = false;
};

void SqliteConnection::Closer::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

SqliteConnection::SqliteConnection(const std::string& path, const Options& options) {
  sqlite3* database = nullptr;
  // A reading connection opens the file for writing too: the first reader after a crash has to recover the WAL.
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (options.writing ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  database_.reset(database);
  if (code != SQLITE_OK) fail(database, code, "cannot open " + path);
  if (sqlite3_db_readonly(database, "main") == 1) {
    throw Failure(Trouble::unavailable, "cannot open " + path + " for writing: the file or its disk is read-only");
  }
  sqlite3_busy_timeout(database, busy_milliseconds);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = FULL");
  execute("PRAGMA foreign_keys = ON");
  execute("PRAGMA temp_store = MEMORY");
  execute("PRAGMA cache_size = -" + std::to_string(options.cache_kib));
  execute("PRAGMA journal_size_limit = 16777216");
  execute("PRAGMA wal_autocheckpoint = " + std::to_string(options.checkpoint_pages));
  if (!options.writing) execute("PRAGMA query_only = ON");
}

SqliteConnection::~SqliteConnection() = default;

Use SqliteConnection::prepare(const char* sql) {
  auto& prepared = statements_[sql];
  for (auto& statement : prepared) {
    if (!statement->in_use()) {
      statement->take();
      return Use(*statement);
    }
  }
  prepared.push_back(std::make_unique<SqliteStatement>(database_.get(), sql));
  prepared.back()->take();
  return Use(*prepared.back());
}

void SqliteConnection::execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(database_.get(), sqlite3_extended_errcode(database_.get()), sql);
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

void SqliteConnection::roll_back() noexcept {
  if (in_transaction()) sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

int SqliteConnection::checkpoint() {
  int pages = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
  if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED) {
    fail(database_.get(), code, "cannot copy the write-ahead log into the database");
  }
  return pages < 0 ? 0 : pages - copied;
}

}  // namespace storage::sql
