#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mail/mime/html.h"
#include "mail/mime/section.h"

using namespace mail::mime;

/// A section in the brackets of BODY[], the header it is taken from, and a stored layout: octets that are none are
/// refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto layout = unpack(text);
  const std::string_view line = text.substr(0, text.find('\n'));
  const auto section = parse_section(line);
  if (layout && pack(*layout).empty()) std::abort();
  if (section && layout) find_section(*layout, *section);
  if (layout) find_part(*layout, {1, 1, 1});
  if (section && line.size() < text.size()) {
    const std::string_view header = text.substr(line.size() + 1);
    std::uint64_t octets = 0;
    for (const Range& range : select_fields(header, 7, *section)) {
      if (range.begin < 7 + octets || range.end <= range.begin || range.end > 7 + header.size()) std::abort();
      octets = range.end - 7;
    }
  }
  html_to_text(text, 10'000);
  return 0;
}
