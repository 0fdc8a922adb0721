#include "dav/group_index.h"

#include <utility>

namespace dav {

void GroupIndex::add(storage::Member member, contacts::Card card) {
  const std::size_t place = groups_.size();
  std::string name = contacts::group_name(card);
  for (const std::string& uid : contacts::members_of(card)) by_member_[uid].insert(place);
  by_name_[name].insert(place);
  if (member.id != 0) by_id_[member.id] = place;
  groups_.push_back({std::move(member), std::move(card), std::move(name), {}, false});
}

void GroupIndex::forget(storage::Id member) {
  const auto known = by_id_.find(member);
  if (known == by_id_.end()) return;
  drop(known->second);
  by_id_.erase(known);
}

void GroupIndex::drop(std::size_t place) {
  BookGroup& group = groups_[place];
  for (const std::string& uid : contacts::members_of(group.card)) by_member_[uid].erase(place);
  for (const std::string& uid : group.change.added) by_member_[uid].erase(place);
  by_name_[group.name].erase(place);
  group.member = {};
  group.name.clear();
  group.change = {};
  group.changed = false;
}

void GroupIndex::written(std::size_t group, storage::Member member) {
  by_id_[member.id] = group;
  groups_[group].member = std::move(member);
  groups_[group].changed = false;
}

void GroupIndex::add_member(std::size_t group, const std::string& uid) {
  by_member_[uid].insert(group);
  groups_[group].change.removed.erase(uid);
  groups_[group].change.added.insert(uid);
  groups_[group].changed = true;
}

void GroupIndex::remove_member(std::size_t group, const std::string& uid) {
  by_member_[uid].erase(group);
  groups_[group].change.added.erase(uid);
  groups_[group].change.removed.insert(uid);
  groups_[group].changed = true;
}

std::set<std::size_t> GroupIndex::at(const Places& places, const std::string& key) {
  const auto found = places.find(key);
  return found == places.end() ? std::set<std::size_t>() : found->second;
}

}  // namespace dav
