#include "storage/sql/sqlite.h"

#include <sqlite3.h>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>

#include "storage/failure.h"
#include "storage/sql/sqlite_wal.h"

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

/// Before its first use. Without statistics, memory is allocated without a lock that all threads share.
void configure_library() {
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once);
}

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// SQLite keeps what RETURNING gives in a table made for each run, and copies every page that such a statement changes.
/// Where it is of one row that can be named, running `change` without it and then `rows` tells the same for less.
struct Split {
  std::string change;
  std::string rows;  ///< may use $1
};

std::optional<Split> split_returning(std::string_view sql) {
  const std::size_t end = sql.find(" RETURNING ");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view change = sql.substr(0, end);
  const std::string select =
      "SELECT " + std::string(sql.substr(end + std::string_view(" RETURNING ").size())) + " FROM ";
  const auto word_after = [&](std::string_view start) {
    return std::string(sql.substr(start.size(), sql.find(' ', start.size()) - start.size()));
  };
  if (sql.starts_with("UPDATE ") && change.ends_with(" WHERE id = $1")) {
    return Split{std::string(change), select + word_after("UPDATE ") + " WHERE id = $1"};
  }
  if (!sql.starts_with("INSERT INTO ") || change.find(" VALUES ($1, ") == std::string_view::npos) return std::nullopt;
  const std::string table = word_after("INSERT INTO ");
  const std::string first = word_after("INSERT INTO " + table + " (");  // with its comma
  const std::string_view key = std::string_view(first).substr(0, first.size() - 1);
  if (change.find(" ON CONFLICT ") == std::string_view::npos) {
    return Split{std::string(change), select + table + " WHERE rowid = last_insert_rowid()"};
  }
  if (change.find(" ON CONFLICT (" + std::string(key) + ") DO UPDATE ") == std::string_view::npos) return std::nullopt;
  return Split{std::string(change), select + table + " WHERE " + std::string(key) + " = $1"};
}

/// Of two that turn a new file to WAL at the same time, one is told that it is locked, and the busy handler isn't
/// asked.
void use_wal(sqlite3* database) {
  constexpr int pause_milliseconds = 10;
  for (int left = busy_milliseconds / pause_milliseconds;; --left) {
    const int code = sqlite3_exec(database, "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return;
    if ((code & 0xff) != SQLITE_BUSY || left == 0) fail(database, code, "PRAGMA journal_mode = WAL");
    sqlite3_sleep(pause_milliseconds);
  }
}

}  // namespace

class SqliteConnection::SqliteStatement final : public Statement {
 public:
  SqliteStatement(sqlite3* database, const char* sql) : database_(database), sql_(sql) {
    const auto split = split_returning(sql);
    statement_ = compile(split ? split->change : sql);
    if (split) rows_ = compile(split->rows);
    // To SQLite "$2" is a name, numbered by its first appearance; the positions are given back to it here.
    for (int position = 1; position <= sqlite3_bind_parameter_count(statement_.get()); ++position) {
      const int index = sqlite3_bind_parameter_index(statement_.get(), ("$" + std::to_string(position)).c_str());
      indexes_.push_back(index);
    }
  }

  Statement& bind(int position, std::int64_t value) override {
    return bound(position, [&](sqlite3_stmt* to, int index) { return sqlite3_bind_int64(to, index, value); });
  }
  Statement& bind(int position, std::string_view text) override {
    return bound(position, [&](sqlite3_stmt* to, int index) {
      return sqlite3_bind_text64(to, index, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    });
  }
  Statement& bind_bytes(int position, std::string_view bytes) override {
    return bound(position, [&](sqlite3_stmt* to, int index) {
      return sqlite3_bind_blob64(to, index, bytes.data() ? bytes.data() : "", bytes.size(), SQLITE_TRANSIENT);
    });
  }
  Statement& bind_null(int position) override {
    return bound(position, [](sqlite3_stmt* to, int index) { return sqlite3_bind_null(to, index); });
  }

  bool step() override {
    if (rows_ && !changed_) {
      changed_ = true;
      step(statement_.get());
      if (sqlite3_changes64(database_) == 0) return false;
    }
    return step(reading());
  }

  bool is_null(int column) const override { return sqlite3_column_type(reading(), column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(reading(), column); }
  std::string_view text(int column) const override {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(reading(), column));
    return text ? std::string_view(text, size(column)) : std::string_view();
  }
  std::string_view bytes(int column) const override {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(reading(), column));
    return bytes ? std::string_view(bytes, size(column)) : std::string_view();
  }

  std::int64_t run() override {
    while (step(statement_.get())) {
    }
    return sqlite3_changes64(database_);
  }

  void reset() override {
    for (sqlite3_stmt* each : {statement_.get(), rows_.get()}) {
      if (!each) continue;
      sqlite3_reset(each);
      sqlite3_clear_bindings(each);
    }
    changed_ = false;
    in_use_ = false;
  }

  bool in_use() const { return in_use_; }
  void take() { in_use_ = true; }

 private:
  using Prepared = std::unique_ptr<sqlite3_stmt, Finalizer>;

  Prepared compile(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(database_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    Prepared prepared(statement);
    if (code != SQLITE_OK) fail(database_, code, "cannot prepare " + sql);
    return prepared;
  }

  bool step(sqlite3_stmt* statement) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    fail(database_, sqlite3_extended_errcode(database_), sql_);
  }

  template <class Bind>
  Statement& bound(int position, const Bind& bind) {
    int code = bind(statement_.get(), indexes_.at(static_cast<std::size_t>(position - 1)));
    if (code == SQLITE_OK && position == 1 && rows_ && sqlite3_bind_parameter_count(rows_.get()) == 1) {
      code = bind(rows_.get(), 1);
    }
    if (code != SQLITE_OK) fail(database_, code, sql_);
    return *this;
  }

  sqlite3_stmt* reading() const { return rows_ ? rows_.get() : statement_.get(); }
  std::size_t size(int column) const { return static_cast<std::size_t>(sqlite3_column_bytes(reading(), column)); }

  sqlite3* database_;
  const char* sql_;
  Prepared statement_;
  Prepared rows_;  ///< see Split; null where the statement gives its own
  std::vector<int> indexes_;
  bool changed_ = false;
  bool in_use_ = false;
};

void SqliteConnection::Closer::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

SqliteConnection::SqliteConnection(const std::string& path, const Options& options) {
  configure_library();
  sqlite3* database = nullptr;
  // A reading connection opens the file for writing too: the first reader after a crash has to recover the WAL.
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (options.writing ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, options.writing ? gathering_vfs() : nullptr);
  database_.reset(database);
  if (code != SQLITE_OK) fail(database, code, "cannot open " + path);
  if (sqlite3_db_readonly(database, "main") == 1) {
    throw Failure(Trouble::unavailable, "cannot open " + path + " for writing: the file or its disk is read-only");
  }
  sqlite3_busy_timeout(database, busy_milliseconds);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  use_wal(database);
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

std::int64_t SqliteConnection::changes() const { return sqlite3_total_changes64(database_.get()); }

constexpr const char* commit_transaction = "COMMIT";

void SqliteConnection::commit() {
  const GatheredCommit gathered(database_.get());
  prepare(commit_transaction)->run();
}

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
