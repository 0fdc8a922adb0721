#pragma once

#include <string>
#include <vector>

#include "server/arguments.h"
#include "server/config.h"

namespace server {

/// The mail domains that a command is about: those of --domain, else server.domains, else those of the addresses of
/// all accounts. Throws UsageError for what is no domain, CommandFailed where there is none at all.
std::vector<std::string> domains_asked(const Arguments& arguments, const Config& config);

}  // namespace server
