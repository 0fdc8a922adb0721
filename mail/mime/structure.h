#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mime/parameters.h"
#include "mail/mime/transfer.h"

namespace mail::mime {

enum class PartKind : std::uint8_t {
  leaf,
  /// Its children are its parts.
  multipart,
  /// message/rfc822 or message/global: its one child is the message in it.
  message,
};

/// Where a part of a message is, in octets from the message's beginning. The header ends with its empty line, if there
/// is one; the line end before a boundary belongs to the boundary (RFC 2046 5.1.1).
struct Extent {
  std::uint64_t header_begin = 0;
  std::uint64_t body_begin = 0;
  std::uint64_t body_end = 0;
  /// Line ends (LF) before the header, and before the body; and those in the body.
  std::uint64_t header_line = 0;
  std::uint64_t body_line = 0;
  std::uint64_t body_lines = 0;
  /// The size of the body when its encoding is taken away, lines of a text ending with CRLF. RFC 9051 6.4.5
  std::uint64_t decoded_size = 0;
  /// The index after this part and all parts in it.
  std::uint32_t end = 0;
  PartKind kind = PartKind::leaf;
  Encoding encoding = Encoding::seven_bit;
  /// How BINARY gives the body's lines out: text has CRLF.
  LineEnds line_ends = LineEnds::as_they_are;

  bool operator==(const Extent&) const = default;
};

/// All parts of a message, each before its children. The first is the message itself: its header is the message's.
using Layout = std::vector<Extent>;

/// What a part says of itself, beside its Extent.
struct Description {
  MediaType type;
  /// The fields that were kept of its header, as they came: of a message all of them, of a part those that begin with
  /// Content-; less than all if the header is too long (see Limits).
  std::string header;
};

/// What reading a message gives.
struct Structure {
  Layout layout;
  /// One for each of the layout.
  std::vector<Description> descriptions;
  /// A NUL is somewhere in it: IMAP can't send it in a literal (RFC 9051 4.3.1).
  bool has_nul = false;
  /// A limit was met: some parts are not told apart, or some fields not kept.
  bool truncated = false;
};

/// The children of a part, by their indices in the layout.
std::vector<std::uint32_t> children(const Layout& layout, std::uint32_t part);

/// A layout in a few octets a part, for a row beside the message; and back. Nothing for octets that are no layout.
std::string pack(const Layout& layout);
std::optional<Layout> unpack(std::string_view octets);

}  // namespace mail::mime
