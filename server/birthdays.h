#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "server/subscriptions/kept.h"
#include "storage/store.h"

namespace server {

/// Makes the calendar of an account's birthdays what it is to be: there or not, with an event for each day that its
/// cards name. `state` is what was found; where another was quicker, nothing is done. Once `stop` says so it ends
/// before the next few hundred events; who comes next does the rest.
void update_birthdays(const dav::Environment& environment, const storage::Birthdays& state,
                      const std::function<bool()>& stop = {});

/// Keeps the calendars of birthdays: a thread that makes them anew soon after cards have changed. What other processes
/// have changed, and what was left undone by a crash, is found at the start and every minute.
class Birthdays {
 public:
  /// `by_default`: whether people have such a calendar who have said nothing.
  Birthdays(storage::Store& store, dav::Settings settings, bool by_default);
  ~Birthdays();
  Birthdays(const Birthdays&) = delete;
  Birthdays& operator=(const Birthdays&) = delete;

  void set(dav::Settings settings, bool by_default);

 private:
  void work();
  void update(const std::set<storage::Id>& accounts, bool all);

  storage::Store& store_;
  const KeepersZones zones_;
  std::mutex mutex_;
  std::condition_variable wake_;
  dav::Settings settings_;
  bool by_default_;
  std::atomic<bool> stopping_{false};
  std::set<storage::Id> changed_;  ///< accounts in which something has
  std::shared_ptr<void> notices_;  ///< the store's handle
  std::thread thread_;
};

}  // namespace server
