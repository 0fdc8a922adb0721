#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dav/calendar/availability.h"
#include "dav/calendar/instances.h"

namespace dav::calendar {

/// The busy time of many objects in a range. RFC 4791 7.10
class FreeBusy {
 public:
  /// The zones must outlive this. Dates and floating times are read in `floating_zone`.
  FreeBusy(const TimeRange& range, const TimeZones& zones, const Zone& floating_zone = TimeZones::utc());

  /// Adds the times that an object takes: those of VEVENTs that aren't transparent or cancelled, tentative ones as
  /// such, the FREEBUSY periods of VFREEBUSYs, and what VAVAILABILITYs leave unavailable (RFC 7953 5). Other objects
  /// take none. `floating_zone` is for this object, where it isn't that of all; it must outlive the call.
  void add(const Object& object, const Zone* floating_zone = nullptr);

  /// A VCALENDAR with one VFREEBUSY: periods in order, those of one type that touch made one. `uid` may be empty.
  std::string text(std::string_view product_id, Seconds now, std::string_view uid) const;

  /// A time, its ends in the range, and its FBTYPE.
  using Period = Availability::Period;

  /// What text() writes.
  std::vector<Period> periods() const;

 private:
  void add_events(const Object& object, const ZoneScope& scope);
  void add_periods(const Object& object, const ZoneScope& scope);
  void add(Seconds start, Seconds end, std::string_view type);

  TimeRange range_;
  const TimeZones& zones_;
  const Zone& floating_zone_;
  std::vector<Period> periods_;
  Availability availability_;
};

}  // namespace dav::calendar
