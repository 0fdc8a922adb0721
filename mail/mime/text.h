#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "mail/mime/structure.h"

namespace mail::mime {

/// Gives octets of the message that a structure is of: from that place on, that many (fewer only at the message's end).
using ReadOctets = std::function<std::string(std::uint64_t begin, std::size_t size)>;

/// The text of one text part: transfer decoded, UTF-8, HTML stripped; of the first `limit` decoded octets.
std::string part_text(const Structure& structure, std::uint32_t part, const ReadOctets& read, std::size_t limit);

/// The name of a part's file as it is shown; empty if it has none. RFC 2183 2.3
std::string file_name(const Description& description);

/// Whether a part is shown as a file, not as text.
bool is_attachment(const Description& description);

/// What full-text search is given of a message. UTF-8, in the order of the message.
struct SearchText {
  std::string subject;
  std::string from;
  /// To, Cc and Bcc.
  std::string to;
  /// The values of all other fields, also those of messages within.
  std::string headers;
  /// The text of all text parts.
  std::string body;
  /// The names of files, one a line.
  std::string attachments;
};

/// How much text is taken from one part, and from all.
struct TextLimits {
  std::size_t part = 1024 * 1024;
  std::size_t all = 4 * 1024 * 1024;
};

SearchText search_text(const Structure& structure, const ReadOctets& read, TextLimits limits = {});

/// The PREVIEW of a message, at most 200 characters on one line: the beginning of its first text that has one, without
/// quoted lines; empty if there is none. RFC 8970 3.3
std::string preview(const Structure& structure, const ReadOctets& read);

/// The same of a text.
std::string preview_of(std::string_view text);

}  // namespace mail::mime
