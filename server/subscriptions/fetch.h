#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/address.h"

namespace server {

/// What may be fetched, and what it may cost.
struct FetchPolicy {
  std::chrono::milliseconds time{30'000};          ///< in all, with redirects
  std::uint64_t octets = std::uint64_t{10} << 20;  ///< of the body, decoded
  std::vector<Cidr> allowed;                       ///< addresses to fetch from though they are none of the Internet
  bool webcal_is_http = false;                     ///< webcal: is read as http:, otherwise as https:
};

struct FetchRequest {
  std::string url;
  std::string etag;           ///< of what is here already; empty for nothing
  std::string last_modified;  ///< the same
};

struct Fetched {
  int status = 0;     ///< of HTTP; 0 where there was no answer
  std::string error;  ///< why there is nothing to be used; empty for 200 and 304
  std::string body;   ///< of 200
  std::string etag;
  std::string last_modified;
  std::chrono::seconds retry_after{0};
};

/// The URL that webcal:, webcals:, http: or https: stands for; nothing for any other, and for what can't be read.
/// Ports that belong to other protocols than HTTP are refused: 80, 443 and those from 1024 on are left.
std::optional<std::string> fetchable(const std::string& url, const FetchPolicy& policy);

/// A URL as it may stand in a log: scheme and host. The rest is often a secret.
std::string without_secrets(const std::string& url);

/// Fetches by HTTP, following redirects but from https to http; each address that is connected to is checked, whatever
/// its name was resolved to. `stop` is asked about once a second, and ends it. Throws nothing of its own.
Fetched fetch(const FetchRequest& request, const FetchPolicy& policy, const std::function<bool()>& stop);

}  // namespace server
