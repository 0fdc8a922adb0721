#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace storage::sql {

/// A constraint of the schema would be broken: the caller of a verb has not checked what it had to check.
class ConstraintViolation : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// One prepared statement being run: bind by position from 1, step over rows, read columns from 0. Views into columns
/// last until the next step. NULL reads as 0 and as the empty string.
class Statement {
 public:
  virtual ~Statement() = default;

  virtual Statement& bind(int position, std::int64_t value) = 0;
  virtual Statement& bind(int position, std::string_view text) = 0;
  virtual Statement& bind_bytes(int position, std::string_view bytes) = 0;
  virtual Statement& bind_null(int position) = 0;

  /// True while there is a row. The first call runs the statement.
  virtual bool step() = 0;

  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  virtual std::string_view bytes(int column) const = 0;

  /// Runs to the end; returns the number of rows changed.
  virtual std::int64_t run() = 0;

  /// Runs to the end too, where the number doesn't matter. The database may put it off until the next statement or the
  /// end of the transaction, and only then say that it failed.
  virtual void send() { run(); }

  /// Says that its rows will be asked for: the database may work on it while others are made ready. The first step()
  /// then waits for it.
  virtual void start() {}

  /// Makes it ready for use again and lets the snapshot go; called by Use.
  virtual void reset() = 0;
};

/// A statement in use; resets it when it goes out of scope.
class Use {
 public:
  explicit Use(Statement& statement) : statement_(&statement) {}
  Use(Use&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  ~Use() {
    if (statement_ != nullptr) statement_->reset();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  Statement* operator->() const { return statement_; }
  Statement& operator*() const { return *statement_; }

 private:
  Statement* statement_;
};

enum class Dialect { sqlite, postgres };

/// One database connection. `sql` is a named constant: the prepared statement is kept under its address and reused.
/// A statement that is in use already (a verb called within a row callback) is prepared a second time.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual Use prepare(const char* sql) = 0;
  virtual void execute(const std::string& sql) = 0;  ///< one or more statements without parameters
  virtual Dialect dialect() const = 0;

  /// In a writing transaction, keeps all others from changing anything below the home that the collection lies in,
  /// until the end of the transaction; reads that follow see what was committed before. Nothing to do where all writers
  /// are serialised anyway.
  virtual void hold(std::int64_t collection) = 0;

  /// The same for one that has been read from an entry of a collection that is held: it lies below the same home.
  virtual void hold_child(std::int64_t) {}
};

}  // namespace storage::sql
