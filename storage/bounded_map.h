#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace storage {

/// A map that forgets what was touched least recently when it is full. For one thread at a time.
template <class Value>
class BoundedMap {
 public:
  explicit BoundedMap(std::size_t limit) : limit_(limit) {}

  /// Null where there is none; otherwise the entry counts as touched. Valid until the next call.
  Value* find(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  /// The entry of that key, made if there is none.
  Value& operator[](const std::string& key) {
    if (Value* value = find(key)) return *value;
    if (index_.size() == limit_) take_oldest();
    entries_.emplace_front(key, Value());
    index_.emplace(key, entries_.begin());
    return entries_.front().second;
  }

  void erase(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    entries_.erase(found->second);
    index_.erase(found);
  }

  /// Forgets what was touched least recently, and returns it. Not where there is nothing.
  Value take_oldest() {
    Value value = std::move(entries_.back().second);
    index_.erase(entries_.back().first);
    entries_.pop_back();
    return value;
  }

  std::size_t size() const { return index_.size(); }

 private:
  std::size_t limit_;
  std::list<std::pair<std::string, Value>> entries_;
  std::unordered_map<std::string, typename std::list<std::pair<std::string, Value>>::iterator> index_;
};

}  // namespace storage
