#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mail::mime {

/// The text that a reader of this HTML (UTF-8) sees, up to about that many octets: no tags, scripts, styles, comments;
/// entities read; what stands in one block on one line. Pictures are their alternative text.
std::string html_to_text(std::string_view html, std::size_t limit);

/// The character set that HTML names in a META element at its beginning; empty if it doesn't.
std::string html_charset(std::string_view html);

}  // namespace mail::mime
