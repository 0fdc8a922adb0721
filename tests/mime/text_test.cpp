#include <catch2/catch.hpp>

#include "mail/mime/charset.h"
#include "mail/mime/html.h"
#include "tests/mime/message.h"

using namespace mail::mime;

TEST_CASE("the text of HTML is found") {
  struct Row {
    std::string html;
    std::string text;
  };
  const Row rows[] = {
      {"<p>Hello <b>wor</b>ld</p><p>next</p>", "Hello world\nnext"},
      {"a<br>b<br/>c", "a\nb\nc"},
      {"<html><head><title>no</title><style>p{}</style></head><body>yes<script>if (a<b) no()</script> "
       "too</body></html>",
       "yes too"},
      {"caf&eacute; &amp; &#8364; &#x20AC; &nbsp;x &unknown;", "café & € € \xC2\xA0x &unknown;"},
      {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
      {"x <!-- no --> y", "x y"},
      {"<a href=\"a>b\" title='c>d'>link</a>", "link"},
      {"<p><img src=\"x\" alt=\"A picture\"> after", "A picture after"},
      {"<img src=\"data:image/png;base64," + std::string(10'000, 'A') + "\" alt=\"x\">after", "after"},
      {"plain text, no tags", "plain text, no tags"},
      {"1 < 2 and <3", "1 < 2 and <3"},
      {"unclosed <b", "unclosed"},
      {"", ""},
      {"\xC3\xA9\xE2\x82\xAC", "é€"},
      {"<meta http-equiv=content-type content=\"text/html; charset=iso-8859-1\"><p>\xC3\xA9", "é"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.html);
    CHECK(html_to_text(row.html, 100'000) == row.text);
  }
  CHECK(html_charset("<meta charset=\"koi8-r\">") == "koi8-r");
  CHECK(html_charset("<META http-equiv=x content='text/html; charset=big5'>") == "big5");
  CHECK(html_charset("charset=big5").empty());
}

TEST_CASE("hostile HTML takes no long time") {
  for (const std::string part : {"<b>", "<a b=\"", "<i></p>", "<!--", "&", "<table>", "<a b c d e f g h>", "<", "</x>",
                                 "<img alt='", "&#1;", "<p><div>", "<script>", "<font><p>", "<![CDATA[", "<?x"}) {
    std::string html;
    while (html.size() < 1'000'000) html += part;
    CAPTURE(part);
    CHECK(is_utf8(html_to_text(html, 2'000'000)));
  }
}

namespace {

const std::string letter = crlf(R"(From: =?utf-8?Q?Ad=C3=A8le?= <adele@example.org>
To: bob@example.org
Cc: carol@example.org
Subject: =?utf-8?B?w6k=?= report
Received: from x
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: multipart/alternative; boundary=c

--c
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Caf=E9 at
 noon?

> quoted
--=20
Ad=E8le
--c
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PHA+Q2Fmw6kgYXQgPGI+bm9vbjwvYj4/PC9wPg==
--c--
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename*=utf-8''r%C3%A9sum%C3%A9.pdf
Content-Transfer-Encoding: base64

AAAA
--b
Content-Type: message/rfc822

Subject: =?utf-8?Q?inn=C3=A9r?=

inner text
--b--
)");

}  // namespace

TEST_CASE("the text that is searched is taken") {
  const SearchText text = search_text(scan(letter), reader_of(letter));
  CHECK(text.subject == "é report");
  CHECK(text.from == "Adèle <adele@example.org>");
  CHECK(text.to == "bob@example.org\ncarol@example.org");
  CHECK(text.body == "Café at\r\n noon?\r\n\r\n> quoted\r\n-- \r\nAdèle\nCafé at noon?\ninner text");
  CHECK(text.attachments == "résumé.pdf");
  CHECK(text.headers.find("from x") != std::string::npos);
  CHECK(text.headers.find("innér") != std::string::npos);
  const SearchText little = search_text(scan(letter), reader_of(letter), {10, 80});
  CHECK(is_utf8(little.body));
  CHECK(little.headers.size() + little.body.size() + little.from.size() + little.to.size() + little.subject.size() <
        90);
}

// RFC 8970 3
TEST_CASE("previews are made") {
  const auto of = [](const std::string& message) { return preview(scan(message), reader_of(message)); };
  CHECK(of(letter) == "Café at noon?");
  CHECK(of("Content-Type: text/html\r\n\r\n<style>x</style><p>Hello\xC2\xA0 <b>you</b>") == "Hello you");
  CHECK(of("Content-Type: image/png\r\n\r\nxxxx").empty());
  CHECK(of("Subject: x\r\n\r\n").empty());
  CHECK(of("Content-Type: text/plain; name=x.txt\r\n\r\nxxxx").empty());
  CHECK(preview_of("> only\n> quotes") == "> only > quotes");
  CHECK(preview_of("a\n> b\nc\n-- \nd") == "a c");
  CHECK(preview_of("a\xE2\x80\x8B\xC2\xAD b") == "a b");
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += "€";
  CHECK(preview_of(many) == many.substr(0, 600));
  CHECK(preview_of(many.substr(0, 597) + "\nx") == many.substr(0, 597) + " ");
}
