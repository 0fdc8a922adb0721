#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dav::content {

/// Octets as base64, without line ends. RFC 4648 4
std::string encode_base64(std::string_view octets);

/// The octets that a base64 text stands for. White space in it is passed over, padding may be missing; nothing where
/// anything else stands in it.
std::optional<std::string> decode_base64(std::string_view text);

/// A quoted-printable text read, soft line breaks already gone; a '=' that begins no octet stands for itself.
/// RFC 2045 6.7
std::string decode_quoted_printable(std::string_view text);

/// `%41` read; a '%' that begins no octet stands for itself. RFC 3986 2.1
std::string decode_percent(std::string_view text);

/// All but letters, digits and what `also` names as `%41`.
std::string encode_percent(std::string_view octets, std::string_view also);

}  // namespace dav::content
