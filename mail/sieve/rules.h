#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mail/sieve/script.h"

namespace mail::sieve {

/// The match variables that there are: ${0} to this. RFC 5229 6
constexpr std::size_t most_match_variables = 32;

/// What must be true of a command or test beyond the kinds of its arguments; `required` are the script's extensions.
/// Throws ScriptError.
void check_rules(const Call& call, const std::vector<std::string>& required);

}  // namespace mail::sieve
