#pragma once

#include <string>

#include "mail/hooks/milter.h"

namespace server {

/// How a filter is reached that is configured as "unix:/run/filter.sock", "127.0.0.1:8891" or "[::1]:8891". Throws
/// std::invalid_argument for anything else.
mail::hooks::Dial dial_filter(const std::string& place);

}  // namespace server
