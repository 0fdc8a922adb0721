#pragma once

#include <vector>

#include "dav/calendar/narrow.h"
#include "dav/calendar/pattern.h"
#include "dav/dispatch.h"

namespace dav {

/// Which objects of a calendar may have to do with a range of time, by the store's index: all that have, and some
/// others. For any number of calendars.
class Candidates {
 public:
  Candidates(const Context& context, const calendar::RangeNeeded& needed);

  /// The members, each once, in order of their ids. Dates and floating times are read in `floating`.
  std::vector<storage::Id> in(const storage::Collection& calendar, const calendar::Zone& floating) const;

 private:
  /// The window of days and the one of the store for a range.
  struct Window {
    Window(const calendar::TimeRange& range, int layer);
    calendar::PatternWindow days;
    storage::TimeWindow times;
  };

  void add(const calendar::TimeRange& range, int layer);

  const Context& context_;
  std::vector<Window> windows_;
  std::vector<Window> wider_;  ///< for zones that nobody knows
};

}  // namespace dav
