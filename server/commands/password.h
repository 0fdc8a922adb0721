#pragma once

#include <string>

#include "server/arguments.h"

namespace server {

/// A new password: the first line of stdin with --password-stdin, otherwise asked for twice on the terminal without
/// echo. Throws UsageError where there is no terminal, CommandFailed for an empty or differing one.
std::string new_password(const Arguments& arguments);

}  // namespace server
