#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "server/subscriptions/fetch.h"

namespace server {

/// How the server keeps calendars from elsewhere.
struct SubscriptionPolicy {
  bool enabled = true;
  std::chrono::seconds refresh{std::chrono::hours(6)};  ///< where neither its owner nor its publisher asks for more
  std::chrono::seconds least_refresh{std::chrono::minutes(15)};
  std::chrono::seconds longest_refresh{std::chrono::hours(7 * 24)};
  std::chrono::seconds gone_after{std::chrono::hours(3 * 24)};  ///< so long it must be gone before its objects go
  FetchPolicy fetch;
};

/// What the time of the next fetch depends on.
struct Pace {
  std::optional<std::chrono::seconds> by_owner = std::nullopt;
  std::chrono::seconds by_publisher{0};  ///< 0: it says nothing
  std::int64_t failures = 0;             ///< in a row
  std::chrono::seconds retry_after{0};   ///< what the other server asks for
};

/// How long until the next fetch: what its owner wants, else its publisher, else the configuration, within the bounds;
/// after failures at first soon, then twice as long each time, up to a day or the usual time. `random`, from 0 to 1,
/// makes it a tenth shorter or longer, so that not all come at once.
std::chrono::seconds until_next(const SubscriptionPolicy& policy, const Pace& pace, double random);

}  // namespace server
