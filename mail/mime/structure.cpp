#include "mail/mime/structure.h"

#include <cstddef>

namespace mail::mime {

namespace {

constexpr char packed_version = 1;

void put(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>((value & 0x7F) | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

/// Reads what put wrote; false from the first octet on that it can't have written.
class Unpacker {
 public:
  explicit Unpacker(std::string_view octets) : octets_(octets) {}

  bool at_end() const { return octets_.empty(); }

  bool get(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 63 && !octets_.empty(); shift += 7) {
      const auto octet = static_cast<unsigned char>(octets_.front());
      octets_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(octet & 0x7F) << shift;
      if (octet < 0x80) return true;
    }
    return false;
  }

 private:
  std::string_view octets_;
};

/// The sizes of a message are far below this, so that sums of a few can't overflow.
constexpr std::uint64_t largest = std::uint64_t{1} << 48;

bool get_extent(Unpacker& unpacker, const Extent& before, Extent& extent) {
  std::uint64_t numbers[8] = {};
  for (auto& number : numbers) {
    if (!unpacker.get(number) || number > largest) return false;
  }
  extent.header_begin = before.header_begin + numbers[0];
  extent.body_begin = extent.header_begin + numbers[1];
  extent.body_end = extent.body_begin + numbers[2];
  extent.header_line = before.header_line + numbers[3];
  extent.body_line = extent.header_line + numbers[4];
  extent.body_lines = numbers[5];
  extent.decoded_size = numbers[6];
  const std::uint64_t kind = numbers[7] & 3;
  const std::uint64_t encoding = (numbers[7] >> 2) & 7;
  if (extent.body_end > largest || kind > 2 || encoding > static_cast<std::uint64_t>(Encoding::unknown)) return false;
  extent.kind = static_cast<PartKind>(kind);
  extent.encoding = static_cast<Encoding>(encoding);
  extent.line_ends = (numbers[7] & 32) != 0 ? LineEnds::crlf : LineEnds::as_they_are;
  extent.end = static_cast<std::uint32_t>(numbers[7] >> 6);
  return true;
}

/// Whether each part ends within the one that it is in.
bool is_nested(const Layout& layout) {
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < layout.size(); ++i) {
    while (!open.empty() && layout[open.back()].end <= i) open.pop_back();
    const std::uint32_t last = open.empty() ? static_cast<std::uint32_t>(layout.size()) : layout[open.back()].end;
    if (layout[i].end <= i || layout[i].end > last) return false;
    if (open.empty() && (i > 0 || layout[i].end != last)) return false;
    if (!open.empty() && layout[open.back()].kind == PartKind::leaf) return false;
    if (layout[i].kind == PartKind::message && layout[i].end == i + 1) return false;
    open.push_back(i);
  }
  return !layout.empty();
}

}  // namespace

std::vector<std::uint32_t> children(const Layout& layout, std::uint32_t part) {
  std::vector<std::uint32_t> result;
  for (std::uint32_t i = part + 1; i < layout[part].end; i = layout[i].end) result.push_back(i);
  return result;
}

std::string pack(const Layout& layout) {
  std::string out(1, packed_version);
  Extent before;
  for (const Extent& extent : layout) {
    put(out, extent.header_begin - before.header_begin);
    put(out, extent.body_begin - extent.header_begin);
    put(out, extent.body_end - extent.body_begin);
    put(out, extent.header_line - before.header_line);
    put(out, extent.body_line - extent.header_line);
    put(out, extent.body_lines);
    put(out, extent.decoded_size);
    put(out, static_cast<std::uint64_t>(extent.kind) | static_cast<std::uint64_t>(extent.encoding) << 2 |
                 (extent.line_ends == LineEnds::crlf ? 32U : 0U) | static_cast<std::uint64_t>(extent.end) << 6);
    before = extent;
  }
  return out;
}

std::optional<Layout> unpack(std::string_view octets) {
  if (octets.empty() || octets.front() != packed_version) return std::nullopt;
  Unpacker unpacker(octets.substr(1));
  Layout layout;
  Extent before;
  while (!unpacker.at_end()) {
    Extent extent;
    if (!get_extent(unpacker, before, extent)) return std::nullopt;
    before = extent;
    layout.push_back(extent);
  }
  if (!is_nested(layout)) return std::nullopt;
  return layout;
}

}  // namespace mail::mime
