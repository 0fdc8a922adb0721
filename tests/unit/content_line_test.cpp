#include "dav/content/content_line.h"

#include <catch2/catch.hpp>

#include "dav/content/text.h"

using dav::content::Component;
using dav::content::Dialect;
using dav::content::Document;
using dav::content::Malformed;
using dav::content::Property;

namespace {

Document read(std::string text, Dialect dialect = Dialect::icalendar) {
  return Document::parse(std::move(text), dialect);
}

Document wrapped(const std::string& lines, Dialect dialect = Dialect::icalendar) {
  return read("BEGIN:X\r\n" + lines + "END:X\r\n", dialect);
}

/// "LINE: reason" of the refusal; "accepted" if there is none.
std::string refusal(const std::string& text) {
  try {
    read(text);
    return "accepted";
  } catch (const Malformed& malformed) {
    return std::to_string(malformed.line) + ": " + malformed.what();
  }
}

}  // namespace

TEST_CASE("a content line is split into name, parameters and value") {
  const Document document = wrapped("ATTENDEE;CN=\"Doe; \xC3\x84nne\";ROLE=A,\"B,b\",C:mailto:a@b.c:d\r\n");
  const Property& property = document.components().front().properties.front();
  CHECK(property.is("attendee"));
  CHECK(property.group.empty());
  CHECK(property.value == "mailto:a@b.c:d");
  CHECK(property.parameter("cn") == "Doe; \xC3\x84nne");
  CHECK(property.find("ROLE")->values() == std::vector<std::string>{"A", "B,b", "C"});
  CHECK(property.find("X") == nullptr);
  CHECK(property.parameter("X").empty());
  CHECK(property.line == 2);
}

TEST_CASE("parameters are decoded by RFC 6868") {
  const Document document = wrapped("A;P=\"George Herman ^'Babe^' Ruth\";Q=a^nb^^c^d^:v\r\n");
  const Property& property = document.components().front().properties.front();
  CHECK(property.parameter("P") == "George Herman \"Babe\" Ruth");
  CHECK(property.parameter("Q") == "a\nb^c^d^");
  CHECK(dav::content::encode_parameter("a\nb^c\"d") == "a^nb^^c^'d");
  CHECK(dav::content::encode_parameter("a:b") == "\"a:b\"");
}

TEST_CASE("folded lines are joined, whatever their line ends, also inside a character") {
  for (const std::string end : {"\r\n", "\n", "\r"}) {
    const Document document = read(
        "\xEF\xBB\xBF"
        "BEGIN:X" +
        end + "SUM" + end + " MARY:\xC3" + end + "\t\xA4z" + end + "  y" + end + "END:X");
    const Component& component = document.components().front();
    REQUIRE(component.properties.size() == 1);
    CHECK(component.properties[0].name == "SUMMARY");
    CHECK(component.properties[0].value == "\xC3\xA4z y");
    CHECK(component.properties[0].raw == "SUM" + end + " MARY:\xC3" + end + "\t\xA4z" + end + "  y" + end);
    CHECK(component.raw == document.source().substr(3));
    CHECK(component.end == "END:X");
  }
}

TEST_CASE("blank lines mean nothing") {
  const Document document = read("\r\n\r\nBEGIN:X\r\n\r\nA:1\r\n\r\n 2\r\n\r\nEND:X\r\n\r\n  \r\n");
  CHECK(document.components().front().properties.front().value == "12");
}

TEST_CASE("components form a tree whose parts know their octets") {
  const std::string text = "BEGIN:A\nP:1\nBEGIN:B\nQ:2\nEND:B\nR:3\nBEGIN:b\nEND:B\nend:a\nBEGIN:C\nEND:C\n";
  const Document document = read(text);
  REQUIRE(document.components().size() == 2);
  const Component& a = document.components()[0];
  CHECK(a.raw == text.substr(0, text.find("BEGIN:C")));
  CHECK(a.components[0].raw == "BEGIN:B\nQ:2\nEND:B\n");
  CHECK(a.components[0].line == 3);
  std::string order;
  a.for_each_child([&](const Property& p) { order += p.name; }, [&](const Component& c) { order += c.name; });
  CHECK(order == "PBRb");
}

TEST_CASE("the tree survives moves of the document") {
  Document document = read("BEGIN:A\nS:\n 1\nEND:A");
  const Document moved = std::move(document);
  CHECK(moved.components().front().find("s")->value == "1");
}

TEST_CASE("vCard lines have groups, bare parameters and soft breaks") {
  const Document document =
      wrapped("item1.X-ABLabel;ENCODING=QUOTED-PRINTABLE;HOME:a=\r\nb=\r\nc\r\nTEL;CELL;;VOICE:1\r\nNOTE:x=\r\n",
              Dialect::vcard);
  const auto& properties = document.components().front().properties;
  REQUIRE(properties.size() == 3);
  CHECK(properties[0].group == "item1");
  CHECK(properties[0].name == "X-ABLabel");
  CHECK(properties[0].value == "abc");
  CHECK(properties[1].parameters.size() == 2);
  CHECK_FALSE(properties[1].find("cell")->has_value);
  CHECK(properties[2].value == "x=");
}

TEST_CASE("what is no content line is refused with its line and reason") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "1: no component"},
      {"A:1\n", "1: A stands outside of a component"},
      {"BEGIN:X\n", "1: no END:X"},
      {"BEGIN:X\nEND:Y\n", "2: END:Y where END:X is due"},
      {"END:X\n", "1: END:X without its BEGIN"},
      {"BEGIN:X\nEND:X\nEND:X\n", "3: END:X without its BEGIN"},
      {"BEGIN:\nEND:\n", "1: BEGIN without a name"},
      {"BEGIN:X\nABC\nEND:X\n", "2: no ':' after the property name"},
      {"BEGIN:X\n:1\nEND:X\n", "2: no property name"},
      {"BEGIN:X\nA B:1\nEND:X\n", "2: bad property name"},
      {"BEGIN:X\nA;P=\"x:1\nEND:X\n", "2: unclosed quote in parameter P"},
      {"BEGIN:X\nA;=x:1\nEND:X\n", "2: bad parameter name"},
      {"BEGIN:X\nA;P=x\nEND:X\n", "2: no ':' after the property name"},
      {"BEGIN:X\nA:\x01\nEND:X\n", "2: control character"},
      {"BEGIN:X\nA:\x7F\nEND:X\n", "2: control character"},
      {"BEGIN:X\nA:\xC3(\nEND:X\n", "2: not UTF-8"},
      {"BEGIN:X\nA:\xED\xA0\x80\nEND:X\n", "2: not UTF-8"},
      {" x\nBEGIN:X\nEND:X\n", "1: continues no line"},
      {"BEGIN:X\nA:1\nEND:X\n", "accepted"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(refusal(text) == expected);
  }
}

TEST_CASE("depth, lines and line length are bounded") {
  const dav::content::Limits limits{.depth = 2, .lines = 6, .line_length = 20};
  const auto parse = [&](const std::string& text) { Document::parse(text, Dialect::icalendar, limits); };
  CHECK_NOTHROW(parse("BEGIN:A\nBEGIN:B\nEND:B\nEND:A\n"));
  CHECK_THROWS_WITH(parse("BEGIN:A\nBEGIN:B\nBEGIN:C\nEND:C\nEND:B\nEND:A\n"), "components nested too deeply");
  CHECK_THROWS_WITH(parse("BEGIN:A\nA:\nA:\nA:\nA:\nA:\nEND:A\n"), "too many lines");
  CHECK_THROWS_WITH(parse("BEGIN:A\nA:01234567890\n 0123456789\nEND:A\n"), "line too long");
}

TEST_CASE("text is escaped and read back") {
  using namespace dav::content;
  CHECK(unescape_text("a\\nb\\Nc\\\\d\\;e\\,f\\xg\\") == "a\nb\nc\\d;e,f\\xg\\");
  CHECK(escape_text("a\r\nb\\c;d,e\rf") == "a\\nb\\\\c\\;d\\,e\\nf");
  CHECK(split("a\\,b,,c", ',') == std::vector<std::string_view>{"a\\,b", "", "c"});
  CHECK(split("", ';').size() == 1);
}

TEST_CASE("lines are folded at 75 octets and never inside a character") {
  std::string line = "SUMMARY:" + std::string(66, 'x');
  for (int i = 0; i < 60; ++i) line += "\xF0\x9F\x98\x80";
  std::string folded;
  dav::content::append_folded(folded, line);
  std::string joined;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = folded.find("\r\n", begin)) != std::string::npos; begin = end + 2) {
    CHECK(end - begin <= 75);
    CHECK(dav::content::is_utf8(folded.substr(begin, end - begin)));
    joined += folded.substr(begin + (begin == 0 ? 0 : 1), end - begin - (begin == 0 ? 0 : 1));
  }
  CHECK(joined == line);
}

TEST_CASE("folds inside characters are mended, everything else stays") {
  using dav::content::mend_folds;
  CHECK(mend_folds("A:\xC3\r\n \xA4\r\n") == "A:\r\n \xC3\xA4\r\n");
  CHECK(mend_folds("A:\xF0\x9F\n \x98\n\t\x80!") == "A:\n \n\t\xF0\x9F\x98\x80!");
  // The reader passes over blank lines before a continuation, and over continuations of nothing.
  CHECK(mend_folds("A:\xC3\r\n\r\n \xA4\r\n") == "A:\r\n\r\n \xC3\xA4\r\n");
  CHECK(mend_folds("A:\xC3\n \r\t\xA4") == "A:\n \r\t\xC3\xA4");
  CHECK(mend_folds("A:\xC3\n\n") == "A:\xC3\n\n");
  CHECK(mend_folds("A:\xC3\xA4\r\n b") == "A:\xC3\xA4\r\n b");
}
