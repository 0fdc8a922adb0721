#pragma once

#include <memory>

#include "storage/store.h"

namespace storage {

/// A store in a folder. See open_store.
std::unique_ptr<Store> open_sqlite_store(const StoreOptions& options);

}  // namespace storage
