#include "server/transfer/ledger.h"

#include <catch2/catch.hpp>

TEST_CASE("a ledger line says all of an entry, and is read again") {
  server::LedgerEntry entry;
  entry.action = "created";
  entry.kind = "calendar";
  entry.path = "calendars/w%C3%B6rk";
  entry.components = "VEVENT";
  entry.reason = "a \"reason\"\nof two lines";
  entry.repairs = {"METHOD was taken away"};
  entry.properties = {{"DAV:", "displayname", "<displayname xmlns=\"DAV:\">W\xC3\xB6rk</displayname>"}};
  const std::string line = server::ledger_line(entry);
  CHECK(line.find('\n') == std::string::npos);
  const auto read = server::parse_ledger_line(line);
  REQUIRE(read);
  CHECK(read->path == entry.path);
  CHECK(read->kind == entry.kind);
  CHECK(read->components == entry.components);
  REQUIRE(read->properties.size() == 1);
  CHECK(read->properties[0].xml == entry.properties[0].xml);
  CHECK_FALSE(server::parse_ledger_line("{\"action\":"));
  CHECK_FALSE(server::parse_ledger_line("[]"));
  CHECK(server::parse_ledger_line("{\"path\":3,\"properties\":[1]}")->path.empty());
}
