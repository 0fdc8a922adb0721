#include "dav/contacts/legacy.h"

#include <catch2/catch.hpp>

#include "dav/content/charset.h"
#include "dav/content/encoding.h"

using namespace dav::contacts;
namespace content = dav::content;

namespace {

/// The lines that one of version 2.1 becomes, without the frame.
std::string modern(const std::string& line) {
  const auto text = mend_legacy("BEGIN:VCARD\r\nVERSION:2.1\r\n" + line + "\r\nEND:VCARD\r\n").text;
  const auto document = content::Document::parse(text, content::Dialect::vcard);
  std::string card = from_legacy(document.components().front());
  const std::string begin = "BEGIN:VCARD\r\nVERSION:3.0\r\n", end = "END:VCARD\r\n";
  REQUIRE(card.starts_with(begin));
  REQUIRE(card.ends_with(end));
  card = card.substr(begin.size(), card.size() - begin.size() - end.size());
  return card.substr(0, card.size() - 2);
}

}  // namespace

// RFC 2426 5: what has changed since 2.1.
TEST_CASE("cards of version 2.1 become cards of 3.0") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"TEL;HOME;VOICE;PREF:+1 2", "TEL;TYPE=HOME,VOICE,PREF:+1 2"},
      {"item1.TEL;CELL:1", "item1.TEL;TYPE=CELL:1"},
      {"N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:L=C3=B6w;Ada=3B;;;", "N:L\xC3\xB6w;Ada;;;;"},
      {"N;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:L=F6w, the;Ada", "N:L\xC3\xB6w\\, the;Ada"},
      {"NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo=\r\n, three=07", "NOTE:one\\ntwo\\, three"},
      {"NOTE;CHARSET=SHIFT_JIS:\x83\x41\x83\x5A", "NOTE:\xE3\x82\xA2\xE3\x82\xBB"},
      {"NOTE;CHARSET=ISO-2022-JP:\x1B$B$\"\x1B(B", "NOTE:\xE3\x81\x82"},
      {"FN;CHARSET=KOI8-R;ENCODING=QUOTED-PRINTABLE:=E1=CC=C1", "FN:\xD0\x90\xD0\xBB\xD0\xB0"},
      {"FN;CHARSET=NO-SUCH;ENCODING=QUOTED-PRINTABLE:=E4", "FN:\xC3\xA4"},
      {"NOTE:L\xF6w; Ada", "NOTE:L\xC3\xB6w\\; Ada"},
      {"ADR;WORK:;;1, Main\\; St;Town;;;", "ADR;TYPE=WORK:;;1\\, Main\\; St;Town;;;"},
      {"ADR;QUOTED-PRINTABLE:;;one=0D=0Atwo;;;;", "ADR:;;one\\ntwo;;;;"},
      {"CATEGORIES:friends,work", "CATEGORIES:friends,work"},
      {"NOTE;ENCODING=BASE64:aGk=", "NOTE:hi"},
      {"PHOTO;JPEG;BASE64:\r\n /9j/\r\n 4AAQ\r\n", "PHOTO;TYPE=JPEG;ENCODING=b:/9j/4AAQ"},
      {"PHOTO;ENCODING=BASE64;TYPE=JPEG:/9j/\r\n4AAQ\r\n", "PHOTO;TYPE=JPEG;ENCODING=b:/9j/4AAQ"},
      {"PHOTO;URL;GIF:http://x.example/a;b.gif", "PHOTO;TYPE=GIF;VALUE=uri:http://x.example/a;b.gif"},
      {"PHOTO;VALUE=URL:http://x.example/", "PHOTO;VALUE=uri:http://x.example/"},
      {"SOUND;VALUE=INLINE;QUOTED-PRINTABLE:=FF=FE", "SOUND;ENCODING=b://4="},
      {"URL:http://x.example/?a=1,2;3", "URL:http://x.example/?a=1,2;3"},
      {"X-MINE;ENCODING=QUOTED-PRINTABLE:a;b=0Ac,d", "X-MINE:a;b\\nc,d"},
      {"X-MINE;BASE64:AAEC", "X-MINE;ENCODING=b:AAEC"},
      {"GEO:-17.87,37.24", "GEO:37.24;-17.87"},
      {"BDAY:19800102", "BDAY:19800102"},
      {"AGENT:\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nFN:A,B\r\nEND:VCARD",
       "AGENT:BEGIN:VCARD\\nVERSION:3.0\\nFN:A\\\\\\,B\\nEND:VCARD\\n"},
  };
  for (const auto& [line, expected] : cases) {
    CAPTURE(line);
    CHECK(modern(line) == expected);
  }
}

TEST_CASE("a text in order is not mended") {
  const std::string text = "BEGIN:VCARD\r\nVERSION:3.0\nPHOTO;ENCODING=b:\r\n AAAA\r\nNOTE:\xC3\xB6\rEND:VCARD";
  CHECK(mend_legacy(text).text == text);
  CHECK_FALSE(mend_legacy(text).guessed);
  CHECK(mend_legacy("NOTE:\xF6").guessed);
}

TEST_CASE("encodings of octets") {
  for (const std::string octets : {"", "a", "ab", "abc", "\xFF\xFE\xFD\xFC"}) {
    CHECK(content::decode_base64(content::encode_base64(octets)) == octets);
  }
  CHECK(content::encode_base64("abcd") == "YWJjZA==");
  CHECK(content::decode_base64("YW Jj\r\nZA") == "abcd");
  CHECK(content::decode_base64("YWJjY WJjYWJjYW\tJjYWJjYQ==\n") == "abcabcabcabcabca");
  CHECK(content::decode_base64("") == "");
  CHECK(content::decode_base64("////+/8=") == "\xFF\xFF\xFF\xFB\xFF");
  CHECK_FALSE(content::decode_base64("YWJjYWJj-WJj"));
  CHECK_FALSE(content::decode_base64("YWJjYQ==YWJjYWJj"));
  CHECK_FALSE(content::decode_base64("a-b"));
  CHECK_FALSE(content::decode_base64("YQ==YQ"));
  CHECK(content::decode_quoted_printable("=41=4") == "A=4");
  CHECK(content::decode_percent("%41%4g%") == "A%4g%");
  CHECK(content::encode_percent("a b/%", "/") == "a%20b/%25");
  CHECK_FALSE(content::to_utf8("a", "../x"));
  CHECK_FALSE(content::to_utf8("a", "UTF-8,swaplfnl"));
  CHECK(content::to_utf8("\x80", "windows-1252") == "\xE2\x82\xAC");
}
