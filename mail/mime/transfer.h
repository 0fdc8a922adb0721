#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mime {

/// How a body is encoded for its transfer. RFC 2045 6.1
enum class Encoding : std::uint8_t { seven_bit, eight_bit, binary, quoted_printable, base64, unknown };

/// The encoding that a Content-Transfer-Encoding names, also by the names that have been met in its place (`uuencode`
/// is unknown); seven_bit for none.
Encoding encoding_named(std::string_view name);

/// Whether decoding a body of this encoding leaves it as it is.
bool is_identity(Encoding encoding);

/// Whether the line ends of the decoded octets are left alone, or each LF gets the CR that it lacks, as IMAP wants
/// textual parts. RFC 9051 7.5.2
enum class LineEnds : std::uint8_t { as_they_are, crlf };

/// Decodes a body that comes in pieces, tolerantly: nothing is ever refused. In base64 what is no character of the
/// alphabet is passed over (RFC 2045 6.8), and padding ends a group of characters, after which another may follow. In
/// quoted-printable a '=' that begins no octet stands for itself, and white space at the end of a line goes. An unknown
/// encoding is left as it is.
class TransferDecoder {
 public:
  TransferDecoder(Encoding encoding, LineEnds ends) : encoding_(encoding), ends_(ends) {}

  /// Decodes the next piece and appends what is certain of it.
  void add(std::string_view piece, std::string& out);

  /// Appends what was held back. Nothing may be added after it.
  void finish(std::string& out);

 private:
  void add_base64(std::string_view piece, std::string& out);
  void end_group(std::string& out);
  void add_quoted_printable(std::string_view text, std::string& out, bool last);
  void decode(std::string_view piece, std::string& out, bool last);
  void mend_line_ends(std::string& out, std::size_t from);

  Encoding encoding_;
  LineEnds ends_;
  char last_ = '\0';
  std::uint32_t bits_ = 0;
  int characters_ = 0;
  std::string held_;
};

/// Octets as base64, padded, without line ends. RFC 4648 4
std::string encode_base64(std::string_view octets);

/// Base64 read as TransferDecoder does.
std::string decode_base64(std::string_view text);

/// A text in which octets are written as a mark and two hexadecimal digits: the octets. A mark without digits stands
/// for itself.
std::string decode_hex(std::string_view text, char mark);

}  // namespace mail::mime
