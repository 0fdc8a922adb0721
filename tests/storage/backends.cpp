#include "tests/storage/backends.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace testing {

namespace {

/// Runs a command and returns the first line of its output.
std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::array<char, 4096> line{};
  if (!pipe || !std::fgets(line.data(), line.size(), pipe.get())) throw std::runtime_error("no output: " + command);
  std::string text = line.data();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// A PostgreSQL of our own, stopped at the end of the run.
class PrivatePostgres {
 public:
  PrivatePostgres() {
    if (const char* given = std::getenv("PILEUS_TEST_POSTGRES"); given && *given) {
      connection_ = given;
      return;
    }
    folder_ = std::make_unique<Folder>();
    connection_ = output_of(script("start") + " 2>" + folder_->path() + "/start.log");
  }
  ~PrivatePostgres() {
    if (folder_ && std::system((script("stop") + " 2>/dev/null").c_str()) != 0) {
      std::fputs("the private PostgreSQL could not be stopped\n", stderr);
    }
  }
  const std::string& connection() const { return connection_; }

 private:
  std::string script(const std::string& verb) const {
    return "PILEUS_TEST_POSTGRES_FAST=1 tests/postgres.sh " + verb + " " + folder_->path();
  }
  std::unique_ptr<Folder> folder_;
  std::string connection_;
};

void execute_on(const std::string& connection, const std::string& sql) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> database(PQconnectdb(connection.c_str()), &PQfinish);
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(database.get(), sql.c_str()), &PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(database.get()));
}

}  // namespace

const std::string& postgres() {
  static const PrivatePostgres server;
  return server.connection();
}

Folder::Folder() {
  // In memory where there is such a place: these tests wait for the disk thousands of times, and none loses power.
  const std::filesystem::path parent =
      ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : std::filesystem::temp_directory_path();
  std::string pattern = (parent / "pileus-test.XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary folder");
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

// A schema of its own for each place, not a database: that takes PostgreSQL the better part of a second to make.
Place::Place(bool on_postgres) {
  if (!on_postgres) return;
  static int number = 0;
  schema_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(number++);
  execute_on(testing::postgres(), "CREATE SCHEMA " + schema_);
  connection_ = testing::postgres() + " options=-csearch_path=" + schema_;
}

Place::~Place() {
  if (schema_.empty()) return;
  try {
    execute_on(testing::postgres(), "SET client_min_messages = warning; DROP SCHEMA " + schema_ + " CASCADE");
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
  }
}

void Place::execute(const std::string& sql) const {
  if (postgres()) return execute_on(connection_, sql);
  sqlite3* opened = nullptr;
  const int code = sqlite3_open((directory() + "/pileus.db").c_str(), &opened);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, &sqlite3_close);
  if (code != SQLITE_OK || sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(opened));
  }
}

storage::StoreOptions Place::options() const {
  storage::StoreOptions options;
  options.directory = folder_.path();
  options.postgres = connection_;
  return options;
}

std::ostream& operator<<(std::ostream& out, const Backend& backend) { return out << backend.name; }

std::vector<Backend> backends() {
  const char* named = std::getenv("PILEUS_TEST_BACKENDS");
  std::istringstream names(named && *named ? named : "sqlite postgres");
  std::vector<Backend> backends;
  for (std::string name; names >> name;) backends.push_back({name});
  return backends;
}

World::World(const Backend& backend) : place(backend.place()), store(place->open()) {
  store->write([&](storage::Transaction& transaction) {
    storage::Account wanted;
    wanted.name = "ada";
    wanted.addresses = {"ada@pileus.test"};
    ada = transaction.create_account(wanted);
    home = *transaction.home(ada.id, storage::CollectionKind::calendar_home);
    work = transaction.create_collection(home.id, storage::CollectionKind::calendar, "work", "VEVENT");
  });
}

storage::StagedBlob World::stage(const std::string& bytes) {
  return store->stage(storage::Spool(bytes, store->spool_directory()));
}

storage::Member World::put(const std::string& name, const std::string& bytes, const std::string& uid) {
  return put(work.id, name, bytes, uid);
}

storage::Member World::put(storage::Id collection, const std::string& name, const std::string& bytes,
                           const std::string& uid) {
  const storage::StagedBlob blob = stage(bytes);
  return store->write([&](storage::Transaction& transaction) {
    return transaction.put(collection, name, blob, "text/plain", {uid, ""}, {ada.id, 0});
  });
}

void World::remove(const std::string& name) {
  store->write([&](storage::Transaction& transaction) {
    transaction.remove(transaction.member(work.id, name).value(), {ada.id, 0});
  });
}

storage::Collection World::collection(storage::Id id) {
  return store->read([&](storage::Transaction& transaction) { return transaction.collection(id).value(); });
}

std::vector<storage::Member> World::members(storage::Id collection) {
  std::vector<storage::Member> members;
  store->read([&](storage::Transaction& transaction) {
    transaction.for_each_member(collection, storage::WithBytes::yes,
                                [&](const storage::Member& member) { members.push_back(member); });
  });
  return members;
}

std::vector<storage::Member> World::changes(storage::Id collection, storage::Modseq after, std::int64_t at_most) {
  std::vector<storage::Member> changes;
  store->read([&](storage::Transaction& transaction) {
    transaction.changes(collection, after, at_most, storage::WithBytes::no,
                        [&](const storage::Member& member) { changes.push_back(member); });
  });
  return changes;
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace testing
