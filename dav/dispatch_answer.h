#pragma once

#include <optional>
#include <string>

#include "dav/dispatch.h"
#include "dav/error.h"

namespace dav {

/// An answer without a body.
Response answer(int status);

/// An answer whose body is one text.
Response answer(int status, std::string media_type, std::string body);

/// Thrown within a transaction to end it without effect, with an answer that says more than an Error does.
struct Undone {
  Response answer;
};

/// What is said to a refusal: its DAV:error where it has one (RFC 4918 8.7), else its reason as plain text.
Response refuse(const Error& error);

/// ETag, Last-Modified and Cache-Control of what a GET there would give (RFC 9110 15.4.5).
void set_validators(Headers& headers, const storage::Member& member);

}  // namespace dav
