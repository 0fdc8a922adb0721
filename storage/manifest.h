#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace storage {

/// What a snapshot of a backup says of itself.
struct Manifest {
  struct Entry {
    std::int64_t rows = 0;
    std::string hash;  ///< SHA-256 of the file, in hexadecimal
  };

  std::int64_t schema = 0;
  std::string epoch;
  std::map<std::string, Entry> files;  ///< by name: the tables, and "blobs"

  std::string text() const;

  /// Reads one. Throws Failure{corrupt} where it is none.
  static Manifest parse(const std::string& text, const std::string& path);
};

/// Paths of the whole snapshots in a backup folder, the oldest first.
std::vector<std::string> snapshots_in(const std::string& folder);

/// The number of this version's newest schema file.
std::int64_t newest_schema();

}  // namespace storage
