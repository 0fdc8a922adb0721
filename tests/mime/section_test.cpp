#include <catch2/catch.hpp>

#include "mail/mime/section.h"
#include "tests/mime/message.h"

using namespace mail::mime;

namespace {

// The message of RFC 9051 6.4.5.1.
const std::string example = crlf(R"(Subject: outer
Content-Type: multipart/mixed; boundary=a

--a

one
--a
Content-Type: application/octet-stream

two
--a
Content-Type: message/rfc822

Subject: three
Content-Type: multipart/mixed; boundary=b

--b

three.one
--b
Content-Type: application/octet-stream

three.two
--b--

--a
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: image/gif

four.one
--c
Content-Type: message/rfc822

Subject: four.two
Content-Type: multipart/mixed; boundary=d

--d

four.two.one
--d
Content-Type: multipart/alternative; boundary=e

--e

four.two.two.one
--e
Content-Type: text/richtext

four.two.two.two
--e--

--d--

--c--

--a--
)");

/// The octets of a section, or "NIL".
std::string fetched(const std::string& message, std::string_view text) {
  const auto section = parse_section(text);
  if (!section) return "BAD";
  const Structure structure = scan(message);
  const auto range = find_section(structure.layout, *section);
  if (!range) return "NIL";
  const auto octets = [&](const Range& one) {
    return message.substr(static_cast<std::size_t>(one.begin), static_cast<std::size_t>(one.size()));
  };
  if (section->names.empty()) return octets(*range);
  std::string out;
  for (const Range& one : select_fields(octets(*range), range->begin, *section)) out += octets(one);
  return out;
}

}  // namespace

TEST_CASE("sections are found") {
  struct Row {
    std::string_view section;
    std::string_view octets;
  };
  const Row rows[] = {
      {"1", "one"},
      {"2", "two"},
      {"3.1", "three.one"},
      {"3.2", "three.two"},
      {"3.HEADER", "Subject: three\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"},
      {"3.TEXT", "--b\r\n\r\nthree.one\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\nthree.two\r\n--b--\r\n"},
      {"3.MIME", "Content-Type: message/rfc822\r\n\r\n"},
      {"4.1", "four.one"},
      {"4.1.MIME", "Content-Type: image/gif\r\n\r\n"},
      {"4.2.HEADER", "Subject: four.two\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n"},
      {"4.2.1", "four.two.one"},
      {"4.2.2.1", "four.two.two.one"},
      {"4.2.2.2", "four.two.two.two"},
      {"4.2.2.2.mime", "Content-Type: text/richtext\r\n\r\n"},
      {"HEADER", "Subject: outer\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"},
      {"HEADER.FIELDS (subject From)", "Subject: outer\r\n\r\n"},
      {"HEADER.FIELDS.NOT (\"SUBJECT\")", "Content-Type: multipart/mixed; boundary=a\r\n\r\n"},
      {"3.HEADER.FIELDS (X)", "\r\n"},
      {"5", "NIL"},
      {"1.1", "NIL"},
      {"1.HEADER", "NIL"},
      {"4.HEADER", "NIL"},
      {"4.2.2.3", "NIL"},
      {"MIME", "BAD"},
      {"0", "BAD"},
      {"01", "BAD"},
      {"1.", "BAD"},
      {".1", "BAD"},
      {"1.0", "BAD"},
      {"HEADER.1", "BAD"},
      {"99999999999", "BAD"},
      {"HEADER.FIELDS", "BAD"},
      {"HEADER.FIELDS ()", "BAD"},
      {"HEADER.FIELDS (a ", "BAD"},
      {"HEADER.FIELDS (a \"b)", "BAD"},
      {"HEADER.FIELDS (a )", "BAD"},
      {"TEXT (a)", "BAD"},
      {"BODY", "BAD"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.section);
    CHECK(fetched(example, row.section) == row.octets);
  }
  CHECK(fetched(example, "") == example);
}

TEST_CASE("every message has a part 1") {
  const std::string plain = "Subject: x\r\n\r\nHello";
  CHECK(fetched(plain, "1") == "Hello");
  CHECK(fetched(plain, "TEXT") == "Hello");
  CHECK(fetched(plain, "1.MIME") == "Subject: x\r\n\r\n");
  CHECK(fetched(plain, "2") == "NIL");
  CHECK(fetched("Subject: x\r\n", "HEADER.FIELDS (subject)") == "Subject: x\r\n");
  const std::string outer = "Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nHi";
  CHECK(fetched(outer, "1") == "Subject: y\r\n\r\nHi");
  CHECK(fetched(outer, "1.HEADER") == "Subject: y\r\n\r\n");
  CHECK(fetched(outer, "1.1") == "Hi");
  CHECK(fetched(outer, "1.1.1") == "NIL");
}

TEST_CASE("a part of what is in several ranges is taken") {
  const std::vector<Range> ranges = {{10, 20}, {30, 40}};
  CHECK(partial(ranges, 0, 100) == ranges);
  CHECK(partial(ranges, 5, 10) == std::vector<Range>{{15, 20}, {30, 35}});
  CHECK(partial(ranges, 10, 1) == std::vector<Range>{{30, 31}});
  CHECK(partial(ranges, 20, 1).empty());
  CHECK(partial(ranges, 0, 0).empty());
  CHECK(partial(ranges, ~std::uint64_t{0}, ~std::uint64_t{0}).empty());
}
