#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/spool.h"
#include "storage/types.h"

namespace storage {

/// The Member::etag of an object of these bytes.
std::string etag_of(std::string_view bytes);

/// The large blobs: files named by their hash below a folder. It knows nothing of the database; the rows that refer to
/// a file decide whether it stays (storage/sql/blobs_table.cpp). Safe for use by many threads and processes.
class BlobFiles {
 public:
  /// Up to this size a blob is kept in its row.
  static constexpr std::int64_t largest_in_row = 64 * 1024;

  /// `directory` is made with all its folders if it isn't there. Throws Failure.
  explicit BlobFiles(std::string directory);

  /// Hashes the content and, if it is large, gives it its place and syncs file and folder.
  StagedBlob stage(Spool content) const;

  /// Null where there is no such file.
  std::shared_ptr<const File> open(std::string_view hash) const;

  /// Makes sure that a staged file still stands at its place, putting it back where it was collected meanwhile. Called
  /// with the blob's row locked, so that nobody can collect it between this and the commit.
  void keep(const StagedBlob& blob) const;

  /// Takes the file away; nothing where there is none. Called with the blob's row deleted but not yet committed.
  void remove(std::string_view hash) const;

  /// Calls `each` with the hash and size of every file in one of the 256 folders that nobody touched since `before`.
  void for_each_older(int folder, Timestamp before,
                      const std::function<void(std::string_view hash, std::int64_t size)>& each) const;

 private:
  std::string folder_of(std::string_view hash) const;
  std::string path_of(std::string_view hash) const;
  std::shared_ptr<const File> place(std::string_view hash, std::int64_t size, const std::shared_ptr<const File>& file,
                                    std::string_view bytes) const;

  std::string directory_;
};

/// Makes a folder and those above it. Throws Failure.
void make_directory(const std::string& path);

/// Lower-case hexadecimal digits.
std::string to_hex(std::string_view bytes);

}  // namespace storage
