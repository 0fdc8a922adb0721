#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dav/dispatch.h"
#include "dav/xml.h"

namespace dav::calendar {
class Zone;
}

namespace dav {

/// The zone in which a report reads dates and floating times: what it says itself by CALDAV:timezone (RFC 4791 9.8) or
/// CALDAV:timezone-id (RFC 7809 6.2), else what the calendar says by its property, else the account's, else UTC.
class QueryZone {
 public:
  /// Throws Error{calendar_valid_calendar_data, valid_timezone} where the report names one that can't be used.
  static QueryZone read(const xml::Element& report, const Environment& environment);

  /// For a calendar; valid until another one is asked for, as long as this object and the environment.
  const calendar::Zone& of(const Context& context, const storage::Collection& calendar) const;

 private:
  std::shared_ptr<const calendar::Zone> named_;              // shared by the copies of an Action
  mutable std::shared_ptr<const calendar::Zone> described_;  // by the property of the calendar asked for last
};

}  // namespace dav
