#pragma once

#include <memory>

#include "storage/spool.h"
#include "storage/store.h"

namespace server {

/// Keeps a second server (or a restore) away from a SQLite store, as long as the result lives; nothing for PostgreSQL,
/// which any number of servers may share. Two servers on one SQLite file would not hear of each other's changes. Throws
/// storage::Failure{refused} where another has it.
std::unique_ptr<storage::File> lock_data(const storage::StoreOptions& store);

}  // namespace server
