#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "dav/calendar/disclosure.h"

namespace dav::calendar {

/// What the head of a calendar as one stream says of it; what is empty is left out.
struct FeedHead {
  std::string product_id;
  std::string name;
  std::string description;
  std::string color;      ///< "#RRGGBB", perhaps with an alpha value behind it, or the name of a CSS colour
  std::string refresh;    ///< a duration: how often it is worth asking again
  std::string time_zone;  ///< the TZID that the calendar's floating times are meant in
};

/// The lines from BEGIN:VCALENDAR to the first component, for RFC 5545, for RFC 7986 and for those who came before it.
std::string feed_head(const FeedHead& head);

inline constexpr std::string_view feed_end = "END:VCALENDAR\r\n";

/// Puts the objects of a calendar together into one stream: each time zone once, all other components octet by octet.
class FeedBody {
 public:
  explicit FeedBody(Disclosure disclosure = Disclosure::everything, MaskUid mask = {})
      : disclosure_(disclosure), mask_(std::move(mask)) {}

  /// Appends what may be seen of an object to `components`, and the time zones of such an object that haven't been
  /// there yet to `zones`. False for what can't be read; then nothing is appended.
  bool add(std::string object, std::string& zones, std::string& components);

 private:
  Disclosure disclosure_;
  MaskUid mask_;
  std::unordered_set<std::uint64_t> zones_;  ///< by hash: a thousand objects may have a thousand long TZIDs
};

/// The CSS3 colour (RFC 7986 5.9) that comes nearest to "#RRGGBB" or "#RRGGBBAA"; a colour's name is its own. Empty for
/// what is no colour.
std::string_view nearest_color_name(std::string_view color);

}  // namespace dav::calendar
