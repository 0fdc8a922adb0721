#include "storage/store.h"

#include "storage/postgres_store.h"
#include "storage/sqlite_store.h"

namespace storage {

std::unique_ptr<Store> open_store(const StoreOptions& options) {
  if (options.postgres.empty()) return open_sqlite_store(options);
  return open_postgres_store(options);
}

}  // namespace storage
