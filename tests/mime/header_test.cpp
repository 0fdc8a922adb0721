#include <catch2/catch.hpp>

#include "mail/mime/header.h"

using namespace mail::mime;

namespace {

std::string shown(std::string_view header) {
  std::string out;
  FieldReader reader(header);
  while (const auto field = reader.next()) out += std::string(field->name) + "=" + unfold(field->value) + "|";
  return out;
}

}  // namespace

TEST_CASE("fields are told apart") {
  struct Row {
    std::string_view header;
    std::string_view shown;
  };
  const Row rows[] = {
      {"Subject: This\r\n is a test\r\nTo: x\r\n\r\nBody: no\r\n", "Subject=This is a test|To=x|"},
      {"Subject: bare\nTo:\tx\n\nBody", "Subject=bare|To=x|"},
      // RFC 5322 4.5
      {"MIME-Version : 1.0\r\nSubject\t:x\r\n", "MIME-Version=1.0|Subject=x|"},
      // RFC 7103 7.2
      {"Subject: This is your reminder\r\nabout the football game tonight\r\nDate: x\r\n",
       "Subject=This is your reminder about the football game tonight|Date=x|"},
      // RFC 7103 7.3
      {"Subject: This is your reminder\r\n \r\n about it\r\nDate: x\r\n",
       "Subject=This is your reminder  about it|Date=x|"},
      {"From joe Mon Jan  1\r\nSubject: x\r\n", "=From joe Mon Jan  1|Subject=x|"},
      {"Subject:\r\n x\r\n", "Subject=x|"},
      {"Subject:", "Subject=|"},
      {": x\r\n", "=: x|"},
      {std::string_view("Subject: a\0b\r\n", 14), "Subject=ab|"},
      {"Subject: a\rb\r\n", "Subject=a b|"},
      {"", ""},
      {"\r\nSubject: x\r\n", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.header);
    CHECK(shown(row.header) == row.shown);
  }
}

TEST_CASE("values are found by name") {
  const std::string_view header = "to: a\r\nTo: b\r\n  c\r\nTOO: d\r\n\r\n";
  CHECK(first_value(header, "TO") == "a");
  CHECK(all_values(header, "To") == std::vector<std::string>{"a", "b  c"});
  CHECK_FALSE(first_value(header, "T"));
  CHECK(lower_case("ABCÄ") == "abcÄ");
}
