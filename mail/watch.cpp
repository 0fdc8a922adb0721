#include "mail/watch.h"

#include <algorithm>
#include <utility>

namespace mail {

Watch::Watch(storage::Store& store, Wake wake) : wake_(std::move(wake)) {
  subscription_ = store.subscribe([this](const storage::Notice& notice) { changed(notice.collection); });
}

void Watch::add(storage::Id collection, std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  watching_[collection].push_back(connection);
}

void Watch::remove(storage::Id collection, std::uint64_t connection) {
  const std::lock_guard lock(mutex_);
  const auto found = watching_.find(collection);
  if (found == watching_.end()) return;
  auto& connections = found->second;
  const auto one = std::find(connections.begin(), connections.end(), connection);
  if (one != connections.end()) {
    *one = connections.back();
    connections.pop_back();
  }
  if (connections.empty()) watching_.erase(found);
}

void Watch::changed(storage::Id collection) {
  std::vector<std::uint64_t> woken;
  {
    const std::lock_guard lock(mutex_);
    const auto found = watching_.find(collection);
    if (found == watching_.end()) return;
    woken = found->second;
  }
  for (const std::uint64_t connection : woken) wake_(connection);
}

}  // namespace mail
