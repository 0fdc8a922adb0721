#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dav/contacts/card.h"

namespace dav::contacts {

// A group of people in an address book is said in two ways: by a card of its own that lists its members (RFC 6350 6.1.4
// and 6.6.5, and what Apple's programs write in 3.0), or by CATEGORIES on the members (RFC 6350 6.7.1).

/// The name of a group: the FN of its card, as text.
std::string group_name(const Card& group);

/// The UIDs of a group's members, as a UID stands in its card: without the `urn:uuid:` that MEMBER has it with.
std::set<std::string> members_of(const Card& group);

/// The UID that a MEMBER names, or a card's own: without `urn:uuid:`.
std::string_view bare_uid(std::string_view uid);

/// The categories of a card, as texts.
std::set<std::string> categories_of(const Card& card);

/// What is to be added to a set of names, and what to be taken away.
struct SetChange {
  std::set<std::string> added;
  std::set<std::string> removed;

  bool is_empty() const { return added.empty() && removed.empty(); }
};

/// What leads from one set to another.
SetChange change_between(const std::set<std::string>& before, const std::set<std::string>& after);

/// The card with other categories; every line but CATEGORIES stays as it is.
std::string with_categories(const Card& card, const SetChange& change);

/// The group with other members (bare UIDs), in its own dialect; every other line stays as it is.
std::string with_members(const Card& group, const SetChange& change);

/// A card for a group of that name, without members.
std::string new_group(std::string_view name, std::string_view uid, Version version);

}  // namespace dav::contacts
