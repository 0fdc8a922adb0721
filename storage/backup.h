#pragma once

#include <cstdint>
#include <string>

#include "storage/store.h"

namespace storage {

// A backup folder holds snapshots, and the large blobs that these share:
//
//   snapshot-20260131T120000Z/manifest       what it is; the number of rows and the SHA-256 of each file
//   snapshot-20260131T120000Z/account …      one file for each table, in a form that no database owns, so that a backup
//   of
//                                            SQLite can be restored into PostgreSQL and the other way round
//   snapshot-20260131T120000Z/blobs          the hashes of the large blobs that it needs
//   blobs/3a/9f…                             the large blobs, by their hashes
//
// A snapshot gets its name when all it needs is on the disk: one without it is never taken for a whole one.

struct BackupReport {
  std::string snapshot;            ///< its path
  std::int64_t rows = 0;           ///< in all tables
  std::int64_t blobs_copied = 0;   ///< large ones that were not there yet
  std::int64_t blobs_present = 0;  ///< large ones that were
};

/// Copies what the store holds at one moment, while it is in use. `data` is StoreOptions::directory. Each blob is
/// verified by its hash as it is copied; those that are there already are verified too if `verify_present`. Of older
/// snapshots the newest are kept, `keep` with the new one, and then the blobs that no snapshot needs are taken away.
/// Throws Failure.
BackupReport backup(Store& store, const std::string& data, const std::string& folder, int keep, bool verify_present);

struct RestoreReport {
  std::string snapshot;  ///< what was read
  std::int64_t rows = 0;
  std::int64_t blobs = 0;
};

/// Fills an empty store from a backup folder (its newest snapshot) or from one snapshot, and gives it a new epoch.
/// Every file and blob is verified by its hash before anything is written. Throws Failure{refused} where the store is
/// not empty or the snapshot is of another schema, Failure{corrupt} where something is damaged or missing.
RestoreReport restore(Store& store, const std::string& folder);

}  // namespace storage
