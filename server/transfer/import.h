#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "dav/dispatch.h"
#include "server/transfer/ledger.h"
#include "storage/store.h"

namespace server {

/// How many threads put objects, many at a time each; they share commits.
inline constexpr int import_threads = 8;

struct ImportReport {
  std::int64_t taken = 0;  ///< created, replaced or unchanged
  std::int64_t repaired = 0;
  std::int64_t refused = 0;
};

/// Brings files into an account, through the same door as PUT: what a client could not put is refused, and named with
/// the reason. `source` is
///
///   a folder that `export` made, or of the same form (calendars/NAME/*.ics, calendars/NAME.ics, addressbooks/…,
///   files/…), a folder of .ics and .vcf files, an .ics or .vcf file, of one object or many.
///
/// `into` names the collection for the latter two ("calendars/work"); empty for the account's own: events and all else
/// into "calendar", tasks into "tasks", cards into "contacts". An object whose UID is there already is replaced, where
/// it is another. Calls `note` for everything, in order.
ImportReport import_account(storage::Store& store, const dav::Service& service, const storage::Account& account,
                            const std::string& source, const std::string& into,
                            const std::function<void(const LedgerEntry&)>& note);

}  // namespace server
