#pragma once

#include <string>
#include <string_view>

#include "storage/sql/database.h"

namespace storage::sql {

/// Brings the schema up to date; run in a writing transaction that no other process can be in at the same time.
/// `translate` turns the schema's text into the database's own. Returns true where the store was new. Throws
/// Failure{refused} for a schema of a later version.
bool migrate(Connection& connection, std::string (*translate)(std::string_view));

/// True if there is nothing to migrate: a cheap look that takes no lock. False also where there is no schema at all.
bool is_current(Connection& connection);

}  // namespace storage::sql
