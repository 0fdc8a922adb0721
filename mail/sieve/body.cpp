#include "mail/sieve/body.h"

#include <algorithm>

#include "mail/mime/charset.h"
#include "mail/mime/header.h"
#include "mail/mime/parameters.h"
#include "mail/mime/text.h"
#include "mail/mime/transfer.h"

namespace mail::sieve {

namespace {

/// RFC 5173 4: "If a message consists of a header only, not followed by an empty line, then that set is empty".
bool has_body(const Message& message) {
  const std::uint64_t begin = message.structure().layout.at(0).body_begin;
  if (begin < message.size()) return true;
  const std::size_t tail = std::min<std::size_t>(static_cast<std::size_t>(begin), 4);
  const std::string end = message.octets(begin - tail, tail);
  return end == "\r\n" || end.ends_with("\n\r\n") || end.ends_with("\n\n") || end == "\n";
}

/// RFC 5173 5.2: what a type of :content means.
bool type_matches(const mime::MediaType& type, std::string_view wanted) {
  if (wanted.empty()) return true;
  const std::size_t slash = wanted.find('/');
  if (slash == std::string_view::npos) return type.is(wanted);
  if (slash == 0 || slash + 1 == wanted.size() || wanted.find('/', slash + 1) != std::string_view::npos) return false;
  return type.is(wanted.substr(0, slash), wanted.substr(slash + 1));
}

class Parts {
 public:
  Parts(const Message& message, std::size_t limit) : message_(message), left_(limit) {}

  const mime::Structure& structure() const { return message_.structure(); }

  std::string octets(std::uint64_t begin, std::uint64_t end) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(end > begin ? end - begin : 0, left_));
    left_ -= size;
    return message_.octets(begin, size);
  }

  /// A leaf: decoded, and text as UTF-8.
  std::string leaf(std::uint32_t part) {
    const mime::Extent& extent = structure().layout[part];
    mime::TransferDecoder decoder(extent.encoding, extent.line_ends);
    std::string out;
    decoder.add(octets(extent.body_begin, extent.body_end), out);
    decoder.finish(out);
    const mime::MediaType& type = structure().descriptions[part].type;
    if (!type.is("text")) return out;
    return mime::to_utf8(out, mime::parameter(type.parameters, "charset").value_or(""));
  }

 private:
  const Message& message_;
  std::size_t left_;
};

/// The prologue and the epilogue of a multipart, without their boundaries.
bool around_parts(Parts& parts, std::uint32_t part, const EachText& each) {
  const mime::Layout& layout = parts.structure().layout;
  const auto within = mime::children(layout, part);
  const mime::Extent& extent = layout[part];
  if (within.empty()) return each(parts.octets(extent.body_begin, extent.body_end));
  std::string prologue = parts.octets(extent.body_begin, layout[within.front()].header_begin);
  // The line of the boundary ends it.
  const std::size_t boundary = prologue.rfind("\n--");
  prologue.resize(boundary == std::string::npos ? 0 : boundary + 1);
  if (each(prologue)) return true;
  const std::string rest = parts.octets(layout[within.back()].body_end, extent.body_end);
  const std::size_t dashes = rest.find("--");
  const std::size_t end = dashes == std::string::npos ? std::string::npos : rest.find('\n', dashes);
  return each(end == std::string::npos ? std::string() : rest.substr(end + 1));
}

bool part_matches(Parts& parts, std::uint32_t part, const EachText& each) {
  const mime::Extent& extent = parts.structure().layout[part];
  switch (extent.kind) {
    case mime::PartKind::multipart:
      return around_parts(parts, part, each);
    case mime::PartKind::message: {
      const auto within = mime::children(parts.structure().layout, part);
      if (within.empty()) return each(parts.octets(extent.body_begin, extent.body_end));
      const mime::Extent& inner = parts.structure().layout[within.front()];
      return each(parts.octets(inner.header_begin, inner.body_begin));
    }
    default:
      return each(parts.leaf(part));
  }
}

}  // namespace

bool raw_body(const Message& message, std::size_t limit, const EachText& each) {
  if (!has_body(message)) return false;
  const std::uint64_t begin = message.structure().layout.at(0).body_begin;
  return each(message.octets(begin, limit));
}

bool text_body(const Message& message, std::size_t limit, const EachText& each) {
  if (!has_body(message)) return false;
  const mime::Structure& structure = message.structure();
  const mime::ReadOctets read = [&](std::uint64_t begin, std::size_t size) { return message.octets(begin, size); };
  for (std::uint32_t part = 0; part < structure.layout.size() && limit > 0; ++part) {
    const mime::Description& description = structure.descriptions[part];
    if (structure.layout[part].kind != mime::PartKind::leaf || !description.type.is("text")) continue;
    const std::string text = mime::part_text(structure, part, read, limit);
    if (each(text)) return true;
    limit -= std::min(limit, text.size() + 1);
  }
  return false;
}

bool content_body(const Message& message, const std::vector<std::string>& types, std::size_t limit,
                  const EachText& each) {
  if (!has_body(message)) return false;
  Parts parts(message, limit);
  const mime::Structure& structure = message.structure();
  for (std::uint32_t part = 0; part < structure.layout.size(); ++part) {
    const mime::MediaType& type = structure.descriptions[part].type;
    const bool wanted =
        std::any_of(types.begin(), types.end(), [&](const std::string& one) { return type_matches(type, one); });
    if (wanted && part_matches(parts, part, each)) return true;
  }
  return false;
}

}  // namespace mail::sieve
