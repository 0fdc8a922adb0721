#pragma once

#include <string>
#include <string_view>

namespace storage {

/// ASCII letters in lower case; others as they are.
std::string lower_case(std::string_view text);

/// An account's name stands in paths, addresses and logs: 1 to 64 of a-z 0-9 . _ - + @, the first a letter or digit.
/// Throws std::invalid_argument.
void check_account_name(std::string_view name);

/// An e-mail address in its common form: something, '@', a domain, nothing that needs quotes. Throws
/// std::invalid_argument.
void check_address(std::string_view address);

}  // namespace storage
