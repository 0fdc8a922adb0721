#include "storage/backup.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <set>

#include "storage/blobs.h"
#include "storage/dump_file.h"
#include "storage/dump_tables.h"
#include "storage/failure.h"
#include "storage/manifest.h"
#include "storage/sql/change.h"
#include "storage/sql/database.h"

namespace storage {

namespace {

constexpr std::string_view blob_table = "blob";
constexpr std::size_t blob_hash = 1;
constexpr std::size_t blob_place = 3;

DumpValue value_of(const sql::Statement& row, int column, char type) {
  if (row.is_null(column)) return std::monostate{};
  if (type == 'i') return row.integer(column);
  return std::string(type == 't' ? row.text(column) : row.bytes(column));
}

void bind_key(sql::Statement& statement, const DumpTable& table, const DumpRow& last) {
  for (int i = 0; i < table.keys; ++i) {
    const bool first_page = last.empty();
    if (table.types[i] == 'i') {
      statement.bind(i + 1, first_page ? std::int64_t{-1} : std::get<std::int64_t>(last[static_cast<std::size_t>(i)]));
    } else {
      statement.bind(i + 1, first_page ? std::string_view() : std::get<std::string>(last[static_cast<std::size_t>(i)]));
    }
  }
}

void for_each_row(sql::Connection& connection, const DumpTable& table,
                  const std::function<void(const DumpRow&)>& each) {
  const auto columns = static_cast<int>(std::strlen(table.types));
  DumpRow row;
  for (int rows = dump_page; rows == dump_page;) {
    const auto page = connection.prepare(table.select);
    bind_key(*page, table, row);
    for (rows = 0; page->step(); ++rows) {
      row.clear();
      for (int i = 0; i < columns; ++i) row.push_back(value_of(*page, i, table.types[i]));
      each(row);
    }
  }
}

// One backup at a time in one folder.
File lock_folder(const std::string& folder) {
  make_directory(folder);
  const std::string path = folder + "/lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) throw Failure(Trouble::unavailable, path + ": " + std::strerror(errno));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    throw Failure(Trouble::refused, "another backup is being made in " + folder);
  }
  return File(descriptor);
}

/// One backup being made.
class Backup {
 public:
  Backup(Store& store, const std::string& data, const std::string& folder)
      : store_(store), blobs_(data + "/blobs"), folder_(folder), partial_(folder + "/partial") {
    make_directory(folder_ + "/blobs");
    // What an interrupted backup has left.
    std::filesystem::remove_all(partial_);
    make_directory(partial_);
  }

  BackupReport run(bool verify_present) {
    Manifest manifest;
    manifest.schema = newest_schema();
    store_.read([&](Transaction& transaction) { dump_tables_of(transaction, manifest); });
    DumpWriter list(partial_ + "/blobs");
    for (const std::string& hash : large_) list.text(to_hex(hash) + "\n");
    manifest.files["blobs"] = {static_cast<std::int64_t>(large_.size()), list.finish()};
    for (const std::string& hash : large_) copy_blob(hash, verify_present);
    DumpWriter description(partial_ + "/manifest");
    description.text(manifest.text());
    description.finish();
    publish();
    return report_;
  }

 private:
  void dump_tables_of(Transaction& transaction, Manifest& manifest) {
    manifest.epoch = transaction.epoch();
    for (const DumpTable& table : dump_tables()) {
      DumpWriter writer(partial_ + "/" + table.name);
      for_each_row(transaction.connection(), table, [&](const DumpRow& row) {
        writer.row(row);
        if (table.name == blob_table && std::get<std::int64_t>(row[blob_place]) == sql::place_file) {
          large_.push_back(std::get<std::string>(row[blob_hash]));
        }
      });
      const std::int64_t rows = writer.rows();
      manifest.files[table.name] = {rows, writer.finish()};
      report_.rows += rows;
    }
  }

  void copy_blob(const std::string& hash, bool verify_present) {
    const std::string hex = to_hex(hash);
    const std::string place = folder_ + "/blobs/" + hex.substr(0, 2);
    const std::string path = place + "/" + hex.substr(2);
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) {
      if (!verify_present || file_hash(path) == hex) {
        ++report_.blobs_present;
        return;
      }
      std::filesystem::remove(path);
    }
    make_directory(place);
    const auto file = blobs_.open(hash);
    if (!file) throw Failure(Trouble::corrupt, "a blob's file is gone: " + hex);
    const std::string copy = partial_ + "/copy";
    std::filesystem::remove(copy);
    DumpWriter writer(copy);
    std::string buffer(256 * 1024, '\0');
    std::uint64_t offset = 0;
    while (const std::size_t got = file->read(buffer.data(), buffer.size(), offset)) {
      writer.text({buffer.data(), got});
      offset += got;
    }
    if (writer.finish() != hex) throw Failure(Trouble::corrupt, "a blob is not what its hash says: " + hex);
    std::filesystem::rename(copy, path);
    sync_folder(place);
    ++report_.blobs_copied;
  }

  void publish() {
    std::array<char, 32> name{};
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::strftime(name.data(), name.size(), "%Y%m%dT%H%M%SZ", &parts);
    std::string path = folder_ + "/snapshot-" + name.data();
    // Two in one second: the later one sorts behind the earlier one.
    for (char suffix = 'a'; std::filesystem::exists(path) && suffix <= 'z'; ++suffix) {
      path = folder_ + "/snapshot-" + name.data() + "-" + suffix;
    }
    sync_folder(partial_);
    sync_folder(folder_ + "/blobs");
    std::filesystem::rename(partial_, path);
    sync_folder(folder_);
    report_.snapshot = path;
  }

  Store& store_;
  BlobFiles blobs_;
  std::string folder_;
  std::string partial_;
  std::vector<std::string> large_;
  BackupReport report_;
};

void remove_old(const std::string& folder, int keep) {
  std::vector<std::string> all = snapshots_in(folder);
  for (; static_cast<int>(all.size()) > keep; all.erase(all.begin())) std::filesystem::remove_all(all.front());
  std::set<std::string> needed;
  for (const std::string& snapshot : all) {
    std::ifstream lines(snapshot + "/blobs");
    for (std::string line; std::getline(lines, line);) needed.insert(line);
  }
  for (const auto& place : std::filesystem::directory_iterator(folder + "/blobs")) {
    if (!place.is_directory()) continue;
    for (const auto& blob : std::filesystem::directory_iterator(place)) {
      const std::string hash = place.path().filename().string() + blob.path().filename().string();
      if (!needed.contains(hash)) std::filesystem::remove(blob.path());
    }
  }
}

}  // namespace

BackupReport backup(Store& store, const std::string& data, const std::string& folder, int keep, bool verify_present) {
  const File lock = lock_folder(folder);
  try {
    BackupReport report = Backup(store, data, folder).run(verify_present);
    remove_old(folder, std::max(keep, 1));
    return report;
  } catch (const std::filesystem::filesystem_error& error) {
    throw Failure(Trouble::unavailable, error.what());
  }
}

}  // namespace storage
