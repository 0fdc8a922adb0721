#pragma once

#include <chrono>

#include "storage/store.h"

namespace storage::sql {

/// Where the housekeeping stands between its runs.
struct TidyState {
  int folder = 0;                ///< the next of the 256 folders of blobs to look through
  Id thread_account = 0;         ///< up to which the ids of threads were looked through
  std::int64_t thread_hash = 0;  ///< the same within the account
};

/// What every backend tidies: expired locks, tombstones and revisions past their time, blobs that nobody uses, files
/// that no row knows. In small transactions, until done or until `budget` is used.
void tidy(Store& store, const BlobFiles& blobs, const StoreOptions& options, TidyState& state,
          std::chrono::milliseconds budget);

}  // namespace storage::sql
