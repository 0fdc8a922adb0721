#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dav::content {

/// Whether two texts are equal but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view left, std::string_view right);

/// Whether `part` occurs in `text`, but for the case of ASCII letters.
bool contains_ignoring_case(std::string_view text, std::string_view part);

/// ASCII letters made capital.
std::string upper(std::string_view text);

/// Whether the octets are UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing beyond U+10FFFF; nor
/// U+FFFE and U+FFFF, which no XML answer could carry.
bool is_utf8(std::string_view octets);

/// A TEXT value read: `\n`, `\N` → line feed, `\\`, `\;`, `\,` → the character; any other backslash stays.
/// RFC 5545 3.3.11, RFC 6350 3.4
std::string unescape_text(std::string_view text);

/// The reverse: backslash, semicolon, comma and line ends escaped.
std::string escape_text(std::string_view text);

/// The parts of a list (',') or structured (';') value, split where the separator isn't escaped; still escaped
/// themselves. An empty text has one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The same, one part after another: takes the next one, and the separator behind it, off `rest`. Nothing is left in
/// `rest` after the last, and `is_last` is set.
std::string_view take_part(std::string_view& rest, char separator, bool& is_last);

/// One parameter value read: quotes removed, `^n`, `^^`, `^'` decoded (RFC 6868 3.2).
std::string decode_parameter(std::string_view raw);

/// The reverse: `^`, line ends and quotes encoded, put in quotes where it holds ';', ':' or ','.
std::string encode_parameter(std::string_view value);

/// Appends one content line, folded after at most 75 octets and never inside a UTF-8 sequence, with CRLF.
/// RFC 5545 3.1, RFC 6350 3.2
void append_folded(std::string& out, std::string_view line);

/// Appends octets of a source as they are, with CRLF added where they have no line end.
void append_raw(std::string& out, std::string_view raw);

/// Octets that may have folds inside UTF-8 sequences, with those folds moved before the sequence, so that they can
/// stand in XML. Everything else stays; a text that is UTF-8 already is returned as it is.
std::string mend_folds(std::string text);

}  // namespace dav::content
