#include "server/subscriptions/policy.h"

#include <algorithm>

namespace server {

std::chrono::seconds until_next(const SubscriptionPolicy& policy, const Pace& pace, double random) {
  using std::chrono::seconds;
  const seconds said = pace.by_publisher.count() > 0 ? pace.by_publisher : policy.refresh;
  const seconds usual = std::clamp(pace.by_owner.value_or(said), policy.least_refresh,
                                   std::max(policy.least_refresh, policy.longest_refresh));
  seconds length = usual;
  if (pace.failures > 0) {
    const seconds longest = std::max(usual, seconds(std::chrono::hours(24)));
    length = std::min(usual, policy.least_refresh);
    for (std::int64_t i = 1; i < pace.failures && length < longest; ++i) length *= 2;
    length = std::max(std::min(length, longest), pace.retry_after);
  }
  return seconds(static_cast<std::int64_t>(static_cast<double>(length.count()) * (0.9 + 0.2 * random)));
}

}  // namespace server
