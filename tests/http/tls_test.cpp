#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/http/front.h"

using http_tests::Client;
using http_tests::Front;

namespace {

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

Front::Setup with_hosts(std::vector<std::string> hosts) {
  Front::Setup setup;
  setup.hosts = std::move(hosts);
  setup.http.strict_transport_security = "max-age=1000";
  return setup;
}

std::string name_shown(const Front& front, const std::string& host) {
  Client client(front.secure);
  REQUIRE(client.start_tls(host));
  return client.certificate_name();
}

}  // namespace

TEST_CASE("TLS: requests, pipelined and cut, uploads and downloads") {
  Front front(with_hosts({"one.example"}));
  front.handler.max_body = 10'000'000;
  Client client(front.secure);
  REQUIRE(client.start_tls("one.example"));
  CHECK(client.protocol() == "http/1.1");
  client.send(get("/a") + "GET /b HT");
  const auto reply = client.reply();
  CHECK(reply.body == "GET /a ");
  CHECK(reply.field("strict-transport-security") == "max-age=1000");
  client.send("TP/1.1\r\nHost: a\r\n\r\n");
  CHECK(client.reply().body == "GET /b ");
  const std::string body(2'000'000, 'u');
  client.send("PUT /c HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + body);
  CHECK((client.reply().body == "PUT /c " + body));
  client.send(get("/file/3000000"));
  CHECK(client.reply().body.size() == 3'000'000);
  client.send("GET /d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  CHECK(client.reply().status == 200);
  CHECK(client.closed());
}

TEST_CASE("SNI chooses the certificate") {
  Front front(with_hosts({"one.example", "*.two.example"}));
  CHECK(name_shown(front, "one.example") == "one.example");
  CHECK(name_shown(front, "x.two.example") == "*.two.example");
  CHECK(name_shown(front, "x.y.two.example") == "one.example");
  CHECK(name_shown(front, "unknown.example") == "one.example");
  CHECK(name_shown(front, "") == "one.example");
  Client client(front.secure);
  REQUIRE(client.start_tls("x.two.example"));
  CHECK(client.protocol() == "http/1.1");
  Client other(front.secure);
  CHECK_FALSE(other.start_tls("x.two.example", "imap"));
}

TEST_CASE("certificates are exchanged whole, and open connections go on") {
  Front front(with_hosts({"one.example"}));
  Client open(front.secure);
  REQUIRE(open.start_tls());
  CHECK_FALSE(front.tls->changed_on_disk());
  const auto fresh = http_tests::make_certificate(front.folder, "fresh", "fresh.example");
  front.tls->reload(server::TlsOptions{{fresh}, {"http/1.1"}});
  CHECK(name_shown(front, "") == "fresh.example");
  open.send(get("/a"));
  CHECK(open.reply().status == 200);

  // Files that don't belong together are refused, and the good ones stay in use.
  CHECK_THROWS_WITH(front.tls->reload(server::TlsOptions{{{fresh.chain, front.certificates[0].key}}, {}}),
                    Catch::Contains("fresh.crt"));
  CHECK(name_shown(front, "") == "fresh.example");
  std::ofstream(fresh.key) << "no key";
  CHECK(front.tls->changed_on_disk());
  CHECK_THROWS_WITH(front.tls->reload(), Catch::Contains("fresh.key"));
  CHECK_FALSE(front.tls->changed_on_disk());
  CHECK(name_shown(front, "") == "fresh.example");
  CHECK_THROWS_WITH(server::Tls(server::TlsOptions{{{"/nowhere.crt", "/nowhere.key"}}, {}}),
                    Catch::Contains("/nowhere.crt") && Catch::Contains("No such file"));
  CHECK_THROWS_AS(server::Tls(server::TlsOptions{}), server::TlsError);
}

TEST_CASE("a slow handshake is cut off, and plain text is no handshake") {
  Front::Setup setup = with_hosts({"one.example"});
  setup.limits.handshake = std::chrono::milliseconds(150);
  Front front(setup);
  Client silent(front.secure);
  CHECK(silent.closed());
  Client plain(front.secure);
  plain.send(get("/a"));
  plain.rest();
  CHECK(front.loop.metrics().timed_out == 1);
  CHECK(http_tests::eventually([&] { return front.loop.metrics().handshakes_failed == 1; }));
}

TEST_CASE("2000 idle TLS connections hold no worker") {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const std::size_t count = files.rlim_cur >= 4500 ? 2000 : 400;
  Front::Setup setup = with_hosts({"one.example"});
  setup.limits.connections_per_address = 3000;
  setup.workers = 2;
  Front front(setup);
  std::vector<Client> idle;
  idle.reserve(count);
  for (std::size_t number = 0; number < count; ++number) {
    idle.emplace_back(front.secure);
    REQUIRE(idle.back().start_tls());
    idle.back().send(get("/idle"));
    REQUIRE(idle.back().reply().status == 200);
  }
  CHECK(front.loop.metrics().open == count);
  Client client(front.secure);
  REQUIRE(client.start_tls());
  for (int number = 0; number < 100; ++number) {
    client.send(get("/a"));
    REQUIRE(client.reply().status == 200);
  }
  idle.front().send(get("/a"));
  CHECK(idle.front().reply().status == 200);
}
