#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dav/content/json.h"

namespace dav::content {

Json json_string(std::string_view text);
Json json_number(std::uint64_t number);
Json json_true();
Json json_object();
Json json_array();

/// The value of that name in an object; nullptr if there is none, or if it is no object.
const Json* find_member(const Json& object, std::string_view name);
Json* find_member(Json& object, std::string_view name);

/// Whether it is an object that has such a member.
bool has_member(const Json& object, std::string_view name);

/// The characters of a string of that name; empty if there is none.
std::string_view string_member(const Json& object, std::string_view name);

/// Gives an object a member that it doesn't have yet.
Json& add_member(Json& object, std::string_view name, Json value);

/// Gives an object a member, in the place of the one that it has.
void set_member(Json& object, std::string_view name, Json value);

/// The object that an object has of that name, made if need be.
Json& object_member(Json& object, std::string_view name);

void remove_member(Json& object, std::string_view name);

/// Appends the text without white space.
void append_json(std::string& out, const Json& json);

/// Whether two values are the same: the members of objects in any order, numbers as they are written.
bool same_json(const Json& left, const Json& right);

/// A whole number within these bounds, of nine digits at most, without sign and leading zeros.
std::optional<unsigned> small_number(std::string_view text, unsigned least, unsigned most);

/// A name as a reference token of a JSON pointer. RFC 6901 3
std::string escape_token(std::string_view name);

/// A JSON pointer without its leading slash, and the value to be set; null takes the member away. RFC 9553 1.4.3
using Patch = std::pair<std::string, Json>;

/// The patches that make the one object the other. None points into an array, nor has more names than `most_names`:
/// what differs there is replaced.
std::vector<Patch> difference(const Json& from, const Json& to, std::size_t most_names = SIZE_MAX);

/// Applies all patches, or where one of them is invalid none. At most 1000.
bool apply_patches(Json& object, const std::vector<Patch>& patches);
inline constexpr std::size_t most_patches = 1000;

}  // namespace dav::content
