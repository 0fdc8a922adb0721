#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "mail/mime/body_structure.h"
#include "mail/mime/charset.h"
#include "mail/mime/section.h"
#include "tests/mime/message.h"

using namespace mail::mime;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_layout(const std::string& message, const Layout& layout) {
  for (const Extent& extent : layout) {
    demand(extent.header_begin <= extent.body_begin && extent.body_begin <= extent.body_end);
    demand(extent.body_end <= message.size());
    const auto begin = message.begin() + static_cast<std::ptrdiff_t>(extent.body_begin);
    const auto end = message.begin() + static_cast<std::ptrdiff_t>(extent.body_end);
    demand(static_cast<std::uint64_t>(std::count(begin, end, '\n')) == extent.body_lines);
    if (extent.kind == PartKind::leaf) demand(extent.decoded_size == binary_of(message, extent).size());
  }
  const auto unpacked = unpack(pack(layout));
  demand(unpacked && *unpacked == layout);
}

}  // namespace

/// A message, whole and in pieces: its structure is one, fits in it, and everything that is computed of it can be.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string message(reinterpret_cast<const char*>(data), size);
  const Limits limits{50, 10, 2000, 10'000};
  const Structure structure = scan(message, limits);
  demand(structure.layout.size() <= limits.parts);
  check_layout(message, structure.layout);
  for (const std::size_t piece : {1U, 13U}) demand(scan_in_pieces(message, piece, limits).layout == structure.layout);
  for (const Client client : {Client::rev1, Client::utf8}) {
    demand(body_structure(structure, Detail::body, client).size() > 10);
    body_structure(structure, Detail::body_structure, client);
  }
  const SearchText text = search_text(structure, reader_of(message), {5'000, 20'000});
  demand(is_utf8(text.body) && is_utf8(text.headers) && is_utf8(text.subject) && is_utf8(text.attachments));
  const std::string shown = preview(structure, reader_of(message));
  demand(is_utf8(shown) && first_characters(shown, 200).size() == shown.size());
  for (const char* name : {"1", "1.1", "2.MIME", "1.TEXT", "HEADER.FIELDS (Subject)"}) {
    const auto section = parse_section(name);
    const auto range = section ? find_section(structure.layout, *section) : std::nullopt;
    demand(!range || (range->begin <= range->end && range->end <= message.size()));
  }
  return 0;
}
