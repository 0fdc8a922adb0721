#pragma once

#include "server/address.h"

namespace server {

/// Whether an address is one of the public Internet. Not: private, loopback, link-local, shared (RFC 6598),
/// documentation, benchmarking, multicast and reserved ones, nor IPv6 addresses that lead to such an IPv4 address (by
/// 6to4 or NAT64). RFC 6890
bool is_public(const Address& address);

}  // namespace server
