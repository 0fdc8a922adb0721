#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dav/conditions_rules.h"
#include "dav/error.h"
#include "dav/if_header.h"
#include "dav/ranges.h"

namespace {

template <class Read>
void read_or_refuse(Read read) {
  try {
    read();
  } catch (const dav::Error& error) {
    if (error.status() != 400) std::abort();
  }
}

}  // namespace

// Any octets as If, If-Match and Range: read, or refused with 400; ranges lie inside of the representation.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_or_refuse([&] {
    const auto lists = dav::parse_if(text);
    if (lists.empty()) std::abort();
    for (const auto& list : lists) {
      if (list.conditions.empty()) std::abort();
    }
    const dav::IfState state{dav::submitted_tokens(lists), "x"};
    dav::evaluate_if(lists, [&](const auto&) { return state; });
  });
  read_or_refuse([&] {
    if (dav::parse_entity_tags(text).empty()) std::abort();
  });
  for (const std::uint64_t length : {0U, 1U, 10U, 1000U}) {
    const auto request = dav::parse_range(text, length);
    for (const auto& range : request.ranges) {
      if (range.first > range.last || range.last >= length) std::abort();
    }
    if ((request.outcome == dav::RangeOutcome::parts) == request.ranges.empty()) std::abort();
  }
  return 0;
}
