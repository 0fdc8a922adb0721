#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace server {

/// What an Authorization field of the Basic scheme says.
struct BasicCredentials {
  std::string name;
  std::string password;
};

/// Reads the value of an Authorization field (RFC 7617 2). Nothing where it is of another scheme, not strictly base64,
/// has no colon or an empty name, has control characters or is not UTF-8.
std::optional<BasicCredentials> parse_basic(std::string_view field);

}  // namespace server
