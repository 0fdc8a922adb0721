#pragma once

#include <cstddef>
#include <string_view>

namespace server {

/// The length of the well-formed UTF-8 sequence at the start of `text`; 0 where there is none (RFC 3629 4).
std::size_t utf8_sequence(std::string_view text);

/// True where all of `text` is well-formed.
bool is_utf8(std::string_view text);

}  // namespace server
