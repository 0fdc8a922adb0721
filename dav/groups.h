#pragma once

#include <optional>
#include <string>

#include "dav/dispatch.h"
#include "dav/property.h"

namespace dav {

inline constexpr std::string_view PILEUS = "urn:x-pileus:dav";

/// What stands in a card's place before a change (card_before), and after it; nothing where there is none.
struct CardChange {
  const storage::Collection& book;
  std::optional<std::string> before;
  const storage::Member* after = nullptr;
};

/// In a book whose PILEUS:group-mode (by default the key dav.group_mode) keeps groups and CATEGORIES the same: changes
/// the cards of groups as the categories of a card have changed (a group that there isn't yet is made), or the
/// categories of the members as the card of a group has. Each card that thereby looks different, and no other, gets a
/// new tag and modseq.
///
/// Comes back with the member that a new card itself has become, where a group had it already; it is not what was sent.
std::optional<storage::Member> follow_groups(Context& context, const CardChange& change);

/// Makes groups and categories the same in a book that has been given the mode of categories: each has what either had.
void join_groups(Context& context, const storage::Collection& book);

/// The octets of a card that is about to change, where follow_groups will want them.
std::optional<std::string> card_before(Context& context, const storage::Collection& book,
                                       const storage::Member* member);

// PILEUS:group-mode.
bool read_group_mode(const Context& context, const Resource& resource, std::string& out);
std::optional<Error> check_group_mode(const Context& context, const Resource& resource, const xml::Element* value);

}  // namespace dav
