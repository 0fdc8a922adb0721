#pragma once

#include <string>
#include <string_view>

namespace mail::mime {

/// Octets that are said to be in that character set, as UTF-8. Mail says wrong things: where the set is unknown,
/// missing or ASCII, or where it is UTF-8 and no character of the octets is, they are guessed (see guessed_utf8). A set
/// is read as the larger one that its users mean (ISO-8859-1 as windows-1252, GB2312 as GB18030, …). What is no
/// character there becomes U+FFFD.
std::string to_utf8(std::string_view octets, std::string_view charset);

/// Octets of which nobody said what they are: UTF-8 where they are that, ISO-2022-JP where its escapes are in them,
/// else windows-1252. RFC 7103 7.6
std::string guessed_utf8(std::string_view octets);

/// Whether these octets are UTF-8 (RFC 3629); a character that is cut at their end is forgiven if told so.
enum class Tail { whole, may_be_cut };
bool is_utf8(std::string_view octets, Tail tail = Tail::whole);

/// Whether all octets are below 128.
bool is_ascii(std::string_view octets);

/// The first characters of a UTF-8 text, that many at the most.
std::string_view first_characters(std::string_view text, std::size_t count);

}  // namespace mail::mime
