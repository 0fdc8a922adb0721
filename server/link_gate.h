#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "dav/request.h"
#include "dav/response.h"
#include "storage/accounts.h"
#include "storage/throttle.h"

namespace server {

/// A request's path as it may be told: what stands in the place of a link's secret is left out.
std::string without_secret(std::string_view path);

/// Makes those wait who try one secret link after the other, as those who guess passwords do. A link that has worked
/// for an address goes on working. Safe for use by many threads.
class LinkGate {
 public:
  explicit LinkGate(const storage::PasswordPolicy& policy)
      : throttle_(policy.failures_before_delay, policy.longest_delay) {}

  void set_policy(const storage::PasswordPolicy& policy);

  /// How long they have to wait; zero where they needn't.
  std::chrono::seconds wait(const dav::Request& request);

  /// What became of it: 404 counts as a guess.
  void note(std::string_view path, std::string_view client, int status);

 private:
  std::mutex mutex_;
  storage::Throttle throttle_;
};

}  // namespace server
