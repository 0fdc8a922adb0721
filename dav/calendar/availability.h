#pragma once

#include <map>
#include <string>
#include <vector>

#include "dav/calendar/instances.h"

namespace dav::calendar {

/// When somebody can be had at all, by many VAVAILABILITYs. RFC 7953 4, 5
class Availability {
 public:
  /// A stretch of time, and its FBTYPE.
  struct Period {
    Seconds start = 0;
    Seconds end = 0;
    std::string type;
  };

  explicit Availability(const TimeRange& range) : range_(range) {}

  /// Adds a VAVAILABILITY if it touches the range.
  void add(const content::Component& availability, const ZoneScope& scope);

  /// The time of the range that is taken: what VAVAILABILITYs cover without an AVAILABLE, those of a higher priority
  /// deciding over the others. In order; neighbours are of different types.
  std::vector<Period> busy() const;

 private:
  /// One VAVAILABILITY, cut to the range.
  struct Block {
    int rank = 0;  ///< 0 the lowest … 9 the highest
    Seconds start = 0;
    Seconds end = 0;
    std::string type;
    std::vector<std::pair<Seconds, Seconds>> free;
  };

  /// From each of the places on, what holds: empty for nothing.
  using Line = std::map<Seconds, std::string>;

  void add_free(Block& block, const content::Component& availability, const ZoneScope& scope) const;
  Line line_of(int rank) const;

  TimeRange range_;
  std::vector<Block> blocks_;
};

}  // namespace dav::calendar
