#include "storage/notices.h"

#include <mutex>

namespace storage {

std::shared_ptr<void> Subscribers::add(Store::Notify notify) {
  const std::unique_lock lock(list_->mutex);
  const std::uint64_t number = list_->next++;
  list_->entries.emplace(number, std::move(notify));
  return std::shared_ptr<void>(nullptr, [list = list_, number](void*) {
    const std::unique_lock end(list->mutex);
    list->entries.erase(number);
  });
}

void Subscribers::tell(const std::vector<Notice>& notices) const {
  if (notices.empty()) return;
  const std::shared_lock lock(list_->mutex);
  for (const auto& [number, notify] : list_->entries) {
    for (const Notice& notice : notices) notify(notice);
  }
}

}  // namespace storage
