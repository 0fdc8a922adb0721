#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "storage/sql/database.h"

struct pg_conn;
struct pg_result;

namespace storage::sql {

/// One connection to a PostgreSQL database, with its prepared statements. For one thread at a time.
class PostgresConnection final : public Connection {
 public:
  enum class Mode {
    snapshot,  ///< reads only, all of one moment
    write,     ///< sees what is committed; what must not change is held (see hold)
  };

  /// Throws Failure{unavailable}.
  explicit PostgresConnection(const std::string& connection_string);
  ~PostgresConnection() override;
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  Use prepare(const char* sql) override;
  void execute(const std::string& sql) override;
  Dialect dialect() const override { return Dialect::postgres; }
  void hold(std::int64_t collection) override;
  void hold_child(std::int64_t collection) override { held_collections_.insert(collection); }

  /// `claim`, if given, is asked before a writing transaction waits for its first home; where it says no, that fails,
  /// and `elsewhere` tells the home.
  void begin(Mode mode, std::function<bool(std::int64_t home)> claim = {});

  /// Within a writing transaction, goes on to the write of another thread, which may be taken back by itself. It must
  /// stay below the homes that are held; if it needs another, it fails, and `elsewhere` tells which.
  void begin_job();
  void end_job();  ///< throws what a statement that was put off has to say
  void take_back_job();

  void commit();              ///< throws Failure if anything went wrong before
  void end_snapshot();        ///< the same for what only read, without waiting for the answer
  void roll_back() noexcept;  ///< nothing where there is no transaction

  /// False once the connection is lost; it can't be used again.
  bool usable() const;

  /// True if the transaction failed only because of another one, and may be run again.
  bool may_retry() const { return may_retry_; }

  std::int64_t elsewhere() const { return elsewhere_; }

  /// Waits until there is something to read from the server, or from the descriptor `other`.
  void wait(int other);

  /// Calls `each` with the payload of every notification that other connections have sent to a channel listened to.
  void for_each_notification(const std::function<void(const std::string&)>& each);

 private:
  class PostgresStatement;
  /// A statement that has been sent, and whose answer is still to be read. Consecutive ones make one round trip.
  struct Sent {
    const char* sql = nullptr;               ///< null for a sync, which ends what stands or falls together
    PostgresStatement* wanted_by = nullptr;  ///< who reads the rows, if anybody does
  };
  struct Closer {
    void operator()(pg_conn* connection) const;
  };
  struct Clearer {
    void operator()(pg_result* result) const;
  };
  using Result = std::unique_ptr<pg_result, Clearer>;
  struct Prepared {
    std::string name;
    std::vector<std::unique_ptr<PostgresStatement>> statements;  // more than one where one was in use
  };

  [[noreturn]] void fail(const char* sql_state, const std::string& what);
  void enter_pipeline();
  void sync();
  void settle();
  void settle_quietly() noexcept;
  std::int64_t one_id(const char* sql, std::int64_t id);
  std::int64_t home_of(std::int64_t collection);

  std::unique_ptr<pg_conn, Closer> connection_;
  std::unordered_map<const char*, Prepared> prepared_;
  std::vector<Sent> sent_;
  std::string last_command_;
  std::unordered_set<std::int64_t> held_homes_;
  std::unordered_set<std::int64_t> held_collections_;
  std::unordered_set<std::int64_t> known_homes_;  // a home is one for ever
  std::function<bool(std::int64_t)> claim_;
  bool in_job_ = false;
  bool may_retry_ = false;
  std::int64_t elsewhere_ = 0;
};

}  // namespace storage::sql
