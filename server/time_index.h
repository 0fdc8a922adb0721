#pragma once

#include <cstddef>
#include <functional>

#include "dav/calendar/timezone.h"
#include "storage/store.h"

namespace server {

/// Keeps the store's index of when calendar objects are true to the time zones of the system. For one thread at a time.
class TimeIndex {
 public:
  /// Both outlive this.
  TimeIndex(storage::Store& store, const dav::calendar::TimeZones& zones) : store_(store), zones_(zones) {}

  /// An index with nothing in it holds by any time zones: says that it does by these.
  void begin();

  /// Derives the index anew where it holds by another release of the time zones, while the store is in use. Ends early
  /// when `go_on` returns false.
  void refresh(const std::function<bool()>& go_on);

  /// Remembers the zones in use as they are, so that `tz-report` can tell later what has become of them.
  void remember_zones();

 private:
  storage::Store& store_;
  const dav::calendar::TimeZones& zones_;
  std::size_t remembered_ = 0;
};

}  // namespace server
