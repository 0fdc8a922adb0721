// The store's limit on this disk: a bare loop that puts an object as a PUT does, its bytes and its entry, and commits.
// The tables, their indexes and the settings are the store's own; there is nobody to ask, nothing to reckon and no
// socket. Prints one line of JSON. usage: raw_commit sqlite FILE BODY SECONDS | raw_commit postgres CONNECTION BODY
// SECONDS
#include <libpq-fe.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

struct Object {
  std::string number, hash, body, name, etag, uid;
};

/// As different from the others as objects are: their hashes lie anywhere in the index.
Object object(long number, const std::string& body) {
  Object one;
  one.number = std::to_string(number);
  auto state = static_cast<unsigned long>(number);
  for (int i = 0; i < 32; ++i) {
    state = state * 6364136223846793005UL + 1442695040888963407UL;
    one.hash += static_cast<char>(state >> 56U);
  }
  one.body = body;
  one.name = "p" + one.number + ".ics";
  one.etag = std::string(32 - one.number.size(), '0') + one.number;
  one.uid = one.number + "-put@pileus.test";
  return one;
}

constexpr const char* media_type = "text/calendar; charset=utf-8; component=VEVENT";

class Sqlite {
 public:
  explicit Sqlite(const std::string& file) {
    sqlite3* database = nullptr;
    if (sqlite3_open(file.c_str(), &database) != SQLITE_OK) throw std::runtime_error("cannot open " + file);
    database_.reset(database);
    // As storage/sql/sqlite.cpp has them for the writer.
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = FULL");
    execute("PRAGMA foreign_keys = ON");
    execute("PRAGMA temp_store = MEMORY");
    execute("PRAGMA cache_size = -8192");
    execute("PRAGMA journal_size_limit = 16777216");
    execute("PRAGMA wal_autocheckpoint = 4096");
    execute(
        "CREATE TABLE blob (id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, "
        "place INTEGER NOT NULL, bytes BLOB, uses INTEGER NOT NULL, released INTEGER NOT NULL DEFAULT 0) STRICT");
    execute(
        "CREATE TABLE member (id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, name TEXT NOT NULL, "
        "number INTEGER NOT NULL, modseq INTEGER NOT NULL, added_modseq INTEGER NOT NULL, deleted INTEGER NOT NULL "
        "DEFAULT 0, etag TEXT NOT NULL, size INTEGER NOT NULL, media_type TEXT NOT NULL, blob INTEGER REFERENCES blob "
        "(id), uid TEXT, created INTEGER NOT NULL, modified INTEGER NOT NULL) STRICT");
    execute("CREATE UNIQUE INDEX member_name ON member (collection, deleted, name)");
    execute("CREATE UNIQUE INDEX member_modseq ON member (collection, modseq)");
    execute("CREATE UNIQUE INDEX member_uid ON member (collection, uid)");
    execute("CREATE INDEX member_blob ON member (blob)");
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
    blob_ = prepare("INSERT INTO blob (hash, size, place, bytes, uses) VALUES (?1, ?2, 0, ?3, 1)");
    member_ = prepare(
        "INSERT INTO member (collection, name, number, modseq, added_modseq, etag, size, media_type, blob, uid, "
        "created, modified) VALUES (1, ?1, ?2, ?2, ?2, ?3, ?4, ?5, last_insert_rowid(), ?6, 1767261600, 1767261600)");
  }

  void put(const Object& one) {
    step(begin_);
    bind(sqlite3_bind_blob, blob_, 1, one.hash);
    sqlite3_bind_int64(blob_.get(), 2, static_cast<sqlite3_int64>(one.body.size()));
    bind(sqlite3_bind_blob, blob_, 3, one.body);
    step(blob_);
    bind(sqlite3_bind_text, member_, 1, one.name);
    sqlite3_bind_int64(member_.get(), 2, std::stoll(one.number));
    bind(sqlite3_bind_text, member_, 3, one.etag);
    sqlite3_bind_int64(member_.get(), 4, static_cast<sqlite3_int64>(one.body.size()));
    sqlite3_bind_text(member_.get(), 5, media_type, -1, SQLITE_STATIC);
    bind(sqlite3_bind_text, member_, 6, one.uid);
    step(member_);
    step(commit_);
  }

 private:
  struct Closer {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, Closer>;

  void execute(const char* sql) {
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }

  Prepared prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) fail();
    return Prepared(statement);
  }

  template <class Bind>
  static void bind(const Bind& how, const Prepared& statement, int position, const std::string& value) {
    how(statement.get(), position, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
  }

  void step(const Prepared& statement) {
    if (sqlite3_step(statement.get()) != SQLITE_DONE) fail();
    sqlite3_reset(statement.get());
  }

  [[noreturn]] void fail() { throw std::runtime_error(sqlite3_errmsg(database_.get())); }

  std::unique_ptr<sqlite3, Closer> database_;
  Prepared begin_, commit_, blob_, member_;
};

/// In one statement, which is its own transaction: one round trip for each commit.
class Postgres {
 public:
  explicit Postgres(const std::string& where) : connection_(PQconnectdb(where.c_str())) {
    // A table that is there already is one of an earlier run.
    execute("SET synchronous_commit = on; DROP TABLE IF EXISTS raw_member, raw_blob");
    execute(
        "CREATE TABLE raw_blob (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, hash BYTEA NOT NULL UNIQUE, "
        "size BIGINT NOT NULL, place BIGINT NOT NULL, bytes BYTEA, uses BIGINT NOT NULL, released BIGINT NOT NULL "
        "DEFAULT 0)");
    execute(
        "CREATE TABLE raw_member (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, collection BIGINT NOT NULL, "
        "name BYTEA NOT NULL, number BIGINT NOT NULL, modseq BIGINT NOT NULL, added_modseq BIGINT NOT NULL, deleted "
        "BIGINT NOT NULL DEFAULT 0, etag TEXT NOT NULL, size BIGINT NOT NULL, media_type TEXT NOT NULL, blob BIGINT, "
        "uid BYTEA, created BIGINT NOT NULL, modified BIGINT NOT NULL)");
    execute("CREATE UNIQUE INDEX ON raw_member (collection, deleted, name)");
    execute("CREATE UNIQUE INDEX ON raw_member (collection, modseq)");
    execute("CREATE UNIQUE INDEX ON raw_member (collection, uid)");
    execute("CREATE INDEX ON raw_member (blob)");
    check(
        PQprepare(connection_.get(), "put",
                  "WITH b AS (INSERT INTO raw_blob (hash, size, place, bytes, uses) VALUES ($1::bytea, $2::bigint, 0, "
                  "$3::bytea, 1) RETURNING id) INSERT INTO raw_member (collection, name, number, modseq, "
                  "added_modseq, etag, size, media_type, blob, uid, created, modified) SELECT 1, $4::bytea, "
                  "$5::bigint, $5::bigint, $5::bigint, $6::text, $2::bigint, $7::text, b.id, $8::bytea, 1767261600, "
                  "1767261600 FROM b",
                  0, nullptr));
  }
  ~Postgres() { Result(PQexec(connection_.get(), "DROP TABLE raw_member, raw_blob")); }
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  void put(const Object& one) {
    const std::string size = std::to_string(one.body.size());
    const std::array<const char*, 8> values{one.hash.data(),   size.c_str(),     one.body.data(), one.name.data(),
                                            one.number.data(), one.etag.c_str(), media_type,      one.uid.data()};
    const std::array<int, 8> lengths{static_cast<int>(one.hash.size()),
                                     0,
                                     static_cast<int>(one.body.size()),
                                     static_cast<int>(one.name.size()),
                                     0,
                                     0,
                                     0,
                                     static_cast<int>(one.uid.size())};
    const std::array<int, 8> formats{1, 0, 1, 1, 0, 0, 0, 1};
    check(PQexecPrepared(connection_.get(), "put", 8, values.data(), lengths.data(), formats.data(), 1));
  }

 private:
  struct Closer {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Closer>;

  void execute(const char* sql) { check(PQexec(connection_.get(), sql)); }

  void check(PGresult* given) {
    const Result result(given);
    if (PQresultStatus(given) != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
  }

  std::unique_ptr<PGconn, Closer> connection_;
};

template <class Database>
void measure(Database& database, const std::string& body, double limit) {
  const auto started = std::chrono::steady_clock::now();
  double seconds = 0;
  long commits = 0;
  while (seconds < limit) {
    database.put(object(++commits, body));
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  }
  std::cout << "{\"commits\": " << commits << ", \"seconds\": " << seconds
            << ", \"rate\": " << static_cast<double>(commits) / seconds << "}" << std::endl;
}

std::string read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int count, char** arguments) {
  const std::string store = count > 1 ? arguments[1] : "";
  if (count != 5 || (store != "sqlite" && store != "postgres")) {
    std::cerr << "usage: raw_commit sqlite FILE BODY SECONDS | raw_commit postgres CONNECTION BODY SECONDS\n";
    return 2;
  }
  try {
    const std::string body = read_file(arguments[3]);
    const double seconds = std::atof(arguments[4]);
    if (store == "sqlite") {
      Sqlite database(arguments[2]);
      measure(database, body, seconds);
    } else {
      Postgres database(arguments[2]);
      measure(database, body, seconds);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "raw_commit: " << error.what() << '\n';
    return 1;
  }
}
