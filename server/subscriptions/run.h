#pragma once

#include <functional>
#include <string>

#include "dav/dispatch.h"
#include "dav/subscribed.h"
#include "server/subscriptions/kept.h"
#include "server/subscriptions/policy.h"

namespace server {

/// How long whoever fetches a calendar has it for himself.
std::chrono::seconds lease_length(const SubscriptionPolicy& policy);

/// What has come of fetching one calendar.
struct SubscriptionOutcome {
  int status = 0;     ///< of HTTP
  std::string error;  ///< empty where it went well
  KeptReport report;
};

/// Fetches a calendar, takes it over and notes what has come of it. `leased` is as Transaction::lease_subscription has
/// given it. What can't be read, or is cut off, changes nothing. What is gone (404, 410), or is a calendar without any
/// object where there were some, loses its objects only when it has been so for SubscriptionPolicy::gone_after. Once
/// `stop` says so it ends before the next few hundred objects; the next fetch then does the rest.
SubscriptionOutcome run_subscription(const dav::Environment& environment, const SubscriptionPolicy& policy,
                                     const storage::Subscription& leased, const std::function<bool()>& stop);

}  // namespace server
