#pragma once

#include <string>
#include <string_view>

namespace dav {

/// The media type of a file whose sender has named none, by the ending of its name; application/octet-stream if that
/// tells nothing.
std::string media_type_of_name(std::string_view name);

}  // namespace dav
