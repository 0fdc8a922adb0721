#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/address.h"

namespace server {

/// What a proxy says of a connection it passes on (HAProxy's "The PROXY protocol", versions 1 and 2).
struct ProxyHeader {
  enum class State { partial, invalid, complete };
  State state = State::partial;
  std::size_t size = 0;            ///< octets of the header, when complete
  std::optional<Address> address;  ///< the client; nothing when the proxy speaks for itself (LOCAL, UNKNOWN)
  std::uint16_t port = 0;
};

/// The most octets a header may have; a longer one is invalid.
constexpr std::size_t longest_proxy_header = 2048;

/// Reads the header at the start of `bytes`.
ProxyHeader parse_proxy_header(std::string_view bytes);

}  // namespace server
