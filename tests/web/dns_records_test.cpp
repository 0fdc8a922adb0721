#include <catch2/catch.hpp>

#include <algorithm>

#include "server/doctor/records.h"

namespace {

web::Site full_site() {
  web::Site site;
  site.host = "mail.example.org";
  site.mail = {993, 143, 465, 587, 4190};
  return site;
}

bool has(const std::vector<server::DnsRecord>& records, const std::string& line) {
  return std::ranges::any_of(records, [&](const server::DnsRecord& one) { return server::zone_line(one) == line; });
}

}  // namespace

TEST_CASE("the records name what is there, and say what isn't") {
  const auto all = server::dns_records(full_site(), "example.org");
  for (const char* line :
       {"example.org. 3600 IN MX 10 mail.example.org.",
        "_imaps._tcp.example.org. 3600 IN SRV 0 1 993 mail.example.org.",
        "_imap._tcp.example.org. 3600 IN SRV 0 1 143 mail.example.org.",
        "_submissions._tcp.example.org. 3600 IN SRV 0 1 465 mail.example.org.",
        "_submission._tcp.example.org. 3600 IN SRV 0 1 587 mail.example.org.",
        "_sieve._tcp.example.org. 3600 IN SRV 0 1 4190 mail.example.org.",
        "_pop3s._tcp.example.org. 3600 IN SRV 0 0 0 .",
        "_caldavs._tcp.example.org. 3600 IN SRV 0 1 443 mail.example.org.",
        "_carddavs._tcp.example.org. 3600 IN TXT \"path=/dav/\"",
        "autoconfig.example.org. 3600 IN CNAME mail.example.org.", "example.org. 3600 IN TXT \"v=spf1 mx ~all\""}) {
    CAPTURE(line);
    CHECK(has(all, line));
  }
}

TEST_CASE("without mail there are no records of mail, and a name is no alias of itself") {
  web::Site site = full_site();
  site.mail = {};
  site.https_port = 8443;
  site.host = "autoconfig.example.org";
  const auto all = server::dns_records(site, "example.org");
  CHECK(all.size() == 4);
  CHECK(has(all, "_caldavs._tcp.example.org. 3600 IN SRV 0 1 8443 autoconfig.example.org."));
}

TEST_CASE("a long TXT is cut into strings") {
  const server::DnsRecord record{"a.b", "TXT", std::string(300, 'x'), server::DnsRecord::Need::may, ""};
  CHECK(server::zone_line(record) ==
        "a.b. 3600 IN TXT \"" + std::string(255, 'x') + "\" \"" + std::string(45, 'x') + "\"");
}
