#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mime/structure.h"

namespace mail::mime {

/// Octets of a message, from its beginning.
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t size() const { return end - begin; }
  bool operator==(const Range&) const = default;
};

/// What stands between the brackets of BODY[…]. RFC 9051 6.4.5.1
struct Section {
  enum class What { content, header, fields, fields_not, mime, text };

  std::vector<std::uint32_t> path;
  What what = What::content;
  /// The names of HEADER.FIELDS and HEADER.FIELDS.NOT.
  std::vector<std::string> names;
};

/// Reads a section: `1.2.MIME`, `HEADER.FIELDS (From "To")`, nothing between the brackets. Nothing if it is none.
std::optional<Section> parse_section(std::string_view text);

/// The part that a path of numbers names, as an index in the layout; nothing if there is none. The empty path is the
/// message.
std::optional<std::uint32_t> find_part(const Layout& layout, const std::vector<std::uint32_t>& path);

/// Where the section is; for HEADER.FIELDS the whole header, of which select_fields takes what was asked for. Nothing
/// if the message has no such section, which is NIL for the client.
std::optional<Range> find_section(const Layout& layout, const Section& section);

/// Of a header that begins at that octet: the fields that HEADER.FIELDS or HEADER.FIELDS.NOT asks for, and the empty
/// line.
std::vector<Range> select_fields(std::string_view header, std::uint64_t begin, const Section& section);

/// Of what these ranges are together: `count` octets from `origin` on, less where it ends before. RFC 9051 6.4.5
std::vector<Range> partial(const std::vector<Range>& ranges, std::uint64_t origin, std::uint64_t count);

}  // namespace mail::mime
