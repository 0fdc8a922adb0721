#pragma once

#include <memory>

#include "storage/store.h"

namespace storage {

/// A store in a PostgreSQL database, with its large blobs in a folder that all nodes share. See open_store.
std::unique_ptr<Store> open_postgres_store(const StoreOptions& options);

}  // namespace storage
