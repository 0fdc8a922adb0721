#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "dav/calendar/timezone.h"
#include "dav/calendar/zone_catalog.h"
#include "dav/dispatch.h"

namespace server {

/// The time zones, for those who act without a request.
struct KeepersZones {
  dav::calendar::TimeZones zones;
  dav::calendar::ZoneCatalog catalog;

  /// Refers to all that it is given, and to this.
  dav::Environment environment(storage::Store& store, const dav::Settings& settings) const {
    return {store, settings, zones, catalog};
  }
};

/// An object as it is to be in a calendar that the server itself keeps.
struct KeptObject {
  std::string name;
  std::string bytes;
};

/// What became of them.
struct KeptReport {
  struct Skipped {
    std::string name;
    std::string reason;
  };
  std::size_t added = 0, changed = 0, removed = 0, same = 0;
  std::vector<Skipped> skipped;  ///< no calendar takes them
  bool taken_away = false;       ///< `begin` has said no: what comes after is not done
};

/// Makes a calendar hold these objects and no others: in transactions of a few hundred changes, each object that
/// differs from what stands there being changed, and no other touched. `same` says which differences don't count.
/// `begin` is called first in each of these transactions; false there ends it all. `done` is called last in the last
/// one, which there always is. Throws storage::QuotaExceeded and storage::Failure; what was done until then stays.
KeptReport keep(const dav::Environment& environment, storage::Id calendar, const std::vector<KeptObject>& objects,
                const std::function<bool(std::string_view, std::string_view)>& same,
                const std::function<bool(storage::Transaction&)>& begin,
                const std::function<void(storage::Transaction&)>& done);

}  // namespace server
