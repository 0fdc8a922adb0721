#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "dav/request.h"

namespace server {

/// Why a request can't be read: the status that says so, and the reason for the log. The connection is closed after it.
struct FramingRefusal {
  int status = 400;
  std::string reason;
};

/// How the body is delimited (RFC 9112 6.3).
enum class Framing { none, length, chunked };

/// A request's head.
struct HttpHead {
  dav::Request
      request;  ///< without body; authority is Host or that of an absolute target; scheme and client are not set
  Framing framing = Framing::none;
  std::uint64_t length = 0;  ///< for Framing::length; never 0 there
  bool keep_alive = true;    ///< the client may go on with the connection
  bool http_1_0 = false;
  bool expect_continue = false;
  bool unknown_expectation = false;
};

/// Reads the octets of a head, from the request line to the empty line. `longest_target` is a bound of the request
/// target.
std::variant<HttpHead, FramingRefusal> parse_head(std::string_view octets, std::size_t longest_target);

/// RFC 9110 5.6.2.
bool is_token_octet(char octet);

/// RFC 3986 3.2: host and optional port, without user information. Characters are checked, addresses aren't.
bool is_authority(std::string_view authority);

/// Compares ASCII without regard to case.
bool same_text(std::string_view a, std::string_view b);

}  // namespace server
