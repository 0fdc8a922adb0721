#pragma once

struct sqlite3;
struct sqlite3_file;

namespace storage::sql {

/// The name of an SQLite VFS that can gather the writes of a commit to the write-ahead log. It is the default VFS in
/// all else. Throws Failure where SQLite can't register it.
const char* gathering_vfs();

/// While it lives, what SQLite writes to the log of a database opened with gathering_vfs() is gathered and written as a
/// whole when SQLite syncs the log: one system call instead of two for each page. Only around a commit with
/// synchronous=FULL, which syncs before any other connection is told of the new pages. What has not been written by its
/// end, because the commit failed, is dropped: the log is as if it had never been.
class GatheredCommit {
 public:
  explicit GatheredCommit(sqlite3* database);
  ~GatheredCommit();
  GatheredCommit(const GatheredCommit&) = delete;
  GatheredCommit& operator=(const GatheredCommit&) = delete;

 private:
  sqlite3_file* log_ = nullptr;  ///< null where there is none of ours
};

}  // namespace storage::sql
