#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/sha256.h"
#include "storage/spool.h"

namespace storage {

/// A column's value on its way to or from a file; texts and octets are told apart by the table.
using DumpValue = std::variant<std::monostate, std::int64_t, std::string>;
using DumpRow = std::vector<DumpValue>;

/// Writes a file and syncs it: rows, or any text. Throws Failure.
class DumpWriter {
 public:
  explicit DumpWriter(const std::string& path);

  void row(const DumpRow& row);
  void text(std::string_view text);

  /// Ends the file and syncs it. Returns its SHA-256, in hexadecimal.
  std::string finish();
  std::int64_t rows() const { return rows_; }

 private:
  void flush();

  std::string path_;
  File file_;
  std::string buffer_;
  Sha256 sha256_;
  std::int64_t rows_ = 0;
};

/// Calls `each` with every row of a file that DumpWriter wrote, of so many columns. Throws Failure{corrupt} where it
/// isn't such a file.
void read_dump(const std::string& path, std::size_t columns, const std::function<void(const DumpRow&)>& each);

/// The SHA-256 of a file, in hexadecimal; empty where there is no such file.
std::string file_hash(const std::string& path);

/// Makes what has been renamed, made or removed in a folder last.
void sync_folder(const std::string& path);

}  // namespace storage
