#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "dav/response.h"

namespace server {

/// What the front adds to a response.
struct Framed {
  bool head_only = false;  ///< the answer to HEAD
  bool keep_alive = true;
  bool http_1_0 = false;
  bool chunked = false;                        ///< the body's length isn't known yet (RFC 9112 7.1)
  std::string_view strict_transport_security;  ///< empty: not
};

/// The status line and fields of `response`, with the empty line. Connection, Date, Content-Length and
/// Transfer-Encoding are the front's: the handler's own are dropped, except Content-Length where there is no body to
/// count (HEAD, 304). Characters that would end a field are made harmless.
std::string write_head(const dav::Response& response, const Framed& framed, std::time_t now);

/// Whether responses with this status have a body (RFC 9110 6.4.1).
bool may_have_body(int status);

std::string_view reason_phrase(int status);

/// A small answer for people: a line of text/plain.
dav::Response plain_answer(int status, std::string refusal);

}  // namespace server
