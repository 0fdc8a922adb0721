#pragma once

#include <string>
#include <string_view>

namespace mail::mime {

/// An unfolded text of a header (a subject, a phrase, a comment) as it is shown: the encoded words of RFC 2047 read
/// wherever they stand, raw 8-bit octets guessed, control characters turned into spaces. White space between encoded
/// words goes; a character that is split between two words of one character set is mended. UTF-8 in any case.
std::string decode_words(std::string_view text);

}  // namespace mail::mime
