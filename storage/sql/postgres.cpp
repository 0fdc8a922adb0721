#include "storage/sql/postgres.h"

#include <libpq-fe.h>
#include <array>
#include <cstring>
#include <deque>

#include "storage/failure.h"
#include "storage/sql/postgres_text.h"

namespace storage::sql {

namespace {

constexpr int binary = 1;

// PostgreSQL, Appendix A: error codes.
Trouble trouble_of(std::string_view sql_state) {
  if (sql_state == "53100") return Trouble::full;             // disk_full
  if (sql_state.starts_with("40")) return Trouble::conflict;  // transaction_rollback
  if (sql_state.starts_with("XX")) return Trouble::corrupt;   // data_corrupted, index_corrupted …
  if (sql_state == "42501" || sql_state.starts_with("28")) return Trouble::refused;  // insufficient_privilege …
  return Trouble::unavailable;
}

std::string without_line_end(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

class PostgresConnection::PostgresStatement final : public Statement {
 public:
  PostgresStatement(PostgresConnection& owner, const char* sql, const std::string& name, int parameters)
      : owner_(owner), sql_(sql), name_(name), parameters_(static_cast<std::size_t>(parameters)) {}

  Statement& bind(int position, std::int64_t value) override {
    return bind_value(position, std::to_string(value), false);
  }
  Statement& bind(int position, std::string_view text) override {
    return bind_value(position, to_postgres_text(text, buffer_), true);
  }
  Statement& bind_bytes(int position, std::string_view bytes) override { return bind_value(position, bytes, true); }
  Statement& bind_null(int position) override {
    parameters_.at(static_cast<std::size_t>(position - 1)).null = true;
    return *this;
  }

  bool step() override {
    if (!result_) execute();
    return ++row_ < PQntuples(result_.get());
  }

  void start() override {
    if (!started_) transmit(this);
    started_ = true;
  }

  bool is_null(int column) const override { return PQgetisnull(result_.get(), row_, column) != 0; }

  std::int64_t integer(int column) const override {
    const std::string_view value = bytes(column);
    if (value.empty()) return 0;
    // Of two, four or eight octets, the first of which has the sign.
    std::uint64_t number = (value[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (const char octet : value) number = number << 8 | static_cast<unsigned char>(octet);
    return static_cast<std::int64_t>(number);
  }

  std::string_view text(int column) const override {
    std::string decoded;
    const std::string_view text = from_postgres_text(bytes(column), decoded);
    return text.data() == decoded.data() ? std::string_view(decoded_.emplace_back(std::move(decoded))) : text;
  }

  std::string_view bytes(int column) const override {
    return {PQgetvalue(result_.get(), row_, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
  }

  std::int64_t run() override {
    if (!result_) execute();
    const char* rows = PQcmdTuples(result_.get());
    return *rows ? std::stoll(rows) : 0;
  }

  void send() override { transmit(nullptr); }

  void reset() override {
    if (started_ && !result_) {
      for (Sent& sent : owner_.sent_) {
        if (sent.wanted_by == this) sent.wanted_by = nullptr;
      }
    }
    started_ = false;
    result_.reset();
    decoded_.clear();
    row_ = -1;
    for (Parameter& parameter : parameters_) parameter = Parameter();
    in_use_ = false;
  }

  bool in_use() const { return in_use_; }
  void take() { in_use_ = true; }
  void take(Result result) { result_ = std::move(result); }

 private:
  struct Parameter {
    std::string value;
    bool null = true;
    bool binary = false;
  };

  Statement& bind_value(int position, std::string_view value, bool is_binary) {
    Parameter& parameter = parameters_.at(static_cast<std::size_t>(position - 1));
    parameter.value = value;
    parameter.null = false;
    parameter.binary = is_binary;
    return *this;
  }

  void transmit(PostgresStatement* wanted_by) {
    constexpr std::size_t most_under_way = 40;
    if (owner_.sent_.size() >= most_under_way) owner_.settle();
    owner_.enter_pipeline();
    constexpr std::size_t most = 24;
    std::array<const char*, most> values{};
    std::array<int, most> lengths{};
    std::array<int, most> formats{};
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      values.at(i) = parameters_[i].null ? nullptr : parameters_[i].value.data();
      lengths.at(i) = static_cast<int>(parameters_[i].value.size());
      formats.at(i) = parameters_[i].binary ? binary : 0;
    }
    PGconn* connection = owner_.connection_.get();
    if (PQsendQueryPrepared(connection, name_.c_str(), static_cast<int>(parameters_.size()), values.data(),
                            lengths.data(), formats.data(), binary) != 1) {
      owner_.fail(nullptr, std::string(sql_) + ": " + PQerrorMessage(connection));
    }
    owner_.sent_.push_back({sql_, wanted_by});
  }

  void execute() {
    start();
    owner_.settle();
  }

  PostgresConnection& owner_;
  const char* sql_;
  const std::string& name_;
  std::vector<Parameter> parameters_;
  std::string buffer_;
  Result result_;
  int row_ = -1;
  mutable std::deque<std::string> decoded_;  // what views of this row point into
  bool in_use_ = false;
  bool started_ = false;
};

void PostgresConnection::Closer::operator()(pg_conn* connection) const { PQfinish(connection); }
void PostgresConnection::Clearer::operator()(pg_result* result) const { PQclear(result); }

PostgresConnection::PostgresConnection(const std::string& connection_string)
    : connection_(PQconnectdb(connection_string.c_str())) {
  if (!usable()) {
    throw Failure(Trouble::unavailable,
                  "cannot connect to PostgreSQL: " + without_line_end(PQerrorMessage(connection_.get())));
  }
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  if (PQsetClientEncoding(connection_.get(), "UTF8") != 0) {
    throw Failure(Trouble::refused, "PostgreSQL's database must have the encoding UTF8");
  }
  execute("SET synchronous_commit = on; SET default_transaction_read_only = off; SET timezone = 'UTC'");
}

PostgresConnection::~PostgresConnection() = default;

void PostgresConnection::fail(const char* sql_state, const std::string& what) {
  const std::string_view state = sql_state ? sql_state : "";
  const std::string text = "PostgreSQL: " + without_line_end(what);
  if (state == "40001" || state == "40P01") may_retry_ = true;  // serialization_failure, deadlock_detected
  if (state.starts_with("23")) throw ConstraintViolation(text);
  throw Failure(trouble_of(state), text);
}

Use PostgresConnection::prepare(const char* sql) {
  Prepared& prepared = prepared_[sql];
  if (prepared.name.empty()) {
    settle();
    const std::string name = "s" + std::to_string(prepared_.size());
    const Result result(PQprepare(connection_.get(), name.c_str(), sql, 0, nullptr));
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
      const std::string what = std::string(sql) + ": " + PQerrorMessage(connection_.get());
      prepared_.erase(sql);
      fail(state, what);
    }
    prepared.name = name;
  }
  for (auto& statement : prepared.statements) {
    if (!statement->in_use()) {
      statement->take();
      return Use(*statement);
    }
  }
  int parameters = 0;
  while (std::strstr(sql, ("$" + std::to_string(parameters + 1)).c_str())) ++parameters;
  prepared.statements.push_back(std::make_unique<PostgresStatement>(*this, sql, prepared.name, parameters));
  prepared.statements.back()->take();
  return Use(*prepared.statements.back());
}

void PostgresConnection::enter_pipeline() {
  if (PQpipelineStatus(connection_.get()) == PQ_PIPELINE_OFF && PQenterPipelineMode(connection_.get()) != 1) {
    fail(nullptr, PQerrorMessage(connection_.get()));
  }
}

void PostgresConnection::sync() {
  if (PQpipelineSync(connection_.get()) != 1) fail(nullptr, PQerrorMessage(connection_.get()));
  sent_.push_back({});
}

// Reads the answers to all that has been sent. The first that tells of an error is thrown; but an error of a
// transaction before, which had ended, is no error of this one.
void PostgresConnection::settle() {
  if (PQpipelineStatus(connection_.get()) == PQ_PIPELINE_OFF) return;
  if (sent_.empty() || sent_.back().sql != nullptr) sync();
  const std::vector<Sent> sent = std::move(sent_);
  sent_.clear();
  Result error;
  const char* failed = "";
  last_command_.clear();
  for (const Sent& each : sent) {
    Result result(PQgetResult(connection_.get()));
    if (each.sql == nullptr) {
      if (&each != &sent.back()) error.reset();
      continue;
    }
    // A null result ends the answer to each; where the connection is lost, there are only those.
    while (const Result rest{result ? PQgetResult(connection_.get()) : nullptr}) {
    }
    last_command_ = result ? PQcmdStatus(result.get()) : "";
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      if (each.wanted_by != nullptr) each.wanted_by->take(std::move(result));
    } else if (!error) {
      error = std::move(result);
      failed = each.sql;
    }
  }
  PQexitPipelineMode(connection_.get());
  if (error) {
    const char* message = PQresultErrorMessage(error.get());
    fail(PQresultErrorField(error.get(), PG_DIAG_SQLSTATE), std::string(failed) + ": " + (message ? message : ""));
  }
  if (!usable()) fail(nullptr, PQerrorMessage(connection_.get()));
}

void PostgresConnection::settle_quietly() noexcept {
  try {
    settle();
  } catch (const std::exception&) {
    // What follows takes the transaction back anyway.
  }
}

void PostgresConnection::execute(const std::string& sql) {
  settle();
  const Result result(PQexec(connection_.get(), sql.c_str()));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    fail(PQresultErrorField(result.get(), PG_DIAG_SQLSTATE), sql + ": " + PQerrorMessage(connection_.get()));
  }
}

// The row lock of the home is the first thing that a transaction takes of all that lies below it. Whoever writes there
// has taken a modseq of the home by its end, so nobody is kept waiting who would not have to wait anyway.
constexpr const char* lock_home = "SELECT id FROM collection WHERE id = $1 FOR NO KEY UPDATE";
constexpr const char* select_home = "SELECT COALESCE(home, id) FROM collection WHERE id = $1";

void PostgresConnection::hold(std::int64_t collection) {
  if (held_collections_.contains(collection)) return;
  for (std::int64_t home = home_of(collection); home != 0; home = home_of(collection)) {
    // Also after waiting for a lock: meanwhile the collection may have been moved to another home, or removed.
    if (held_homes_.contains(home)) break;
    if (in_job_ || (held_homes_.empty() && claim_ && !claim_(home))) {
      elsewhere_ = home;
      throw Failure(Trouble::conflict, "another thread leads for this home");
    }
    {
      const auto lock = prepare(lock_home);
      lock->bind(1, home);
      lock->send();
    }
    held_homes_.insert(home);
  }
  held_collections_.insert(collection);
}

std::int64_t PostgresConnection::one_id(const char* sql, std::int64_t id) {
  const auto row = prepare(sql);
  row->bind(1, id);
  return row->step() ? row->integer(0) : 0;
}

std::int64_t PostgresConnection::home_of(std::int64_t collection) {
  constexpr std::size_t most_known = 10'000;
  if (known_homes_.contains(collection)) return collection;
  const std::int64_t home = one_id(select_home, collection);
  if (home == collection && known_homes_.size() < most_known) known_homes_.insert(home);
  return home;
}

constexpr const char* begin_snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr const char* begin_write = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

void PostgresConnection::begin(Mode mode, std::function<bool(std::int64_t)> claim) {
  may_retry_ = false;
  in_job_ = false;
  elsewhere_ = 0;
  claim_ = std::move(claim);
  held_homes_.clear();
  held_collections_.clear();
  prepare(mode == Mode::write ? begin_write : begin_snapshot)->send();
}

constexpr const char* release_job = "RELEASE job";
constexpr const char* savepoint_job = "SAVEPOINT job";

void PostgresConnection::begin_job() {
  may_retry_ = false;
  elsewhere_ = 0;
  if (in_job_) prepare(release_job)->send();
  prepare(savepoint_job)->send();
  in_job_ = true;
  // The homes stay held; which collections lie below them may have been changed by the job before.
  held_collections_.clear();
}

void PostgresConnection::end_job() { settle(); }

void PostgresConnection::take_back_job() {
  settle_quietly();
  execute("ROLLBACK TO job");
}

constexpr const char* commit_transaction = "COMMIT";

void PostgresConnection::commit() {
  const auto statement = prepare(commit_transaction);
  statement->run();
  // A transaction in which a statement failed is taken back by COMMIT, without an error.
  if (last_command_ != "COMMIT") fail(nullptr, "the transaction had failed before its end");
}

void PostgresConnection::end_snapshot() {
  prepare(commit_transaction)->send();
  sync();
}

void PostgresConnection::roll_back() noexcept {
  settle_quietly();
  if (PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return;
  const Result result(PQexec(connection_.get(), "ROLLBACK"));
}

bool PostgresConnection::usable() const { return PQstatus(connection_.get()) == CONNECTION_OK; }

}  // namespace storage::sql
