#include "storage/sql/sqlite_wal.h"

#include <sqlite3.h>

#include <memory>
#include <new>
#include <string>

#include "storage/failure.h"

namespace storage::sql {

namespace {

constexpr const char* name = "pileus-gathering";
// SQLite's own VFS takes no more in one write than 0x1ffff octets.
constexpr std::size_t most_gathered = 0x1ffff;

/// What stands before the file of the default VFS in the memory that SQLite allocates for each file.
struct WalFile {
  sqlite3_file base{};  // first: to SQLite, this is the file
  bool gathering = false;
  sqlite3_int64 start = 0;  // where in the file `gathered` belongs
  std::string gathered;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }

  int flush() {
    if (gathered.empty()) return SQLITE_OK;
    const int code = real()->pMethods->xWrite(real(), gathered.data(), static_cast<int>(gathered.size()), start);
    gathered.clear();
    return code;
  }
};

WalFile* of(sqlite3_file* file) { return reinterpret_cast<WalFile*>(file); }

/// The methods of a log's file; see sqlite3_io_methods.
struct WalMethods {
  /// Calls a method of the real file, after what has been gathered has been written.
  template <auto method, class... Arguments>
  static int pass(sqlite3_file* file, Arguments... arguments) {
    if (const int code = of(file)->flush(); code != SQLITE_OK) return code;
    sqlite3_file* real = of(file)->real();
    return (real->pMethods->*method)(real, arguments...);
  }

  static int close(sqlite3_file* file) {
    sqlite3_file* real = of(file)->real();
    std::destroy_at(of(file));
    return real->pMethods->xClose(real);
  }

  static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    WalFile* wal = of(file);
    if (!wal->gathering) return wal->real()->pMethods->xWrite(wal->real(), bytes, count, offset);
    const auto size = static_cast<std::size_t>(count);
    const std::size_t gathered = wal->gathered.size();
    if (offset != wal->start + static_cast<sqlite3_int64>(gathered) || gathered + size > most_gathered) {
      if (const int code = wal->flush(); code != SQLITE_OK) return code;
    }
    if (wal->gathered.empty()) wal->start = offset;
    try {
      wal->gathered.append(static_cast<const char*>(bytes), size);
    } catch (const std::bad_alloc&) {
      return SQLITE_IOERR_NOMEM;
    }
    return SQLITE_OK;
  }

  static constexpr sqlite3_io_methods table() {
    sqlite3_io_methods methods{};
    methods.iVersion = 1;  // a log needs no shared memory and is not mapped
    methods.xClose = close;
    methods.xRead = pass<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>;
    methods.xWrite = write;
    methods.xTruncate = pass<&sqlite3_io_methods::xTruncate, sqlite3_int64>;
    methods.xSync = pass<&sqlite3_io_methods::xSync, int>;
    methods.xFileSize = pass<&sqlite3_io_methods::xFileSize, sqlite3_int64*>;
    methods.xLock = pass<&sqlite3_io_methods::xLock, int>;
    methods.xUnlock = pass<&sqlite3_io_methods::xUnlock, int>;
    methods.xCheckReservedLock = pass<&sqlite3_io_methods::xCheckReservedLock, int*>;
    methods.xFileControl = pass<&sqlite3_io_methods::xFileControl, int, void*>;
    methods.xSectorSize = pass<&sqlite3_io_methods::xSectorSize>;
    methods.xDeviceCharacteristics = pass<&sqlite3_io_methods::xDeviceCharacteristics>;
    return methods;
  }
};

constexpr sqlite3_io_methods wal_methods = WalMethods::table();

sqlite3_vfs* parent() { return sqlite3_vfs_find(nullptr); }

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  if ((flags & SQLITE_OPEN_WAL) == 0) return parent()->xOpen(parent(), path, file, flags, flags_out);
  WalFile* wal = std::construct_at(of(file));
  const int code = parent()->xOpen(parent(), path, wal->real(), flags, flags_out);
  if (code == SQLITE_OK) {
    wal->base.pMethods = &wal_methods;
  } else {
    std::destroy_at(wal);
    file->pMethods = nullptr;  // what has none is not closed
  }
  return code;
}

sqlite3_vfs* registered() {
  static sqlite3_vfs vfs = *parent();
  vfs.zName = name;
  vfs.xOpen = open;
  vfs.szOsFile += static_cast<int>(sizeof(WalFile));
  return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? &vfs : nullptr;
}

}  // namespace

const char* gathering_vfs() {
  static const sqlite3_vfs* const vfs = parent() ? registered() : nullptr;
  if (vfs == nullptr) throw Failure(Trouble::unavailable, "SQLite takes no VFS");
  return vfs->zName;
}

GatheredCommit::GatheredCommit(sqlite3* database) {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log == nullptr || log->pMethods != &wal_methods) return;
  log_ = log;
  of(log)->gathering = true;
}

GatheredCommit::~GatheredCommit() {
  if (log_ == nullptr) return;
  of(log_)->gathering = false;
  of(log_)->gathered.clear();
}

}  // namespace storage::sql
