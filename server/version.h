#pragma once

#include <string_view>

namespace server {

/// The version of this build, as in CMakeLists.txt.
std::string_view version();

}  // namespace server
