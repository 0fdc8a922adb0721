// Listeners without TLS: redirects, ACME challenges, proxies.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/http/front.h"

using http_tests::Client;
using http_tests::Front;
using http_tests::once;
using http_tests::Reply;

namespace {

std::string get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: a.example:8080\r\n" + fields + "\r\n";
}

std::vector<server::Cidr> loopback() { return {server::Cidr::parse("127.0.0.0/8").value()}; }

Front::Setup redirecting() {
  Front::Setup setup;
  setup.http.plaintext = server::Plaintext::redirect;
  setup.http.https_port = 8443;
  return setup;
}

}  // namespace

TEST_CASE("plain HTTP is redirected to HTTPS, without looking at credentials") {
  Front front(redirecting());
  Client client(front.plain);
  client.send(get("/dav/%61?x=y", "Authorization: Basic eDp5\r\n") +
              "PROPFIND / HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 3\r\n\r\nabc" +
              "OPTIONS * HTTP/1.1\r\nHost: b\r\n\r\n");
  const Reply reply = client.reply();
  CHECK(reply.status == 308);
  CHECK(reply.field("location") == "https://a.example:8443/dav/%61?x=y");
  CHECK(client.reply().field("location") == "https://[::1]:8443/");
  CHECK(client.reply().field("location") == "https://b:8443/");
  CHECK(front.handler.admitted == 0);
}

TEST_CASE("ACME challenges are served from their folder, and nothing else") {
  const http_tests::Folder folder;
  std::filesystem::create_directory(folder.path() + "/sub");
  std::ofstream(folder.path() + "/to-ken_1") << "to-ken_1.thumb";
  std::ofstream(folder.path() + "/.hidden") << "secret";
  Front::Setup setup = redirecting();
  setup.http.acme_directory = folder.path();
  Front front(setup);
  const auto challenge = [&](const std::string& name) {
    return once(front.plain, get("/.well-known/acme-challenge/" + name));
  };
  CHECK(challenge("to-ken_1").status == 200);
  CHECK(challenge("to-ken_1").body == "to-ken_1.thumb");
  for (const char* name : {"", "missing", "sub", ".hidden", "..", "../to-ken_1", "%2e%2e/x", "sub/x", "to-ken_1/"}) {
    INFO(name);
    CHECK(challenge(name).status == 404);
  }
  CHECK(
      once(front.plain, "PUT /.well-known/acme-challenge/x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").status ==
      405);
  CHECK(front.handler.admitted == 0);
}

TEST_CASE("those who may speak in the clear are served") {
  Front::Setup setup = redirecting();
  setup.http.plaintext_from = loopback();
  Front front(setup);
  CHECK(once(front.plain, get("/origin")).body == "127.0.0.1 http a.example:8080");
}

TEST_CASE("a trusted proxy is served, and what it says is believed") {
  Front::Setup setup = redirecting();
  setup.http.trusted_proxies = loopback();
  setup.http.strict_transport_security = "max-age=1000";
  Front front(setup);
  const Reply reply = once(
      front.plain,
      get("/origin", "X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: dav.example\r\n"));
  CHECK(reply.body == "192.0.2.9 https dav.example");
  CHECK(reply.field("strict-transport-security") == "max-age=1000");
  CHECK(once(front.plain, get("/origin", "Forwarded: for=192.0.2.9;proto=https\r\n")).body ==
        "192.0.2.9 https a.example:8080");
  CHECK(once(front.plain, get("/origin")).body == "127.0.0.1 http a.example:8080");
  // A proxy that says its client came in the clear.
  CHECK(once(front.plain, get("/origin", "X-Forwarded-Proto: http\r\n")).status == 308);
}

TEST_CASE("others are not believed") {
  Front front(redirecting());
  CHECK(once(front.plain, get("/origin", "X-Forwarded-Proto: https\r\n")).status == 308);
  Front serving;
  CHECK(once(serving.plain, get("/origin", "X-Forwarded-For: 192.0.2.9\r\nX-Forwarded-Host: evil\r\n")).body ==
        "127.0.0.1 http a.example:8080");
  CHECK_FALSE(once(serving.plain, get("/origin")).has("strict-transport-security"));
}

TEST_CASE("a PROXY header from a configured address gives the client, before TLS or plain text") {
  using namespace std::literals;
  Front::Setup setup = Front::defaults();
  setup.hosts = {"a.example"};
  setup.proxy_protocol_from = loopback();
  Front front(setup);
  const std::string header = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc0\0\x02\x01\x30\x39\x01\xbb"s;
  Client plain(front.plain);
  plain.send(header + get("/origin"));
  CHECK(plain.reply().body == "192.0.2.7 http a.example:8080");
  Client cut(front.plain);
  for (const char octet : header) cut.send(std::string_view(&octet, 1));
  cut.send(get("/origin"));
  CHECK(cut.reply().body == "192.0.2.7 http a.example:8080");
  Client old(front.plain);
  old.send("PROXY TCP4 192.0.2.8 192.0.2.1 1 2\r\n" + get("/origin"));
  CHECK(old.reply().body == "192.0.2.8 http a.example:8080");
  Client secure(front.secure);
  secure.send(header);
  REQUIRE(secure.start_tls("a.example"));
  secure.send(get("/origin"));
  CHECK(secure.reply().body == "192.0.2.7 https a.example:8080");
  Client without(front.plain);
  without.send(get("/origin"));
  CHECK(without.closed());
}

TEST_CASE("a PROXY header from anybody else is no request") {
  Front front;
  Client client(front.plain);
  client.send("PROXY TCP4 192.0.2.8 192.0.2.1 1 2\r\n" + get("/origin"));
  CHECK(client.reply().status == 400);
}
