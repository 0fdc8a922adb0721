#pragma once

#include <cstdint>
#include <string>

#include "storage/store.h"

namespace server {

struct ExportReport {
  std::int64_t collections = 0;
  std::int64_t objects = 0;
};

/// Writes what an account has into a new or empty folder, as plain files under their own names:
///
///   calendars/NAME/….ics   addressbooks/NAME/….vcf   files/…   ledger.jsonl
///
/// The ledger names every collection and object, with the properties that no file holds (names, colours, dead
/// properties), so that import makes the same again. All of one snapshot. Throws storage::Failure, std::runtime_error.
ExportReport export_account(storage::Store& store, const storage::Account& account, const std::string& folder);

}  // namespace server
