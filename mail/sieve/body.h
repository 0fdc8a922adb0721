#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/sieve/message.h"

namespace mail::sieve {

/// Calls `each` for the strings that a body test is about, until it says true; says then whether it did. Of the body,
/// that many octets are looked at. RFC 5173 5
using EachText = std::function<bool(std::string_view)>;
bool raw_body(const Message& message, std::size_t limit, const EachText& each);
bool text_body(const Message& message, std::size_t limit, const EachText& each);
bool content_body(const Message& message, const std::vector<std::string>& types, std::size_t limit,
                  const EachText& each);

}  // namespace mail::sieve
