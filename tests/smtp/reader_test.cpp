#include "mail/smtp/reader.h"

#include <catch2/catch.hpp>
#include <string>

using namespace mail::smtp;

namespace {

struct DataCase {
  std::string name;
  std::string sent;
  std::string message;
  std::string rest;
  bool ended = true;
};

const DataCase data_cases[] = {
    {"a message", "Hi\r\n.\r\n", "Hi\r\n", ""},
    {"none at all", ".\r\n", "", ""},
    {"what follows stays", "a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"},
    {"a dot in front of a dot", "..\r\n...x\r\n.\r\n", ".\r\n..x\r\n", ""},
    {"a dot in front of something else", ".x\r\n.\r\n", "x\r\n", ""},
    {"dots within lines", "a.b\r\nc.\r\n.\r\n", "a.b\r\nc.\r\n", ""},
    {"no end yet", "a\r\n.", "a\r\n", "", false},
    {"no end yet, with a CR", "a\r\n.\r", "a\r\n", "", false},
    // Ends that others might see.
    {"LF dot LF", "a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", ""},
    {"LF dot CR LF", "a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", ""},
    {"CR LF dot LF", "a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", ""},
    {"CR dot CR", "a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", ""},
    {"CR LF dot CR", "a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", ""},
    {"CR LF dot CR CR LF", "a\r\n.\r\r\nb\r\n.\r\n", "a\r\n\r\r\nb\r\n", ""},
    {"CR CR LF dot CR LF", "a\r\r\n.\r\n", "a\r\r\n", ""},
    {"a NUL", std::string("a\0.\r\n.\r\n", 8), std::string("a\0.\r\n", 5), ""},
};

}  // namespace

TEST_CASE("data ends with CR LF dot CR LF and with nothing else, however it is cut", "[smtp]") {
  for (const DataCase& one : data_cases) {
    for (const std::size_t piece : {1U, 2U, 3U, 1000U}) {
      DataReader reader;
      std::string message;
      std::size_t at = 0;
      while (at < one.sent.size() && !reader.ended()) {
        const std::string_view part = std::string_view(one.sent).substr(at, piece);
        const std::size_t used = reader.read(part, [&](std::string_view bytes) { message += bytes; });
        REQUIRE((used == part.size() || reader.ended()));
        at += used;
      }
      INFO(one.name << ", in pieces of " << piece);
      CHECK(reader.ended() == one.ended);
      CHECK(message == one.message);
      if (one.ended) CHECK(one.sent.substr(at) == one.rest);
    }
  }
}

TEST_CASE("a command's line ends with CR LF and with nothing else", "[smtp]") {
  const auto fault = [](std::string_view bytes) { return read_line(bytes, 10)->fault; };
  CHECK_FALSE(read_line("NOOP", 10));
  CHECK_FALSE(read_line("NOOP\r", 10));
  CHECK_FALSE(read_line("", 10));
  const auto line = read_line("NOOP\r\nQUIT\r\n", 10);
  REQUIRE(line);
  CHECK(line->text == "NOOP");
  CHECK(line->used == 6);
  CHECK(line->fault == Line::Fault::none);
  CHECK(read_line("\r\n", 10)->used == 2);
  CHECK(fault("NOOP\n") == Line::Fault::bare_line_end);
  CHECK(fault("NO\rOP\r\n") == Line::Fault::bare_line_end);
  CHECK(fault("NOOP\r\r\n") == Line::Fault::bare_line_end);
  CHECK(fault("NOOPNOOPNOOP") == Line::Fault::too_long);
  CHECK(fault("NOOPNOOPNOOP\r\n") == Line::Fault::too_long);
  CHECK(fault("NOOPNOOPNO\r\n") == Line::Fault::none);
}
