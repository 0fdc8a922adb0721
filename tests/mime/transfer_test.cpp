#include <catch2/catch.hpp>

#include "mail/mime/transfer.h"

using namespace mail::mime;

namespace {

std::string decoded(std::string_view text, Encoding encoding, LineEnds ends, std::size_t piece) {
  TransferDecoder decoder(encoding, ends);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) decoder.add(text.substr(at, piece), out);
  decoder.finish(out);
  return out;
}

struct Row {
  std::string_view text;
  std::string_view expected;
};

void check_rows(const std::vector<Row>& rows, Encoding encoding, LineEnds ends = LineEnds::as_they_are) {
  for (const Row& row : rows) {
    for (const std::size_t piece : {1U, 2U, 3U, 5U, 1000U}) {
      CAPTURE(row.text, piece);
      CHECK(decoded(row.text, encoding, ends, piece) == row.expected);
    }
  }
}

}  // namespace

// RFC 2045 6.8, RFC 4648 10
TEST_CASE("base64 is read, whatever stands in it") {
  check_rows(
      {
          {"", ""},
          {"Zg==", "f"},
          {"Zm8=", "fo"},
          {"Zm9v", "foo"},
          {"Zm9vYg==", "foob"},
          {"Zm9vYmE=", "fooba"},
          {"Zm9vYmFy", "foobar"},
          {"Zm9v\r\nYmFy\r\n", "foobar"},
          {"Zm 9v!Ym\tFy", "foobar"},
          {"Zg", "f"},
          {"Zm8", "fo"},
          {"Z", ""},
          {"Zg==Zg==", "ff"},
          {"Zm8=\r\nZm8=\r\n", "fofo"},
          {"====", ""},
          {"Zm9v\xFF\x80Zm9v", "foofoo"},
      },
      Encoding::base64);
}

// RFC 2045 6.7
TEST_CASE("quoted-printable is read, whatever stands in it") {
  check_rows(
      {
          {"a=3Db", "a=b"},
          {"a=3db", "a=b"},
          {"Now's the time =\r\nfor all folk to come=\r\n to the aid",
           "Now's the time for all folk to come to the aid"},
          {"soft = \t\r\nbreak", "soft break"},
          {"soft =\nbreak", "soft break"},
          {"trailing  \t\r\nnext", "trailing\r\nnext"},
          {"trailing \nnext", "trailing\nnext"},
          {"kept=20\r\n", "kept \r\n"},
          {"a b", "a b"},
          {"a=ZZb", "a=ZZb"},
          {"a=4", "a=4"},
          {"a=", "a"},
          {"end  ", "end"},
          {"=\r\n", ""},
          {"a\rb\r", "a\rb\r"},
          {"=E2=82=AC", "\xE2\x82\xAC"},
          {"\xE9 raw", "\xE9 raw"},
      },
      Encoding::quoted_printable);
  const std::string spaces(1000, ' ');
  CHECK(decoded(spaces + "x", Encoding::quoted_printable, LineEnds::as_they_are, 7) == spaces + "x");
}

// RFC 9051 7.5.2: "textual line-oriented sections are always transmitted using the IMAP CRLF line termination syntax"
TEST_CASE("a textual part gets the CR that its lines lack") {
  check_rows({{"a\nb\r\nc\rd\n\n", "a\r\nb\r\nc\rd\r\n\r\n"}, {"\n", "\r\n"}}, Encoding::eight_bit, LineEnds::crlf);
  check_rows({{"YQpiDQpj", "a\r\nb\r\nc"}}, Encoding::base64, LineEnds::crlf);
  check_rows({{"a=0Ab=0D=0A", "a\r\nb\r\n"}}, Encoding::quoted_printable, LineEnds::crlf);
}

TEST_CASE("encodings have the names that are met") {
  CHECK(encoding_named("BASE64") == Encoding::base64);
  CHECK(encoding_named("Quoted-Printable") == Encoding::quoted_printable);
  CHECK(encoding_named("8bit") == Encoding::eight_bit);
  CHECK(encoding_named("") == Encoding::seven_bit);
  CHECK(encoding_named("x-uuencode") == Encoding::unknown);
}
