#include "storage/store.h"

#include "storage/failure.h"
#include "storage/sqlite_store.h"

namespace storage {

std::unique_ptr<Store> open_store(const StoreOptions& options) {
  if (options.postgres.empty()) return open_sqlite_store(options);
  throw Failure(Trouble::unavailable, "PostgreSQL is not there yet");
}

}  // namespace storage
