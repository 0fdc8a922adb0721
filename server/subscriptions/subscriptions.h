#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "dav/settings.h"
#include "server/subscriptions/kept.h"
#include "server/subscriptions/policy.h"
#include "storage/store.h"

namespace server {

/// Keeps the subscribed calendars: threads that fetch each when it is due. Of several nodes one does. What is due is
/// looked for when something has changed here, and every few seconds, since another process may have changed it.
class Subscriptions {
 public:
  Subscriptions(storage::Store& store, dav::Settings settings, SubscriptionPolicy policy);
  /// Ends the threads; breaks off what is being fetched.
  ~Subscriptions();
  Subscriptions(const Subscriptions&) = delete;
  Subscriptions& operator=(const Subscriptions&) = delete;

  /// For what is fetched from now on.
  void set(dav::Settings settings, SubscriptionPolicy policy);

 private:
  void work();
  void fetch_due();

  storage::Store& store_;
  const KeepersZones zones_;
  std::mutex mutex_;
  std::condition_variable wake_;
  dav::Settings settings_;
  SubscriptionPolicy policy_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> changes_{0};
  std::shared_ptr<void> notices_;  ///< the store's handle
  std::array<std::thread, 2> threads_;
};

}  // namespace server
