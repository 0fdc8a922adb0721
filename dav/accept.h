#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace dav {

/// Which of these media types an Accept field (RFC 9110 12.5.1) names and likes best, of two liked the same the one
/// named first; nothing where it names none of them. Ranges such as */* name no type: what is sent then is the server's
/// choice.
std::optional<std::size_t> preferred_type(std::string_view accept, std::span<const std::string_view> types);

/// Which of these media types an Accept field takes with the highest weight, ranges such as */* included and the most
/// specific one deciding (RFC 9110 12.5.1); of two liked the same the first of the list. Nothing where it takes none of
/// them.
std::optional<std::size_t> acceptable_type(std::string_view accept, std::span<const std::string_view> types);

}  // namespace dav
