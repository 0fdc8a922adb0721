// The store's limit on this disk: a bare SQLite loop with the settings the store uses (WAL, synchronous=FULL), one row
// of 1 KiB and one commit a turn. Prints one line of JSON. usage: raw_commit FOLDER SECONDS
#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

void run(sqlite3* database, const char* sql) {
  char* error = nullptr;
  if (sqlite3_exec(database, sql, nullptr, nullptr, &error) != SQLITE_OK) {
    std::cerr << "raw_commit: " << (error != nullptr ? error : "failed") << '\n';
    std::exit(1);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: raw_commit FOLDER SECONDS\n";
    return 2;
  }
  sqlite3* database = nullptr;
  if (sqlite3_open((std::string(arguments[1]) + "/raw.db").c_str(), &database) != SQLITE_OK) return 1;
  run(database,
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, bytes BLOB);");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO t (bytes) VALUES (?)", -1, &insert, nullptr);
  const std::string bytes(1024, 'x');
  const double limit = std::atof(arguments[2]);
  const auto started = std::chrono::steady_clock::now();
  double seconds = 0;
  long commits = 0;
  for (; seconds < limit; ++commits) {
    sqlite3_bind_blob(insert, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    run(database, "BEGIN IMMEDIATE");
    if (sqlite3_step(insert) != SQLITE_DONE) return 1;
    sqlite3_reset(insert);
    run(database, "COMMIT");
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  }
  sqlite3_finalize(insert);
  sqlite3_close(database);
  std::cout << "{\"commits\": " << commits << ", \"seconds\": " << seconds
            << ", \"rate\": " << static_cast<double>(commits) / seconds << "}" << std::endl;
  return 0;
}
