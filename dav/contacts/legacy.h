#pragma once

#include <string>
#include <string_view>

#include "dav/contacts/line.h"

namespace dav::contacts {

/// Whether a bare parameter (`NOTE;QUOTED-PRINTABLE`) of a card of version 2.1 names an encoding.
bool is_encoding(std::string_view parameter);

/// Makes a value that is quoted-printable or base64, and text, the text of version 3.0: decoded by its CHARSET, escaped
/// as its property wants. Images and their like stay base64.
void decode_legacy_text(Line& line);

struct MendedText {
  std::string text;
  bool guessed = false;  ///< octets that are not UTF-8 said nothing of their set: taken for Windows' Latin-1
};

/// The text of a file of cards, made readable as content lines: octets that are not UTF-8 are read by their line's
/// CHARSET, and lines of base64 that should have been indented are. A text in order stays as it is.
MendedText mend_legacy(std::string_view text);

/// A card of version 2.1 as one of 3.0 (RFC 2426 5): bare parameters become TYPE, ENCODING or VALUE, encoded text is
/// decoded, and text is escaped as 3.0 has it.
std::string from_legacy(const content::Component& card);

}  // namespace dav::contacts
