#pragma once

#include <span>
#include <string_view>

namespace dav::contacts {

/// What stands before the name of a property or parameter that is carried through a version that doesn't know it.
inline constexpr std::string_view only_v4 = "X-VCARD4-";
inline constexpr std::string_view only_v3 = "X-VCARD3-";

/// A line that 3.0 alone needs; `group` if its group has been made for it too.
inline constexpr std::string_view only_mark = "X-VCARD3-ONLY";
/// What a property of 4.0 was called in 3.0, where that isn't what it would be called now.
inline constexpr std::string_view name_mark = "X-VCARD3-NAME";
/// The components of N and ADR that 3.0 doesn't have (RFC 9554 2.1, 2.2).
inline constexpr std::string_view components_mark = "X-VCARD4-COMPONENTS";

/// Whether only 4.0 has a property of that name, and no other name stands for it in 3.0.
bool is_only_v4(std::string_view name);

/// The same for 3.0.
bool is_only_v3(std::string_view name);

/// A name that programs use in 3.0 for what 4.0 has a property of its own for.
struct Alias {
  std::string_view name_v3;
  std::string_view name_v4;
  std::string_view detail;  ///< IMPP: the scheme of its URI; RELATED: the TYPE
};

/// The alias of that name; nullptr if there is none.
const Alias* find_alias(std::string_view name_v3);

/// Whether a name begins so, and goes on.
bool has_prefix(std::string_view name, std::string_view prefix);

/// Whether a carried property may have that name back: one that a card has once, or that frames it, may not.
bool may_return(std::string_view name);

/// Whether this is one of the TYPEs of RELATED. RFC 6350 6.6.6
bool is_related_type(std::string_view type);

/// What Apple's label of a related person says, as a TYPE of RELATED; empty for a label of people's own.
std::string_view related_type(std::string_view label);

/// The label for a TYPE of RELATED: Apple's, or the type itself.
std::string_view related_label(std::string_view type);

inline constexpr std::string_view anniversary_label = "_$!<Anniversary>!$_";

/// The TYPE of 3.0 and the media type of 4.0 of what a property holds; RFC 2426 3.1.4, 3.5.3, 3.6.6, 3.7.2.
struct MediaName {
  std::string_view property;
  std::string_view type_v3;
  std::string_view media_type;
};

/// Those that differ in more than the case of the subtype.
std::span<const MediaName> media_names();

}  // namespace dav::contacts
