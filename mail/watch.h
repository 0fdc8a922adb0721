#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "mail/connection.h"
#include "storage/store.h"

namespace mail {

/// Which connections want to know of changes in which collections. Those that don't wait for any cost nothing. Safe for
/// use by many threads.
class Watch {
 public:
  Watch(storage::Store& store, Wake wake);

  /// From now on the connection is woken after each commit that changes the collection, or what is below it. Look
  /// once after this has returned: what was committed before wakes nobody.
  void add(storage::Id collection, std::uint64_t connection);
  void remove(storage::Id collection, std::uint64_t connection);

 private:
  void changed(storage::Id collection);

  Wake wake_;
  std::mutex mutex_;
  std::unordered_map<storage::Id, std::vector<std::uint64_t>> watching_;
  std::shared_ptr<void> subscription_;  ///< the last member, so that it ends first
};

}  // namespace mail
