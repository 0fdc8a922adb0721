#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mail/mime/scanner.h"
#include "mail/mime/text.h"

/// A text of the tests, whose lines end with LF, as it travels.
inline std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

/// The structure of a message that comes in pieces of that size.
inline mail::mime::Structure scan_in_pieces(std::string_view message, std::size_t size,
                                            mail::mime::Limits limits = {}) {
  mail::mime::Scanner scanner(limits);
  for (std::size_t at = 0; at < message.size(); at += size) scanner.add(message.substr(at, size));
  return scanner.finish();
}

/// The octets that BINARY gives of a part.
inline std::string binary_of(std::string_view message, const mail::mime::Extent& extent) {
  mail::mime::TransferDecoder decoder(extent.encoding, extent.line_ends);
  std::string out;
  decoder.add(message.substr(static_cast<std::size_t>(extent.body_begin),
                             static_cast<std::size_t>(extent.body_end - extent.body_begin)),
              out);
  decoder.finish(out);
  return out;
}

/// The octets of a message in memory, as what takes text from parts wants them.
inline mail::mime::ReadOctets reader_of(const std::string& message) {
  return [&message](std::uint64_t begin, std::size_t size) {
    return begin < message.size() ? message.substr(static_cast<std::size_t>(begin), size) : std::string();
  };
}
