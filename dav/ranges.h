#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dav/response.h"

namespace dav {

/// The octets from `first` to `last`, both included.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  std::uint64_t size() const { return last - first + 1; }
  bool operator==(const ByteRange&) const = default;
};

enum class RangeOutcome {
  whole,          ///< there is no Range to follow: another unit, malformed, or one that asks for too many pieces
  parts,          ///< 206
  unsatisfiable,  ///< 416
};

struct RangeRequest {
  RangeOutcome outcome = RangeOutcome::whole;
  std::vector<ByteRange> ranges;  ///< those that can be satisfied, in the order asked for; overlapping ones joined
};

/// Reads a Range header for a representation of `size` octets (RFC 9110 14.1.2, 14.2).
RangeRequest parse_range(std::string_view header, std::uint64_t size);

/// Makes the answer, a 200 with one piece as its body, a 206 of these ranges: its piece cut, or as multipart/byteranges
/// (RFC 9110 14.6) with `boundary` between the parts, which must not occur in the content.
void cut_to_ranges(Response& response, const std::vector<ByteRange>& ranges, const std::string& boundary);

}  // namespace dav
