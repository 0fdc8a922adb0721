#pragma once

#include <string>
#include <vector>

#include "dav/request.h"
#include "server/address.h"
#include "server/loop.h"

namespace server {

/// Where a request comes from, as far as it is known.
struct Origin {
  std::string client;        ///< an address
  std::string scheme;        ///< "http" or "https", as the client sees it
  std::string authority;     ///< host and port, as the client sees them
  bool by_proxy = false;     ///< a trusted proxy passed it on
  bool scheme_told = false;  ///< and it said by which scheme
};

/// What the socket says, and, when its other end is one of `trusted`, what Forwarded (RFC 7239) or else
/// X-Forwarded-For, -Proto and -Host say. Of a chain of proxies, the client is the last address that isn't trusted
/// itself.
Origin origin_of(const dav::Request& request, const Peer& peer, const std::vector<Cidr>& trusted);

}  // namespace server
