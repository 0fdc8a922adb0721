#include <catch2/catch.hpp>

#include "web/autoconfig.h"
#include "web/autodiscover.h"
#include "web/user_agent_configuration.h"

namespace {

web::Site full_site() {
  web::Site site;
  site.host = "mail.example.org";
  site.mail = {993, 143, 465, 587, 4190};
  return site;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const web::AutodiscoverQuestion question{
    "a<d>a@example.org", "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"};

}  // namespace

TEST_CASE("autoconfig names what there is, the best first") {
  const std::string all = web::autoconfig(full_site(), "example.org");
  CHECK(has(all, "<emailProvider id=\"example.org\">\n    <domain>example.org</domain>"));
  CHECK(all.find("<port>993</port>\n      <socketType>SSL<") <
        all.find("<port>143</port>\n      <socketType>STARTTLS<"));
  CHECK(all.find("<port>465</port>\n      <socketType>SSL<") <
        all.find("<port>587</port>\n      <socketType>STARTTLS<"));
  CHECK(has(all, "<addressBook type=\"carddav\">"));
  CHECK(has(all, "<serverURL>https://mail.example.org/dav/</serverURL>"));

  web::Site site = full_site();
  site.mail = {};
  site.https_port = 8443;
  const std::string none = web::autoconfig(site, "example.org");
  CHECK_FALSE(has(none, "<incomingServer"));
  CHECK_FALSE(has(none, "<outgoingServer"));
  CHECK(has(none, "<serverURL>https://mail.example.org:8443/dav/</serverURL>"));
}

TEST_CASE("autodiscover gives Outlook one way to each service, with the name to log in with") {
  const std::string all = web::autodiscover(full_site(), question, "12:00:00");
  CHECK(has(all, "<Type>IMAP</Type>\n        <Server>mail.example.org</Server>\n        <Port>993</Port>"));
  CHECK(has(all, "<LoginName>a&lt;d&gt;a@example.org</LoginName>"));
  CHECK(has(all, "<Encryption>SSL</Encryption>"));
  CHECK_FALSE(has(all, "<Port>143</Port>"));
  CHECK(has(all, "<Type>CalDAV</Type>\n        <Server>https://mail.example.org/dav/</Server>"));

  web::Site site = full_site();
  site.mail.imaps.reset();
  CHECK(has(web::autodiscover(site, question, "12:00:00"), "<Port>143</Port>"));
}

TEST_CASE("autodiscover says no in its own words") {
  web::Site site = full_site();
  CHECK(has(web::autodiscover(site, std::nullopt, "12:00:00"), "<ErrorCode>600</ErrorCode>"));
  CHECK(has(web::autodiscover(site, web::AutodiscoverQuestion{"nobody", ""}, "12:00:00"), "<ErrorCode>600<"));
  const web::AutodiscoverQuestion phone{
      "ada@example.org", "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"};
  CHECK(has(web::autodiscover(site, phone, "12:00:00"), "<ErrorCode>601</ErrorCode>"));
  site.domains = {"example.com"};
  CHECK(has(web::autodiscover(site, question, "12:00:00"), "<ErrorCode>601</ErrorCode>"));
}

TEST_CASE("autodiscover in JSON leads to the one in XML") {
  CHECK(web::autodiscover_json(full_site(), "AutodiscoverV1").body ==
        "{\"Protocol\":\"AutodiscoverV1\",\"Url\":\"https://mail.example.org/autodiscover/autodiscover.xml\"}\n");
  CHECK(web::autodiscover_json(full_site(), "").status == 400);
  const web::AutodiscoverJson unknown = web::autodiscover_json(full_site(), "Active\"Sync");
  CHECK(unknown.status == 400);
  CHECK(has(unknown.body, "\"ErrorCode\":\"InvalidProtocol\""));
  CHECK(has(unknown.body, "Active\\\"Sync"));
}

// draft-ietf-mailmaint-pacc-02 4.2
TEST_CASE("the user agent configuration names services on their usual ports alone") {
  const std::string all = web::user_agent_configuration(full_site());
  for (const char* name : {"\"imap\": {\"host\": \"mail.example.org\"}", "\"smtp\"", "\"managesieve\"",
                           "\"caldav\": {\"url\": \"https://mail.example.org/dav/\"}", "\"carddav\"", "\"webdav\""}) {
    CAPTURE(name);
    CHECK(has(all, name));
  }
  web::Site site = full_site();
  site.mail = {1993, 143, 1465, 587, 5190};
  site.https_port = 8443;
  const std::string none = web::user_agent_configuration(site);
  for (const char* name : {"imap", "smtp", "managesieve", "dav", "143", "587"}) {
    CAPTURE(name);
    CHECK_FALSE(has(none, name));
  }
}

TEST_CASE("the record has the digest of the configuration's octets") {
  web::Site site;
  site.host = "mail.example.org";
  // By `sha256sum` and `base64` of the document as a program gets it.
  CHECK(web::user_agent_configuration_record(site) ==
        "v=UAAC1; a=sha256; d=Vv3uY7rV3fZCf//xk3csNqZwC54ZCoSgl9R7OTVIBNg=");
}
