#include <catch2/catch.hpp>

#include "mail/mime/body_structure.h"
#include "mail/mime/envelope.h"
#include "tests/mime/message.h"

using namespace mail::mime;

TEST_CASE("strings are quoted where they can be") {
  const auto written = [](std::string_view text, Client client) {
    std::string out;
    append_string(out, text, client);
    return out;
  };
  CHECK(written("", Client::rev1) == "\"\"");
  CHECK(written("a \"b\" \\c", Client::rev1) == "\"a \\\"b\\\" \\\\c\"");
  CHECK(written("a\r\nb", Client::utf8) == "{4}\r\na\r\nb");
  CHECK(written("é", Client::rev1) == "{2}\r\né");
  CHECK(written("é", Client::utf8) == "\"é\"");
  CHECK(written("\xE9", Client::rev1) == "{1}\r\n\xE9");
  CHECK(written("\xE9", Client::utf8) == "\"é\"");
  CHECK(written(std::string_view("a\0b", 3), Client::rev1) == "\"ab\"");
  std::string nil;
  append_nstring(nil, std::nullopt, Client::rev1);
  CHECK(nil == "NIL");
}

TEST_CASE("envelopes are written") {
  struct Row {
    std::string header;
    std::string envelope;
  };
  const Row rows[] = {
      // RFC 9051 8
      {"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\n"
       "From: Terry Gray <gray@cac.washington.edu>\n"
       "Subject: IMAP4rev2 WG mtg summary and minutes\n"
       "To: imap@cac.washington.edu\n"
       "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\n"
       "Message-Id: <B27397-0100000@cac.washington.ed>\n"
       "MIME-Version: 1.0\n"
       "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\n\n",
       R"x(("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" (("Terry Gray" NIL "gray" )x"
       R"x("cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" )x"
       R"x("cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" )x"
       R"x("CNRI.Reston.VA.US")("John )x"
       R"x(Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.ed>"))x"},
      // RFC 5322 A.5
      {"From: Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>\n"
       "To:A Group(Some people)\n"
       "     :Chris Jones <c@(Chris's host.)public.example>,\n"
       "         joe@example.org,\n"
       "  John <jdoe@one.test> (my dear friend); (the end of the group)\n"
       "Cc:(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;\n"
       "Date: Thu,\n"
       "      13\n"
       "        Feb\n"
       "          1969\n"
       "      23:32\n"
       "               -0330 (Newfoundland Time)\n"
       "Message-ID:              <testabcd.1234@silly.test>\n\n"
       "Testing.\n",
       R"x(("Thu,      13        Feb          1969      23:32               -0330 (Newfoundland Time)" NIL )x"
       R"x((("Pete" NIL "pete" "silly.test")) (("Pete" NIL "pete" "silly.test")) (("Pete" NIL "pete" "silly.test")) )x"
       R"x(((NIL NIL "A Group" NIL)("Chris Jones" NIL "c" "public.example")(NIL NIL "joe" "example.org")("John" NIL )x"
       R"x("jdoe" "one.test")(NIL NIL NIL NIL)) ((NIL NIL "Hidden recipients" NIL)(NIL NIL NIL NIL)) NIL NIL )x"
       R"x("<testabcd.1234@silly.test>"))x"},
      // RFC 5322 A.6.1
      {"From: Joe Q. Public <john.q.public@example.com>\n"
       "To: Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example\n"
       "Date: Tue, 1 Jul 2003 10:52:37 +0200\n"
       "Message-ID: <5678.21-Nov-1997@example.com>\n\n",
       R"x(("Tue, 1 Jul 2003 10:52:37 +0200" NIL (("Joe Q. Public" NIL "john.q.public" "example.com")) )x"
       R"x((("Joe Q. Public" NIL "john.q.public" "example.com")) )x"
       R"x((("Joe Q. Public" NIL "john.q.public" "example.com")) )x"
       R"x((("Mary Smith" "@node.test" "mary" "example.net")(NIL NIL "jdoe" "test.example")) NIL NIL NIL )x"
       R"x("<5678.21-Nov-1997@example.com>"))x"},
      {"", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"},
      {"Subject:\nDate: \nFrom:\n\n", R"(("" "" NIL NIL NIL NIL NIL NIL NIL NIL))"},
      {"From: a@b\nSender: c@d\nReply-To: ,\nTo: Friends: e@f, g;\nTo: h@i\nIn-Reply-To: <x@y>\n\n",
       R"((NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "c" "d")) ((NIL NIL "a" "b")) ((NIL NIL "Friends" NIL)(NIL )"
       R"(NIL "e" "f"))"
       R"((NIL NIL "g" "")(NIL NIL NIL NIL)(NIL NIL "h" "i")) NIL NIL "<x@y>" NIL))"},
      {"From: \"a \\\"b\\\"\" <@r:c@d>\nSubject: folded\n  over lines\n\n",
       R"((NIL "folded  over lines" (("a \"b\"" "@r" "c" "d")) (("a \"b\"" "@r" "c" "d")) (("a \"b\"" "@r" )"
       R"("c" "d")) NIL NIL NIL NIL NIL))"},
      {"Subject: =?utf-8?Q?=C3=A9?=\n\n", R"((NIL "=?utf-8?Q?=C3=A9?=" NIL NIL NIL NIL NIL NIL NIL NIL))"},
  };
  for (const Row& row : rows) {
    CHECK(envelope(crlf(row.header), Client::rev1) == row.envelope);
    CHECK(envelope(crlf(row.header), Client::utf8) == row.envelope);
  }
  CHECK(envelope("Subject: \xC3\xA9\r\n\r\n", Client::rev1) == "(NIL {2}\r\n\xC3\xA9 NIL NIL NIL NIL NIL NIL NIL NIL)");
  CHECK(envelope("Subject: \xC3\xA9\r\n\r\n", Client::utf8) == "(NIL \"\xC3\xA9\" NIL NIL NIL NIL NIL NIL NIL NIL)");
}

namespace {

std::string body(const std::string& message, Detail detail = Detail::body) {
  return body_structure(scan(message), detail, Client::rev1);
}

/// Octets in lines of 80 with their ends, so that there are so many of both.
std::string filler(std::size_t octets, std::size_t lines) {
  std::string out;
  for (std::size_t i = 0; i + 1 < lines; ++i) out += "x\r\n";
  return out + std::string(octets - out.size() - 2, 'x') + "\r\n";
}

}  // namespace

// RFC 9051 7.5.2
TEST_CASE("the body structures of the RFC are written") {
  CHECK(body("Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n" + filler(2279, 48)) ==
        R"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 2279 48))");
  CHECK(body("Subject: no type\r\n\r\n" + filler(3028, 92)) ==
        R"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))");
  CHECK(
      body(
          "Content-Type: multipart/MIXED; boundary=b\r\n\r\n--b\r\n\r\n" + filler(1152, 23) +
          "\r\n--b\r\nContent-Type: TEXT/PLAIN; CHARSET=US-ASCII; NAME=cc.diff\r\nContent-Transfer-Encoding: base64\r\n"
          "Content-ID: <960723163407.20117h@cac.washington.edu>\r\nContent-Description: Compiler diff\r\n\r\n" +
          filler(4554, 73) + "\r\n--b--\r\n") ==
      R"((("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" )"
      R"("cc.diff") "<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED"))");
}

TEST_CASE("body structures are written") {
  // A message within, and extension data.
  const std::string inner =
      "Content-Type: message/rfc822\r\nContent-MD5: Q2hlY2s=\r\nContent-Disposition: attachment; filename*0=a; "
      "filename*1=b\r\n"
      "Content-Language: en, fr\r\nContent-Location: http://x/\r\n\r\nSubject: s\r\nFrom: a@b\r\n\r\nHi\r\n";
  CHECK(
      body(inner, Detail::body_structure) ==
      R"(("message" "rfc822" NIL NIL NIL "7BIT" 29 (NIL "s" ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL )"
      R"("a" "b")) )"
      R"(NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 4 1 NIL NIL NIL NIL) 4 "Q2hlY2s=" )"
      R"(("attachment" ("filename" "ab")) ("en" "fr") "http://x/"))");
  // What is no text has no lines; a multipart's extension data.
  CHECK(body("Content-Type: multipart/x; boundary=b; a*=utf-8'de'%C3%A9\r\nContent-Disposition: inline\r\n\r\n--b\r\n"
             "Content-Type: image/png\r\nContent-Transfer-Encoding: X-Foo\r\n\r\nxx\r\n--b--\r\n",
             Detail::body_structure) ==
        R"((("image" "png" NIL NIL NIL "X-Foo" 2 NIL NIL NIL NIL) "x" ("boundary" "b" "a*" "UTF-8'de'%C3%A9") )"
        R"(("inline" NIL) NIL NIL))");
  // A multipart without parts is a text, a message that is encoded is not looked into.
  CHECK(body("Content-Type: multipart/mixed; boundary=b\r\n\r\nx\r\n") == R"(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 3 1))");
  CHECK(body("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n") ==
        R"(("message" "rfc822" NIL NIL NIL "BASE64" 6 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("TEXT" "PLAIN" )"
        R"(NIL NIL NIL "7BIT" 0 0) 1))");
  CHECK(body("Content-Type: message/partial; id=x\r\n\r\nQUJD\r\n") ==
        R"(("message" "partial" ("id" "x") NIL NIL "7BIT" 6))");
  CHECK(body("") == R"(("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 0 0))");
}
