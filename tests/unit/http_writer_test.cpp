#include <catch2/catch.hpp>
#include <string>

#include "server/http_writer.h"

namespace {

dav::Response response_with(int status, std::string body) {
  dav::Response response;
  response.status = status;
  storage::Segment segment;
  segment.bytes = std::move(body);
  response.body.push_back(std::move(segment));
  return response;
}

}  // namespace

TEST_CASE("a response's head has what the front owns, once") {
  dav::Response response = response_with(207, "0123456789");
  response.headers.add("Content-Type", "application/xml");
  response.headers.add("content-length", "3");
  response.headers.add("Connection", "keep-alive");
  response.headers.add("Transfer-Encoding", "chunked");
  response.headers.add("DATE", "never");
  CHECK(server::write_head(response, {}, 784111777) ==
        "HTTP/1.1 207 Multi-Status\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/xml\r\n"
        "Content-Length: 10\r\n\r\n");
}

TEST_CASE("connection fields follow version and intention") {
  const dav::Response response = response_with(200, "");
  const auto has = [&](bool keep_alive, bool http_1_0, const char* text) {
    server::Framed framed;
    framed.keep_alive = keep_alive;
    framed.http_1_0 = http_1_0;
    return server::write_head(response, framed, 0).find(text) != std::string::npos;
  };
  CHECK_FALSE(has(true, false, "Connection:"));
  CHECK(has(false, false, "\r\nConnection: close\r\n"));
  CHECK(has(true, true, "\r\nConnection: keep-alive\r\n"));
  CHECK(has(false, true, "\r\nConnection: close\r\n"));
}

TEST_CASE("Content-Length where there is no body to send") {
  const auto length = [](dav::Response response, bool head_only) {
    server::Framed framed;
    framed.head_only = head_only;
    const std::string head = server::write_head(response, framed, 0);
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? std::string("none") : head.substr(at + 16, head.find('\r', at) - at - 16);
  };
  CHECK(length(response_with(204, ""), false) == "none");
  CHECK(length(response_with(304, ""), false) == "none");
  CHECK(length(response_with(200, ""), false) == "0");
  CHECK(length(response_with(200, "abc"), true) == "3");
  dav::Response told = response_with(200, "");
  told.headers.add("Content-Length", "77");
  CHECK(length(told, true) == "77");
  CHECK(length(told, false) == "0");
}

TEST_CASE("a field's value can't end the field") {
  dav::Response response = response_with(200, "");
  response.headers.add("Location", std::string("/a\r\nSet-Cookie: x\0y", 19));
  CHECK(server::write_head(response, {}, 0).find("\r\nLocation: /a  Set-Cookie: x y\r\n") != std::string::npos);
}

TEST_CASE("HSTS is added where it is given") {
  server::Framed framed;
  framed.strict_transport_security = "max-age=1";
  dav::Response response = response_with(200, "");
  CHECK(server::write_head(response, framed, 0).find("\r\nStrict-Transport-Security: max-age=1\r\n") !=
        std::string::npos);
}
