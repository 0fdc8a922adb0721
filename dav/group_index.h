#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dav/contacts/group.h"
#include "storage/types.h"

namespace dav {

/// The card of a group in an address book, and how its members are to change.
struct BookGroup {
  storage::Member member;  ///< without an id: not in the store yet
  contacts::Card card;
  std::string name;
  contacts::SetChange change;  ///< since the card was read
  bool changed = false;        ///< there is more to it than was last written
};

/// The groups of an address book, found by their names and by their members: what follows one card costs as much as it
/// has groups, however many there are in the book. Pure.
class GroupIndex {
 public:
  void add(storage::Member member, contacts::Card card);
  /// What was known of the group that this member was; it is no more, or will be added anew.
  void forget(storage::Id member);
  void drop(std::size_t group);

  /// The groups of that name, or with that member, as places in all().
  std::set<std::size_t> named(const std::string& name) const { return at(by_name_, name); }
  std::set<std::size_t> of(const std::string& uid) const { return at(by_member_, uid); }

  std::vector<BookGroup>& all() { return groups_; }         ///< a group that was forgotten has no name and no id
  void written(std::size_t group, storage::Member member);  ///< its card is in the store as it is now
  void add_member(std::size_t group, const std::string& uid);
  void remove_member(std::size_t group, const std::string& uid);

 private:
  using Places = std::map<std::string, std::set<std::size_t>, std::less<>>;
  static std::set<std::size_t> at(const Places& places, const std::string& key);

  std::vector<BookGroup> groups_;
  std::map<storage::Id, std::size_t> by_id_;
  Places by_name_;
  Places by_member_;
};

}  // namespace dav
