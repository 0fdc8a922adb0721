#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "server/http_reader.h"

namespace {

using namespace std::literals;
using server::BodyReader;
using server::Framing;
using server::HeadReader;

constexpr server::HeadBounds bounds{.target_octets = 100, .head_octets = 1000, .fields = 10};

struct HeadResult {
  HeadReader::State state = HeadReader::State::waiting;
  int status = 0;  ///< of a refusal
  server::HttpHead head;
  std::string octets;
  std::string rest;
};

/// Feeds `text` in pieces of `first` octets and then `size` octets.
HeadResult read_head(std::string_view text, std::size_t first, std::size_t size) {
  HeadReader reader;
  HeadResult result;
  while (!text.empty()) {
    // A copy of its own for each piece, so that a sanitizer sees a view that outlives it.
    const std::string piece(text.substr(0, first));
    text.remove_prefix(piece.size());
    first = size;
    std::string_view bytes = piece;
    result.state = reader.feed(bytes, bounds);
    if (result.state == HeadReader::State::complete) {
      result.head = std::move(reader.head());
      result.octets = reader.octets();
      result.rest = std::string(bytes) + std::string(text);
      return result;
    }
    if (result.state == HeadReader::State::refused) {
      result.status = reader.refusal().status;
      return result;
    }
    CHECK(bytes.empty());
  }
  return result;
}

struct BodyResult {
  BodyReader::State state = BodyReader::State::more;
  std::string content;
  std::string rest;
};

BodyResult read_body(Framing framing, std::uint64_t length, std::string_view text, std::size_t first, std::size_t size,
                     std::size_t overhead = 64) {
  BodyReader reader(framing, length, overhead);
  BodyResult result;
  while (!text.empty() && reader.state() == BodyReader::State::more) {
    const std::string piece(text.substr(0, first));
    text.remove_prefix(piece.size());
    first = size;
    std::string_view bytes = piece;
    while (!bytes.empty() && reader.state() == BodyReader::State::more) result.content += reader.next(bytes);
    result.rest = std::string(bytes) + std::string(text);
  }
  result.state = reader.state();
  return result;
}

}  // namespace

TEST_CASE("a head is the same however its octets are cut") {
  const std::string text =
      "\r\nPROPFIND /dav/a%20b?x=1 HTTP/1.1\r\nHost: example.org:8443\r\nDepth: 1\r\nX-Empty:\r\n"
      "Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n";
  const std::string rest = "helloGET / HTTP/1.1\r\n";
  for (std::size_t cut = 1; cut <= text.size(); ++cut) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, text.size() + rest.size()}) {
      INFO("cut at " << cut << ", then by " << size);
      const HeadResult result = read_head(text + rest, cut, size);
      REQUIRE(result.state == HeadReader::State::complete);
      const dav::Request& request = result.head.request;
      CHECK(request.method == "PROPFIND");
      CHECK(request.path == "/dav/a%20b");
      CHECK(request.query == "x=1");
      CHECK(request.authority == "example.org:8443");
      CHECK(request.headers.find("depth") == "1");
      CHECK(request.headers.find("x-empty") == "");
      CHECK(result.head.framing == Framing::length);
      CHECK(result.head.length == 5);
      CHECK(result.head.keep_alive);
      CHECK(result.head.expect_continue);
      CHECK(result.octets == text.substr(2));
      CHECK(result.rest == rest);
    }
  }
}

TEST_CASE("heads that are read") {
  struct Case {
    std::string_view text;
    std::string_view method, path, authority;
    bool keep_alive;
  };
  const auto& [text, method, path, authority, keep_alive] = GENERATE(values<Case>({
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "a", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET", "/", "a", false},
      {"GET / HTTP/1.0\r\n\r\n", "GET", "/", "", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET", "/", "", true},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS", "*", "a", true},
      // RFC 9112 3.2.2
      {"GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/x", "b:81", true},
      {"GET HTTPS://b HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "b", true},
      {"GET //a/b HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n", "GET", "//a/b", "[::1]:8443", true},
      {"X-OWN!method / HTTP/1.1\r\nHost: a\r\n\r\n", "X-OWN!method", "/", "a", true},
  }));
  INFO(text);
  const HeadResult result = read_head(text, text.size(), 1);
  REQUIRE(result.state == HeadReader::State::complete);
  CHECK(result.head.request.method == method);
  CHECK(result.head.request.path == path);
  CHECK(result.head.request.authority == authority);
  CHECK(result.head.keep_alive == keep_alive);
}

TEST_CASE("heads that are refused, however they are cut") {
  struct Case {
    std::string_view text;
    int status;
  };
  const auto& [text, status] = GENERATE(values<Case>({
      // RFC 9112 3.2: Host exactly once, and a valid one
      {"GET / HTTP/1.1\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: user@a\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a:80x\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"sv, 400},
      // RFC 9112 6.3: one length, told one way
      {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"sv, 400},
      {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"sv, 501},
      {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"sv, 501},
      {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n"sv, 501},
      {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"sv, 501},
      {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n"sv, 501},
      // RFC 9112 2.2, 5.1, 5.2
      {"GET / HTTP/1.1\nHost: a\n\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a\r\n\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01"
       "b\r\n\r\n"sv,
       400},
      {"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n"sv, 400},
      {"GET /\r\nHost: a\r\n\r\n"sv, 400},
      {"GET a HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
      {"GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
      {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
      {"\x16\x03\x01\x02"sv, 400},
      {"\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
      {"\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
      {"\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"sv, 400},
      // RFC 9110 15.6.6
      {"PRI * HTTP/2.0\r\n\r\n"sv, 505},
      {"GET / HTTP/3.0\r\nHost: a\r\n\r\n"sv, 505},
      {"GET / HTTX/1.1\r\nHost: a\r\n\r\n"sv, 400},
  }));
  INFO(text);
  for (std::size_t cut = 1; cut <= text.size(); ++cut) {
    INFO("cut at " << cut);
    const HeadResult result = read_head(text, cut, 3);
    CHECK(result.state == HeadReader::State::refused);
    CHECK(result.status == status);
  }
}

TEST_CASE("heads over a bound are refused before they end") {
  const std::string host = "Host: a\r\n";
  const auto status = [](const std::string& text, std::size_t size) { return read_head(text, size, size).status; };
  for (const std::size_t size : {std::size_t{1}, std::size_t{64}, std::size_t{100'000}}) {
    CHECK(status("GET /" + std::string(5000, 'x'), size) == 414);
    CHECK(status("GET /" + std::string(100, 'x') + " HTTP/1.1\r\n" + host + "\r\n", size) == 414);
    CHECK(status("GET /" + std::string(99, 'x') + " HTTP/1.1\r\n" + host + "\r\n", size) == 0);
    CHECK(status("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x'), size) == 431);
    CHECK(status("GET / HTTP/1.1\r\n" + host + "X: " + std::string(1000, 'x') + "\r\n\r\n", size) == 431);
    std::string fields = "GET / HTTP/1.1\r\n" + host;
    for (int count = 0; count < 9; ++count) fields += "X: y\r\n";
    CHECK(status(fields + "\r\n", size) == 0);
    CHECK(status(fields + "X: y\r\n", size) == 431);
  }
}

TEST_CASE("a chunked body is the same however its octets are cut") {
  const std::string text =
      "5\r\nhello\r\n0006;name=value;other=\"quoted; \\\" text\"\r\n world\r\nA ;x\r\n0123456789\r\n"
      "0;last\r\nTrailer: value\r\nContent-Length: 3\r\n\r\n";
  const std::string rest = "GET / HTTP/1.1\r\n";
  for (std::size_t cut = 1; cut <= text.size(); ++cut) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{5}, text.size() + rest.size()}) {
      INFO("cut at " << cut << ", then by " << size);
      const BodyResult result = read_body(Framing::chunked, 0, text + rest, cut, size, 100);
      CHECK(result.state == BodyReader::State::done);
      CHECK(result.content == "hello world0123456789");
      CHECK(result.rest == rest);
    }
  }
}

TEST_CASE("chunked bodies that are refused") {
  const auto text = GENERATE(values<std::string_view>({
      "\r\n",
      "g\r\n",
      "-1\r\n",
      "0x5\r\nhello\r\n",
      "5\nhello\r\n",
      "5\r\nhello\n",
      "5\r\nhelloX\r\n",
      "5\r\nhello!\r\n0\r\n\r\n",
      "5 \r\nhello\r\n",
      " 5\r\nhello\r\n",
      "5;a\nhello\r\n",
      "5;a\x01\r\nhello\r\n",
      "1000000000000000\r\n",
      "ffffffffffffffff\r\n",
      "10000000000000005\r\nhello\r\n",
      "0\r\n folded: x\r\n\r\n",
      "0\r\nno colon\r\n\r\n",
      "0\r\nA: b\n\r\n",
      "0\r\nA : b\r\n\r\n",
      "0\r\n\rX",
      "0\n\r\n",
      "0;0123456789012345678901234567890123456789012345678901234567890123456789\r\n\r\n",
      "0\r\nA: 123456789012345678901234567890123456789012345678901234567890123456789\r\n\r\n",
  }));
  INFO(text);
  for (std::size_t cut = 1; cut <= text.size(); ++cut) {
    CHECK(read_body(Framing::chunked, 0, text, cut, 2).state == BodyReader::State::refused);
  }
}

TEST_CASE("a body with a length ends there") {
  for (std::size_t cut = 1; cut <= 8; ++cut) {
    const BodyResult result = read_body(Framing::length, 5, "helloGET", cut, 3);
    CHECK(result.state == BodyReader::State::done);
    CHECK(result.content == "hello");
    CHECK(result.rest == "GET");
  }
  CHECK(read_body(Framing::length, 6, "hello", 5, 5).state == BodyReader::State::more);
  CHECK(BodyReader(Framing::none, 0, 0).state() == BodyReader::State::done);
}
