#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dav/content/content_line.h"

namespace dav::content {

/// A stretch of a text.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// What a text of many objects holds, and where: the cards of a stream of cards, or the components of a calendar by
/// their UIDs.
struct StreamIndex {
  std::string head;  ///< the calendar's own properties, as written; without METHOD, which no stored object has
  std::vector<std::pair<std::string, std::string>> zones;  ///< TZID and octets of each time zone
  std::vector<std::vector<Extent>> objects;                ///< in order; a component without a UID is one by itself
};

/// Finds the objects in a text of any length that comes piece by piece, without keeping it. Lines end in LF or CRLF.
class StreamReader {
 public:
  StreamReader(Dialect dialect, std::size_t most_objects) : dialect_(dialect), most_objects_(most_objects) {}

  /// Throws Malformed, also where there are too many objects.
  void add(std::string_view piece);

  /// To be called once, after the last piece. Throws Malformed.
  StreamIndex finish();

 private:
  void take_line(std::string_view line, std::uint64_t next);
  void take_logical_line();
  void begin(std::string_view name);
  void end();
  void keep_object();

  Dialect dialect_;
  std::size_t most_objects_;
  StreamIndex index_;
  std::unordered_map<std::size_t, std::size_t> by_uid_;  ///< by the UID's hash
  std::string rest_;                                     ///< of a line that goes on in the next piece
  std::string line_;                                     ///< unfolded, so far
  std::string raw_;                                      ///< its octets, where they are kept
  std::uint64_t offset_ = 0;                             ///< of the next octet
  std::uint64_t line_start_ = 0;
  std::uint64_t line_end_ = 0;
  std::uint64_t object_start_ = 0;
  std::size_t line_number_ = 0;
  std::size_t depth_ = 0;
  std::size_t kept_ = 0;  ///< octets of head and zones
  bool in_zone_ = false;
  std::string uid_;
  std::string tzid_;
  std::string zone_;
};

}  // namespace dav::content
