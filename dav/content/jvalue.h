#pragma once

#include <string>
#include <string_view>

#include "dav/content/json.h"

namespace dav::content {

/// Whether it is one of the types for dates: `date`, `date-time`, `date-and-or-time` and `timestamp`, in lower case.
bool is_date_type(std::string_view type);

/// Appends the JSON of one value that stands so in a content line; `type` is the type identifier, in lower case. A text
/// is unescaped. What isn't of the type that it claims is given as the string that it is, so that nothing gets lost.
/// RFC 7265 3.6, RFC 7095 3.5
void append_json_value(std::string& out, std::string_view type, std::string_view value);

/// The reverse: what stands in a content line. Throws MalformedJson where no value of that type can be made of it, and
/// for control characters and line ends where there may be none.
std::string value_of_json(std::string_view type, const Json& json);

/// The string, checked: no control character, in UTF-8 as content lines take it; no line end but where `text` says that
/// it will be escaped. Throws MalformedJson.
enum class LineEnds { refused, allowed };
const std::string& checked(const Json& json, LineEnds line_ends);

}  // namespace dav::content
