#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <vector>

#include "storage/store.h"

namespace storage {

/// Those who want to know of changes. Safe for use by many threads.
class Subscribers {
 public:
  /// The returned handle's end waits for a call that is under way, so it must not be let go from within one.
  std::shared_ptr<void> add(Store::Notify notify);

  void tell(const std::vector<Notice>& notices) const;

 private:
  struct List {
    mutable std::shared_mutex mutex;
    std::map<std::uint64_t, Store::Notify> entries;
    std::uint64_t next = 0;
  };
  std::shared_ptr<List> list_ = std::make_shared<List>();  // shared with the handles, which may outlive the store
};

}  // namespace storage
