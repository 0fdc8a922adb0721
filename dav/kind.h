#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "storage/types.h"

namespace dav {

/// The kinds of resource. What is true of a kind stands in its row (kind.cpp), nowhere else.
enum class Kind : std::uint8_t {
  root,              ///< /
  dav_root,          ///< /dav/
  principal_root,    ///< /dav/principals/
  principal,         ///< /dav/principals/ada/
  calendar_root,     ///< /dav/calendars/
  addressbook_root,  ///< /dav/addressbooks/
  file_root,         ///< /dav/files/
  calendar_home,     ///< /dav/calendars/ada/
  addressbook_home,  ///< /dav/addressbooks/ada/
  file_home,         ///< /dav/files/ada/
  calendar,
  addressbook,
  folder,
  inbox,
  outbox,
  notifications,
  calendar_object,
  card,
  file,
  attachment,  ///< /dav/attachments/ada/…/minutes.txt
  directory,   ///< /dav/directory/
  count_,
};

/// A set of kinds, for the tables: KindSet{Kind::calendar, Kind::inbox}.
class KindSet {
 public:
  constexpr KindSet() = default;
  template <class... Kinds>
  constexpr KindSet(Kind first, Kinds... rest) : bits_((bit(first) | ... | bit(rest))) {}
  constexpr bool has(Kind kind) const { return (bits_ & bit(kind)) != 0; }
  constexpr KindSet without(Kind kind) const { return KindSet(bits_ & ~bit(kind)); }
  constexpr KindSet operator|(KindSet other) const { return KindSet(bits_ | other.bits_); }

 private:
  constexpr explicit KindSet(std::uint32_t bits) : bits_(bits) {}
  static constexpr std::uint32_t bit(Kind kind) { return std::uint32_t{1} << static_cast<unsigned>(kind); }
  std::uint32_t bits_ = 0;
};

inline constexpr KindSet all_homes{Kind::calendar_home, Kind::addressbook_home, Kind::file_home};
inline constexpr KindSet all_objects{Kind::calendar_object, Kind::card, Kind::file};
/// Collections with members of their own in the store.
inline constexpr KindSet all_stored = all_homes | KindSet{Kind::calendar, Kind::addressbook, Kind::folder,
                                                          Kind::inbox,    Kind::outbox,      Kind::notifications};
inline constexpr KindSet all_roots{Kind::root,          Kind::dav_root,         Kind::principal_root,
                                   Kind::calendar_root, Kind::addressbook_root, Kind::file_root};
inline constexpr KindSet everything = all_roots | all_stored | all_objects | KindSet{Kind::principal, Kind::directory};

struct KindRow {
  Kind kind;
  bool collection;                ///< a WebDAV collection
  std::string_view resourcetype;  ///< content of DAV:resourcetype, in the prefixes of xml.h
  Kind object;                    ///< what a PUT into it makes; the kind itself where nothing can be put
  Kind subcollection;             ///< what MKCOL in it makes by default; the kind itself where nothing can be made
  Kind member;                    ///< what a member of it is that is no collection of the store's
};

const KindRow& row(Kind kind);
Kind kind_of(storage::CollectionKind kind);

/// What the store makes for a kind that clients may make; nothing for all others.
std::optional<storage::CollectionKind> collection_kind(Kind kind);

}  // namespace dav
