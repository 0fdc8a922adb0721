#pragma once

#include <map>
#include <string>
#include <string_view>

namespace web {

/// The text within XML or HTML, also in an attribute's quotes; control characters and what isn't UTF-8 are left out.
std::string escaped(std::string_view text);

/// The text as a string of JSON, with its quotes. What isn't UTF-8 is left out.
std::string json_string(std::string_view text);

/// RFC 4648 4, with its padding.
std::string base64(std::string_view octets);

/// The fields of a query or of a form (application/x-www-form-urlencoded); of two with one name, the first. At most
/// 64 of them.
std::map<std::string, std::string, std::less<>> form_fields(std::string_view text);

}  // namespace web
