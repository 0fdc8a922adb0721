#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/mime/message.h"

using namespace mail::mime;

namespace {

std::string piece(const std::string& message, std::uint64_t begin, std::uint64_t end) {
  std::string out;
  for (const char c : message.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))) {
    if (c == '\n') {
      out += "\\n";
    } else if (c != '\r') {
      out += c;
    }
  }
  return out;
}

/// A line for each part: how deep it is, what it is, its header's size, its body if it is a leaf.
std::string outline(const std::string& message, Limits limits = {}) {
  const Structure structure = scan(message, limits);
  std::string out;
  std::vector<std::uint32_t> ends;
  for (std::uint32_t i = 0; i < structure.layout.size(); ++i) {
    const Extent& extent = structure.layout[i];
    while (!ends.empty() && ends.back() <= i) ends.pop_back();
    out += std::string(ends.size(), '.') + structure.descriptions[i].type.type + "/" +
           structure.descriptions[i].type.subtype;
    if (extent.kind == PartKind::leaf) out += " [" + piece(message, extent.body_begin, extent.body_end) + "]";
    out += "\n";
    ends.push_back(extent.end);
  }
  return out;
}

/// What must hold of every structure, whatever it is of.
void check_sound(const std::string& message, const Structure& structure) {
  REQUIRE_FALSE(structure.layout.empty());
  CHECK(structure.layout[0].body_end == message.size());
  CHECK(structure.descriptions.size() == structure.layout.size());
  const auto packed = unpack(pack(structure.layout));
  REQUIRE(packed);
  CHECK(*packed == structure.layout);
  for (const Extent& extent : structure.layout) {
    CHECK(extent.header_begin <= extent.body_begin);
    CHECK(extent.body_begin <= extent.body_end);
    CHECK(extent.body_end <= message.size());
    const auto lines = std::count(message.begin() + static_cast<std::ptrdiff_t>(extent.body_begin),
                                  message.begin() + static_cast<std::ptrdiff_t>(extent.body_end), '\n');
    CHECK(extent.body_lines == static_cast<std::uint64_t>(lines));
    if (extent.kind != PartKind::leaf) continue;
    CHECK(extent.decoded_size == binary_of(message, extent).size());
  }
}

void check_pieces(const std::string& message) {
  const Structure whole = scan(message);
  check_sound(message, whole);
  for (const std::size_t size : {1U, 2U, 3U, 7U, 64U}) {
    const Structure pieces = scan_in_pieces(message, size);
    CAPTURE(message, size);
    CHECK(pieces.layout == whole.layout);
    for (std::size_t i = 0; i < whole.descriptions.size(); ++i)
      CHECK(pieces.descriptions[i].header == whole.descriptions[i].header);
  }
}

struct Row {
  const char* what;
  std::string message;
  std::string outline;
};

// RFC 2046 5.1.1
const std::string simple = crlf(R"(From: Nathaniel Borenstein <nsb@bellcore.com>
To: Ned Freed <ned@innosoft.com>
Date: Sun, 21 Mar 1993 23:56:48 -0800 (PST)
Subject: Sample message
MIME-Version: 1.0
Content-type: multipart/mixed; boundary="simple boundary"

This is the preamble.  It is to be ignored, though it
is a handy place for composition agents to include an
explanatory note to non-MIME conformant readers.

--simple boundary

This is implicitly typed plain US-ASCII text.
It does NOT end with a linebreak.
--simple boundary
Content-type: text/plain; charset=us-ascii

This is explicitly typed plain US-ASCII text.
It DOES end with a linebreak.

--simple boundary--

This is the epilogue.  It is also to be ignored.
)");

// RFC 2046 5.1.5
const std::string digest = crlf(R"(From: Moderator-Address
To: Recipient-List
Date: Mon, 22 Mar 1994 13:34:51 +0000
Subject: Internet Digest, volume 42
MIME-Version: 1.0
Content-Type: multipart/mixed;
              boundary="---- main boundary ----"

------ main boundary ----

  ...Introductory text or table of contents...

------ main boundary ----
Content-Type: multipart/digest;
              boundary="---- next message ----"

------ next message ----

From: someone-else
Date: Fri, 26 Mar 1993 11:13:32 +0200
Subject: my opinion

  ...body goes here ...

------ next message ----

From: someone-else-again
Date: Fri, 26 Mar 1993 10:07:13 -0500
Subject: my different opinion

  ... another body goes here ...

------ next message ------

------ main boundary ------
)");

// RFC 2049 A
const std::string complex = crlf(R"(MIME-Version: 1.0
From: Nathaniel Borenstein <nsb@nsb.fv.com>
To: Ned Freed <ned@innosoft.com>
Date: Fri, 07 Oct 1994 16:15:05 -0700 (PDT)
Subject: A multipart example
Content-Type: multipart/mixed;
              boundary=unique-boundary-1

This is the preamble area of a multipart message.
Mail readers that understand multipart format
should ignore this preamble.

--unique-boundary-1

  ... Some text appears here ...

--unique-boundary-1
Content-type: text/plain; charset=US-ASCII

This could have been part of the previous part.

--unique-boundary-1
Content-Type: multipart/parallel; boundary=unique-boundary-2

--unique-boundary-2
Content-Type: audio/basic
Content-Transfer-Encoding: base64

  ... base64-encoded audio ...

--unique-boundary-2
Content-Type: image/jpeg
Content-Transfer-Encoding: base64

  ... base64-encoded image ...

--unique-boundary-2--

--unique-boundary-1
Content-type: text/enriched

This is <bold><italic>enriched.</italic></bold>

--unique-boundary-1
Content-Type: message/rfc822

From: (mailbox in US-ASCII)
To: (address in US-ASCII)
Subject: (subject in US-ASCII)
Content-Type: Text/plain; charset=ISO-8859-1
Content-Transfer-Encoding: Quoted-printable

  ... Additional text in ISO-8859-1 goes here ...

--unique-boundary-1--
)");

const std::string mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";

}  // namespace

TEST_CASE("the parts of messages are found") {
  const Row rows[] = {
      {"RFC 2046 5.1.1", simple,
       "multipart/mixed\n"
       ".TEXT/PLAIN [This is implicitly typed plain US-ASCII text.\\nIt does NOT end with a linebreak.]\n"
       ".text/plain [This is explicitly typed plain US-ASCII text.\\nIt DOES end with a linebreak.\\n]\n"},
      {"RFC 2046 5.1.5", digest,
       "multipart/mixed\n"
       ".TEXT/PLAIN [  ...Introductory text or table of contents...\\n]\n"
       ".multipart/digest\n"
       "..message/rfc822\n"
       "...TEXT/PLAIN [  ...body goes here ...\\n]\n"
       "..message/rfc822\n"
       "...TEXT/PLAIN [  ... another body goes here ...\\n]\n"},
      {"RFC 2049 A", complex,
       "multipart/mixed\n"
       ".TEXT/PLAIN [  ... Some text appears here ...\\n]\n"
       ".text/plain [This could have been part of the previous part.\\n]\n"
       ".multipart/parallel\n"
       "..audio/basic [  ... base64-encoded audio ...\\n]\n"
       "..image/jpeg [  ... base64-encoded image ...\\n]\n"
       ".text/enriched [This is <bold><italic>enriched.</italic></bold>\\n]\n"
       ".message/rfc822\n"
       "..Text/plain [  ... Additional text in ISO-8859-1 goes here ...\\n]\n"},
      {"nothing", "", "TEXT/PLAIN []\n"},
      {"only a header", "Subject: x\r\n", "TEXT/PLAIN []\n"},
      {"no header", "Hello\r\nworld\r\n", "TEXT/PLAIN [Hello\\nworld\\n]\n"},
      {"an empty header", "\r\nHello", "TEXT/PLAIN [Hello]\n"},
      {"an mbox line", "From joe Mon\r\nSubject: x\r\n\r\nHello", "TEXT/PLAIN [Hello]\n"},
      {"bare LF", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n",
       "multipart/mixed\n.TEXT/PLAIN [one]\n.TEXT/PLAIN [two]\n"},
      {"no closing boundary", mixed + "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n",
       "multipart/mixed\n.TEXT/PLAIN [one]\n.TEXT/PLAIN [two\\n]\n"},
      {"cut in a boundary", mixed + "--b\r\n\r\none\r\n--b", "multipart/mixed\n.TEXT/PLAIN [one]\n"},
      {"no boundary in the body", mixed + "one\r\n", "TEXT/PLAIN [one\\n]\n"},
      {"only a closing boundary", mixed + "one\r\n--b--\r\ntwo\n", "TEXT/PLAIN [one\\n--b--\\ntwo\\n]\n"},
      {"no boundary parameter", "Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\none\r\n--x--\r\n",
       "multipart/mixed\n.TEXT/PLAIN [one]\n"},
      {"no boundary at all", "Content-Type: multipart/mixed\r\n\r\none -- two\r\n-- \r\nJoe\r\n",
       "TEXT/PLAIN [one -- two\\n-- \\nJoe\\n]\n"},
      {"white space after a boundary", mixed + "--b \t\r\n\r\none\r\n--b-- \r\n",
       "multipart/mixed\n.TEXT/PLAIN [one]\n"},
      {"parts without anything", mixed + "--b\r\n--b\r\n\r\n--b\r\nContent-Type: text/html\r\n--b--\r\n",
       "multipart/mixed\n.TEXT/PLAIN []\n.TEXT/PLAIN []\n.text/html []\n"},
      {"a part without a header", mixed + "--b\r\njust text\r\n--b--\r\n",
       "multipart/mixed\n.TEXT/PLAIN [just text]\n"},
      {"the outer boundary within the inner part",
       mixed + "--b\r\nContent-Type: multipart/mixed; "
               "boundary=c\r\n\r\n--c\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--c\r\nthree\r\n--b--\r\n",
       "multipart/mixed\n.multipart/mixed\n..TEXT/PLAIN [one]\n.TEXT/PLAIN [two\\n--c\\nthree]\n"},
      {"one boundary begins another",
       "Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\nContent-Type: multipart/mixed; boundary=bbb\r\n\r\n"
       "--bbb\r\n\r\none\r\n--bbb--\r\n--bb\r\n\r\ntwo\r\n--bb--\r\n",
       "multipart/mixed\n.multipart/mixed\n..TEXT/PLAIN [one]\n.TEXT/PLAIN [two]\n"},
      {"a message in a message in a message",
       "Content-Type: message/rfc822\r\n\r\nContent-Type: message/global\r\n\r\nSubject: x\r\n\r\nHello",
       "message/rfc822\n.message/global\n..TEXT/PLAIN [Hello]\n"},
      {"a message without anything", mixed + "--b\r\nContent-Type: message/rfc822\r\n\r\n--b--\r\n",
       "multipart/mixed\n.message/rfc822\n..TEXT/PLAIN []\n"},
      {"an encoded message is not looked into",
       "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdA==",
       "message/rfc822 [U3ViamVjdA==]\n"},
      {"nor is one whose encoding is unknown",
       "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: x-y\r\n\r\nx", "message/rfc822 [x]\n"},
      {"an invalid type", "Content-Type: text\r\n\r\nx", "TEXT/PLAIN [x]\n"},
      {"an invalid type and a valid one", "Content-Type: text\r\nContent-Type: a/b\r\n\r\nx", "a/b [x]\n"},
      {"no MIME-Version, and a space before the colon", "Content-Type : a/b\r\n\r\nx", "a/b [x]\n"},
      {"a typed part of a digest",
       "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\nx\r\n--b--\r\n",
       "multipart/digest\n.text/html [x]\n"},
      {"text after the epilogue's boundary", mixed + "--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n",
       "multipart/mixed\n.TEXT/PLAIN [one]\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(outline(row.message) == row.outline);
    check_pieces(row.message);
  }
}

TEST_CASE("lines and octets are counted") {
  const Structure structure = scan(simple);
  const Extent& second = structure.layout[2];
  CHECK(simple.substr(static_cast<std::size_t>(second.header_begin), 12) == "Content-type");
  CHECK(second.header_line == 16);
  CHECK(second.body_line == 18);
  CHECK(second.body_lines == 2);
  CHECK(second.body_end - second.body_begin == 78);
  CHECK(structure.layout[0].body_line + structure.layout[0].body_lines == 24);
  CHECK(structure.descriptions[2].header == "Content-type: text/plain; charset=us-ascii\r\n");
}

TEST_CASE("the decoded size is that of what BINARY gives") {
  const std::string encoded =
      mixed +
      "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYQpi\r\nCg==\r\n--b\r\nContent-Type: a/b\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\nYQpi\r\nCg==\r\n--b\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\na=\r\nb=3D \n\nc=\r\n--b\n\na\nb\n--b\n\na\r\nb\n\n--b--\n";
  check_pieces(encoded);
  const Structure structure = scan(encoded);
  REQUIRE(structure.layout.size() == 6);
  CHECK(structure.layout[1].decoded_size == 6);
  CHECK(structure.layout[2].decoded_size == 4);
  CHECK(structure.layout[3].decoded_size == 8);
  CHECK(structure.layout[4].decoded_size == 4);
  CHECK(structure.layout[5].decoded_size == 6);
}

TEST_CASE("what has no end is bounded") {
  std::string many = mixed;
  for (int i = 0; i < 20'000; ++i) many += "--b\r\n\r\nx\r\n";
  Structure structure = scan(many);
  CHECK(structure.layout.size() == 10'000);
  CHECK(structure.truncated);
  check_sound(many, structure);

  std::string deep;
  for (int i = 0; i < 5'000; ++i) deep += "Content-Type: message/rfc822\r\n\r\n";
  structure = scan(deep);
  CHECK(structure.layout.size() == 100);
  CHECK(structure.truncated);
  check_sound(deep, structure);

  deep.clear();
  for (int i = 0; i < 5'000; ++i) {
    const std::string boundary = "b" + std::to_string(10'000 + i);
    deep += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  structure = scan(deep);
  CHECK(structure.layout.size() == 100);
  check_sound(deep, structure);

  const std::string header = "Subject: " + std::string(300'000, 'x') + "\r\nTo: y\r\n\r\n";
  structure = scan(header);
  CHECK(structure.truncated);
  CHECK(structure.descriptions[0].header == "To: y\r\n");
  check_pieces("Subject: x\r\n\r\n" + std::string(5'000, '-') + "\r\n" + std::string(5'000, 'x'));
  // A first line that is longer than a header may be, and is none.
  check_pieces(std::string(300'000, 'x') + "\r\n\n");
}

TEST_CASE("octets of any value are octets") {
  const std::string nul("Subject: a\0b\r\n\r\n\0\0\r\n", 20);
  CHECK(scan(nul).has_nul);
  CHECK_FALSE(scan(simple).has_nul);
  check_pieces(nul);
  check_pieces("\r\r\n\n\r--\r");
  check_pieces(mixed + "--b\r\r\n\r\r\nx\r\r\n--b--\r\r\n");
}

TEST_CASE("lines that look like boundaries are read in linear time") {
  std::string message;
  for (int i = 0; i < 99; ++i) {
    const std::string boundary = std::string(900, '-') + std::to_string(i);
    message += "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary + "\r\n";
  }
  message += "\r\n";
  while (message.size() < 4'000'000) message += std::string(910, '-') + "\r\n";
  check_sound(message, scan(message));
}

TEST_CASE("what is no layout is refused") {
  CHECK_FALSE(unpack(""));
  CHECK_FALSE(unpack("\x01"));
  CHECK_FALSE(unpack("\x02xxxxxxxx"));
  const std::string packed = pack(scan(digest).layout);
  for (std::size_t size = 0; size < packed.size(); ++size)
    CHECK_FALSE(unpack(std::string_view(packed).substr(0, size)));
  CHECK_FALSE(unpack(packed + packed.substr(1)));
}
