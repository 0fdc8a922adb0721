#include <catch2/catch.hpp>

#include "server/log.h"

using server::Field;
using server::Level;
using server::LogFormat;

namespace {

std::string line_of(LogFormat format, Level level, std::string_view event, server::Fields fields,
                    std::string_view time = {}) {
  return server::format_line(format, level, event, {fields.begin(), fields.size()}, time);
}

std::string value(std::string_view text, LogFormat format = LogFormat::logfmt) {
  const std::string line = line_of(format, Level::info, "e", {{"v", text}});
  return line.substr(line.find('v', line.find("event") + 5));
}

}  // namespace

TEST_CASE("a line is its fields in order, quoted where they are not bare words") {
  CHECK(line_of(LogFormat::logfmt, Level::warning, "login-failed",
                {Field::quoted("account", "ada"), {"client", "192.0.2.7"}, {"reason", "wrong password"}, {"n", 3}},
                "2026-01-31T12:00:00.123Z") ==
        "2026-01-31T12:00:00.123Z level=warning event=login-failed account=\"ada\" client=192.0.2.7 "
        "reason=\"wrong password\" n=3");
  CHECK(line_of(LogFormat::json, Level::info, "request", {{"path", "/a b"}, {"ms", 1.5}}, "T") ==
        "{\"time\":\"T\",\"level\":\"info\",\"event\":\"request\",\"path\":\"/a b\",\"ms\":1.500}");
}

TEST_CASE("nothing that a client sends can end a line or look like another field") {
  const std::string forged = "ada\" client=10.0.0.1\nlevel=info event=login";
  CHECK(value(forged) == "v=\"ada\\\" client=10.0.0.1\\nlevel=info event=login\"");
  CHECK(value("") == "v=\"\"");
  CHECK(value("a=b") == "v=\"a=b\"");
  CHECK(value("back\\slash") == "v=\"back\\\\slash\"");
  CHECK(value(std::string_view("\0\x1b[31m\x7f", 7)) == "v=\"\\u0000\\u001b[31m\\u007f\"");
  // C1 controls (a terminal may obey U+009B), line separators, octets that are not UTF-8, overlong forms, surrogates.
  CHECK(value("\xC2\x9B") == "v=\"\\u009b\"");
  CHECK(value("\xE2\x80\xA8") == "v=\"\\u2028\"");
  CHECK(value("\xFF") == "v=\"\\u00ff\"");
  CHECK(value("\xC0\xAF") == "v=\"\\u00c0\\u00af\"");
  CHECK(value("\xED\xA0\x80") == "v=\"\\u00ed\\u00a0\\u0080\"");
  CHECK(value("\xF0\x9F\x8D\x84") == "v=\"\xF0\x9F\x8D\x84\"");
  CHECK(value("caf\xC3\xA9") == "v=\"caf\xC3\xA9\"");
  CHECK(value("\xE2\x82") == "v=\"\\u00e2\\u0082\"");
  CHECK(value(forged, LogFormat::json) == "v\":\"ada\\\" client=10.0.0.1\\nlevel=info event=login\"}");
}

TEST_CASE("bare words stay bare") {
  for (const char* word : {"192.0.2.7", "2001:db8::1", "/dav/calendars/ada/", "ada@example.org", "a-b_c+d"}) {
    CHECK(value(word) == std::string("v=") + word);
  }
}
