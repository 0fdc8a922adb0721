#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

/// Modified UTF-7 as UTF-8. Nothing if it isn't what to_utf7 would make of the answer: octets above ASCII or control
/// characters, base64 that has no end, of ASCII, twice in a row, or with bits left over. RFC 3501 5.1.3
std::optional<std::string> from_utf7(std::string_view text);

/// UTF-8 as modified UTF-7. What isn't UTF-8 becomes U+FFFD.
std::string to_utf7(std::string_view text);

}  // namespace mail::imap
