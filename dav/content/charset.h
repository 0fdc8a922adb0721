#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dav::content {

/// Octets of that character set (a name of IANA's, as CHARSET parameters have it) as UTF-8; nothing for a set that
/// isn't known. What is no character there becomes U+FFFD.
std::optional<std::string> to_utf8(std::string_view octets, std::string_view charset);

}  // namespace dav::content
