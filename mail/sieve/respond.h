#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mail/sieve/interpreter.h"

namespace mail::sieve {

/// What a message that is made here says of itself.
struct Origin {
  std::string from;        ///< the account's address
  std::string message_id;  ///< without brackets
  std::string host_name;   ///< of this server
  std::int64_t now = 0;
  int zone = 0;
};

/// The answer that a vacation gives. RFC 5230 5
std::string vacation_message(const Vacation& vacation, const Origin& origin);

/// What a refused message's sender is told, with the header of the message: a disposition notification. RFC 5429 2.2.1,
/// RFC 8098 3
std::string refusal_message(std::string_view reason, std::string_view header, const std::string& to,
                            const Origin& origin);

}  // namespace mail::sieve
