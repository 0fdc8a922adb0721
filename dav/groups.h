#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dav/dispatch.h"
#include "dav/property.h"

namespace dav {

inline constexpr std::string_view PILEUS = "urn:x-pileus:dav";

/// In a book whose PILEUS:group-mode (by default the key dav.group_mode) keeps groups and CATEGORIES the same: changes
/// the cards of groups as the categories of a card have changed (a group that there isn't yet is made), or the
/// categories of the members as the card of a group has. Each card that thereby looks different, and no other, gets a
/// new tag and modseq.
///
/// It is for one change or many of one book in one transaction: the cards of groups are read once, and written by
/// finish(). That must come before the transaction ends, or anything else looks at the book.
class GroupFollower {
 public:
  GroupFollower(Context& context, const storage::Collection& book);
  ~GroupFollower();

  /// The octets of a card that is about to change, where follow() will want them.
  std::optional<std::string> before(const storage::Member* member);
  /// One change: what stood there (before), and what stands there now; null where nothing does. Comes back with the
  /// member that a new card itself has become, where a group had it already; it is not what was sent.
  std::optional<storage::Member> follow(const std::optional<std::string>& before, const storage::Member* after);
  void finish();

 private:
  class Follower;
  std::unique_ptr<Follower> follower_;  ///< none where groups aren't followed
  Context& context_;
};

/// Removes an object, and has the groups and categories of its book follow.
void remove_followed(Context& context, const storage::Collection& book, const storage::Member& member);

/// Makes groups and categories the same in a book that has been given the mode of categories: each has what either had.
void join_groups(Context& context, const storage::Collection& book);

/// The mode of an address book.
GroupMode group_mode(storage::Transaction& transaction, const Settings& settings, const storage::Collection& book);
std::string_view name_of(GroupMode mode);
std::optional<GroupMode> group_mode_of(std::string_view name);

/// Gives an address book a mode, or the configured one, as a PROPPATCH of PILEUS:group-mode does.
void set_group_mode(const Environment& environment, const storage::Principal& principal, const Address& book,
                    std::optional<GroupMode> mode);

// PILEUS:group-mode.
bool read_group_mode(const Context& context, const Resource& resource, std::string& out);
std::optional<Error> check_group_mode(const Context& context, const Resource& resource, const xml::Element* value);

}  // namespace dav
