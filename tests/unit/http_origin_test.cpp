#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "server/address.h"
#include "server/http_forwarded.h"
#include "server/proxy_protocol.h"

namespace {

using namespace std::literals;
using server::Address;
using server::Cidr;
using server::parse_proxy_header;
using State = server::ProxyHeader::State;

std::vector<Cidr> blocks(std::initializer_list<const char*> texts) {
  std::vector<Cidr> all;
  for (const char* text : texts) all.push_back(Cidr::parse(text).value());
  return all;
}

server::Peer peer_at(const char* address) {
  server::Peer peer;
  peer.address = Address::parse(address);
  peer.text = peer.address->text();
  return peer;
}

}  // namespace

TEST_CASE("addresses and blocks of addresses") {
  struct Case {
    const char* block;
    const char* address;
    bool inside;
  };
  const auto& [block, address, inside] = GENERATE(values<Case>({
      {"192.0.2.0/24", "192.0.2.255", true},
      {"192.0.2.0/24", "192.0.3.0", false},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"0.0.0.0/0", "203.0.113.9", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"::/0", "2001:db8::1", true},
      {"::/0", "192.0.2.1", false},
      {"192.0.2.0/24", "::ffff:192.0.2.7", true},
      {"10.128.0.0/9", "10.127.255.255", false},
      {"10.128.0.0/9", "10.129.0.0", true},
      {"2001:db8::/33", "2001:db8:7fff::", true},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"::1", "::1", true},
  }));
  INFO(block << " and " << address);
  CHECK(Cidr::parse(block).value().contains(Address::parse(address).value()) == inside);
}

TEST_CASE("what is no address or block") {
  for (const char* text : {"", "192.0.2", "192.0.2.256", "::g", "[::1]", "fe80::1%eth0", "localhost"}) {
    CHECK_FALSE(Address::parse(text));
    CHECK_FALSE(Cidr::parse(text));
  }
  for (const char* text : {"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "::/129", "::/x", "::/1 "}) {
    CHECK_FALSE(Cidr::parse(text));
  }
}

TEST_CASE("clients of one IPv6 network count as one") {
  const auto key = [](const char* text) { return Address::parse(text).value().client_key(); };
  CHECK(key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9"));
  CHECK(key("2001:db8:1:2::1") != key("2001:db8:1:3::1"));
  CHECK(key("192.0.2.1") != key("192.0.2.2"));
}

TEST_CASE("PROXY headers") {
  const std::string four = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc0\0\x02\x01\x30\x39\x01\xbb"s;
  const std::string local = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"s;
  std::string six = "\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x29"s + std::string(36, '\0') + "extra"s;
  six[16] = '\x20';
  six[31] = '\x01';

  CHECK(parse_proxy_header(four + "rest").address == Address::parse("192.0.2.7"));
  CHECK(parse_proxy_header(four + "rest").port == 12345);
  CHECK(parse_proxy_header(four + "rest").size == four.size());
  CHECK(parse_proxy_header(local + "rest").state == State::complete);
  CHECK_FALSE(parse_proxy_header(local + "rest").address);
  CHECK(parse_proxy_header(six).address == Address::parse("2000::1"));
  CHECK(parse_proxy_header(six).size == six.size());

  const std::string line = "PROXY TCP4 192.0.2.7 192.0.2.1 12345 443\r\n";
  CHECK(parse_proxy_header(line + "rest").address == Address::parse("192.0.2.7"));
  CHECK(parse_proxy_header(line + "rest").size == line.size());
  CHECK(parse_proxy_header("PROXY UNKNOWN whatever\r\n").state == State::complete);
  CHECK(parse_proxy_header("PROXY TCP6 ::1 ::2 1 2\r\n").address == Address::parse("::1"));

  for (const std::string& whole : {four, local, six, line}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CHECK(parse_proxy_header(whole.substr(0, size)).state == State::partial);
    }
  }
}

TEST_CASE("PROXY headers that are refused") {
  const std::string start = "\r\n\r\n\0\r\nQUIT\n"s;
  for (const std::string& text : {
           "GET / HTTP/1.1\r\n"s,
           "PROXY TCP4 192.0.2.7\r\n"s,
           "PROXY TCP4 nobody 192.0.2.1 1 2\r\n"s,
           "PROXY UDP4 192.0.2.7 192.0.2.1 1 2\r\n"s,
           "PROXY TCP4 192.0.2.7 192.0.2.1 99999 2\r\n"s,
           "PROXY "s + std::string(200, 'x'),
           start + "\x11\x11\0\x0c"s + std::string(12, 'x'),
           start + "\x21\x11\0\x04"s + std::string(4, 'x'),
           start + "\x21\x21\0\x0c"s + std::string(12, 'x'),
           start + "\x22\x11\0\x0c"s + std::string(12, 'x'),
           start + "\x21\x11\xff\xff"s,
       }) {
    INFO(text);
    CHECK(parse_proxy_header(text).state == State::invalid);
  }
}

TEST_CASE("a trusted proxy's word on client, scheme and host") {
  struct Case {
    const char* peer;
    const char* name;
    const char* value;
    const char* client;
    const char* scheme;
    const char* authority;
  };
  const auto& [peer, name, value, client, scheme, authority] = GENERATE(values<Case>({
      {"203.0.113.1", "X-Forwarded-For", "192.0.2.9", "203.0.113.1", "http", "own"},
      {"203.0.113.1", "Forwarded", "for=192.0.2.9;proto=https;host=x", "203.0.113.1", "http", "own"},
      {"10.0.0.1", "X-Forwarded-For", "192.0.2.9", "192.0.2.9", "http", "own"},
      {"10.0.0.1", "X-Forwarded-For", "6.6.6.6, 192.0.2.9, 10.0.0.2", "192.0.2.9", "http", "own"},
      {"10.0.0.1", "X-Forwarded-For", "2001:db8::9", "2001:db8::9", "http", "own"},
      {"10.0.0.1", "X-Forwarded-For", "192.0.2.9:4711", "192.0.2.9", "http", "own"},
      {"10.0.0.1", "X-Forwarded-For", "nonsense", "10.0.0.1", "http", "own"},
      {"10.0.0.1", "X-Forwarded-For", "192.0.2.9, nonsense", "10.0.0.1", "http", "own"},
      {"10.0.0.1", "X-Forwarded-Proto", "https", "10.0.0.1", "https", "own"},
      {"10.0.0.1", "X-Forwarded-Host", "dav.example.org:8443", "10.0.0.1", "http", "dav.example.org:8443"},
      {"10.0.0.1", "X-Forwarded-Host", "a/b", "10.0.0.1", "http", "own"},
      {"10.0.0.1", "Forwarded", "for=192.0.2.9;proto=https;host=x", "192.0.2.9", "https", "x"},
      {"10.0.0.1", "Forwarded", "For=\"[2001:db8::9]:4711\";Proto=HTTPS", "2001:db8::9", "https", "own"},
      {"10.0.0.1", "Forwarded", "for=6.6.6.6;host=evil, for=192.0.2.9;host=\"y\\:1\", for=10.0.0.2", "192.0.2.9",
       "http", "y:1"},
      {"10.0.0.1", "Forwarded", "for=_hidden;proto=https", "10.0.0.1", "https", "own"},
      {"10.0.0.1", "Forwarded", "for=\"unterminated", "10.0.0.1", "http", "own"},
  }));
  INFO(peer << " " << name << ": " << value);
  dav::Request request;
  request.authority = "own";
  request.headers.add(name, value);
  const server::Origin origin = server::origin_of(request, peer_at(peer), blocks({"10.0.0.0/8"}));
  CHECK(origin.client == client);
  CHECK(origin.scheme == scheme);
  CHECK(origin.authority == authority);
}
