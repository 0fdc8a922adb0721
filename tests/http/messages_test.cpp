// RFC 9112: messages on a connection.

#include <catch2/catch.hpp>
#include <string>

#include "tests/http/front.h"

using http_tests::Client;
using http_tests::Front;
using http_tests::once;
using http_tests::Reply;

namespace {

const std::string host = "Host: a\r\n";

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\n" + host + "\r\n"; }

}  // namespace

TEST_CASE("a connection serves one request after the other") {
  Front front;
  Client client(front.plain);
  for (int count = 0; count < 3; ++count) {
    client.send(get("/a"));
    const Reply reply = client.reply();
    CHECK(reply.status == 200);
    CHECK(reply.body == "GET /a ");
    CHECK(reply.has("date"));
    CHECK_FALSE(reply.has("connection"));
  }
  client.send("GET /b HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n");
  CHECK(client.reply().field("connection") == "close");
  CHECK(client.closed());
}

TEST_CASE("requests sent at once are answered in order, however they are cut") {
  Front front;
  const std::string all = get("/1") + "PUT /2 HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello" +
                          "PUT /3 HTTP/1.1\r\n" + host +
                          "Transfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\n" + get("/4");
  for (std::size_t cut = 1; cut < all.size(); cut += 7) {
    Client client(front.plain);
    client.send(all.substr(0, cut));
    client.send(all.substr(cut));
    CHECK(client.reply().body == "GET /1 ");
    CHECK(client.reply().body == "PUT /2 hello");
    CHECK(client.reply().body == "PUT /3 abc");
    CHECK(client.reply().body == "GET /4 ");
  }
}

TEST_CASE("many requests sent at once are all answered") {
  Front front;
  Client client(front.plain);
  std::string all;
  for (int count = 0; count < 3000; ++count) all += get("/" + std::to_string(count));
  client.send(all);
  for (int count = 0; count < 3000; ++count) REQUIRE(client.reply().body == "GET /" + std::to_string(count) + " ");
}

TEST_CASE("HTTP/1.0 closes unless it is asked not to") {
  Front front;
  Client closing(front.plain);
  closing.send("GET /a HTTP/1.0\r\n\r\n");
  CHECK(closing.reply().field("connection") == "close");
  CHECK(closing.closed());
  Client staying(front.plain);
  for (int count = 0; count < 2; ++count) {
    staying.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(staying.reply().field("connection") == "keep-alive");
  }
}

TEST_CASE("answers without a body leave the connection in step") {
  Front front;
  Client client(front.plain);
  client.send("HEAD /text/3000 HTTP/1.1\r\n" + host + "\r\n" + get("/status/304") + get("/status/204") + get("/last"));
  const Reply head = client.reply(true);
  CHECK(head.field("content-length") == "3000");
  CHECK(client.reply().status == 304);
  const Reply empty = client.reply();
  CHECK(empty.status == 204);
  CHECK_FALSE(empty.has("content-length"));
  CHECK(client.reply().body == "GET /last ");
}

TEST_CASE("a client that has sent all may close its side and still gets its answer") {
  Front front;
  Client client(front.plain);
  client.send(get("/a"));
  client.end_sending();
  CHECK(client.reply().body == "GET /a ");
  CHECK(client.closed());
}

TEST_CASE("what can be read in two ways is refused, and nothing after it is read") {
  using namespace std::literals;
  Front front;
  const std::string smuggled = get("/smuggled");
  struct Case {
    std::string request;
    int status;
  };
  for (const auto& [request, status] : {
           Case{"POST /a HTTP/1.1\r\n" + host + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                400},
           Case{"POST /a HTTP/1.1\r\n" + host + "Content-Length: 0\r\nContent-Length: 40\r\n\r\n", 400},
           Case{"POST /a HTTP/1.1\r\n" + host + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400},
           Case{"POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 501},
           Case{"POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n", 501},
           Case{"POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
           Case{"POST /a HTTP/1.1\r\n" + host + "X: y\r\n Content-Length: 40\r\n\r\n", 400},
           Case{"POST /a HTTP/1.1\r\n" + host + "X: y\nContent-Length: 40\r\n\r\n", 400},
           Case{"POST /a HTTP/1.1\r\n" + host + "X: y\0z\r\n\r\n"s, 400},
           Case{"POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n", 400},
           Case{"POST /a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", 400},
           Case{"POST /a HTTP/1.1\r\n\r\n", 400},
           Case{"GET / HTTP/2.0\r\n" + host + "\r\n", 505},
       }) {
    INFO(request);
    const int before = front.handler.handled;
    Client client(front.plain);
    client.send(request + smuggled);
    const Reply reply = client.reply();
    CHECK(reply.status == status);
    CHECK(reply.field("connection") == "close");
    CHECK(client.closed());
    CHECK(front.handler.handled == before);
  }
}

TEST_CASE("a body that nobody reads is not the next request") {
  Front front;
  Client client(front.plain);
  const std::string body = get("/smuggled");
  client.send("PUT /private HTTP/1.1\r\n" + host + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
              body + "PUT /private HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\n\r\n" +
              get("/next"));
  CHECK(client.reply().status == 401);
  CHECK(client.reply().status == 401);
  CHECK(client.reply().body == "GET /next ");
  CHECK(front.handler.handled == 1);
}

TEST_CASE("a long body that nobody reads ends the connection") {
  Front::Setup setup = Front::defaults();
  setup.http.limits.drain_octets = 1000;
  Front front(setup);
  Client known(front.plain);
  known.send("PUT /private HTTP/1.1\r\n" + host + "Content-Length: 100000\r\n\r\n" + std::string(100'000, 'x') +
             get("/next"));
  const Reply reply = known.reply();
  CHECK(reply.status == 401);
  CHECK(reply.field("connection") == "close");
  CHECK(known.closed());
  Client unknown(front.plain);
  unknown.send("PUT /private HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n186a0\r\n" +
               std::string(100'000, 'x') + "\r\n0\r\n\r\n" + get("/next"));
  CHECK(unknown.reply().status == 401);
  CHECK(unknown.closed());
  CHECK(front.handler.handled == 0);
}

TEST_CASE("a body over its limit is refused before it is read") {
  Front front;
  front.handler.max_body = 1000;
  Client client(front.plain);
  client.send("PUT /a HTTP/1.1\r\n" + host + "Content-Length: 4000000000\r\n\r\n");
  const Reply reply = client.reply();
  CHECK(reply.status == 413);
  CHECK(reply.field("connection") == "close");
  CHECK(client.closed());
  // A little too long: the connection goes on.
  Client next(front.plain);
  next.send("PUT /a HTTP/1.1\r\n" + host + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x') + get("/next"));
  CHECK(next.reply().status == 413);
  CHECK(next.reply().body == "GET /next ");
}

TEST_CASE("a chunked body is refused when it grows over its limit") {
  Front front;
  front.handler.max_body = 1000;
  Client client(front.plain);
  client.send("PUT /a HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x'));
  CHECK(client.reply().status == 413);
  client.send("\r\n0\r\n\r\n" + get("/next"));
  CHECK(client.reply().body == "GET /next ");
}

TEST_CASE("a large upload goes through a file") {
  Front front;
  front.handler.max_body = 10'000'000;
  Client client(front.plain);
  std::string body;
  for (int line = 0; body.size() < 3'000'000; ++line) body += std::to_string(line) + "\n";
  client.send("PUT /a HTTP/1.1\r\n" + host + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  CHECK((client.reply().body == "PUT /a " + body));
}

TEST_CASE("100 Continue comes after authentication and the size check") {
  Front front;
  front.handler.max_body = 1000;
  const std::string expect = "Expect: 100-continue\r\n";
  Client unknown(front.plain);
  unknown.send("PUT /private HTTP/1.1\r\n" + host + expect + "Content-Length: 5\r\n\r\n");
  const Reply refused = unknown.reply();
  CHECK(refused.status == 401);
  CHECK(refused.field("connection") == "close");
  CHECK(unknown.closed());
  Client large(front.plain);
  large.send("PUT /private HTTP/1.1\r\n" + host + expect + "Authorization: x\r\nContent-Length: 1001\r\n\r\n");
  CHECK(large.reply().status == 413);
  CHECK(large.closed());
  Client good(front.plain);
  good.send("PUT /private HTTP/1.1\r\n" + host + expect + "Authorization: x\r\nContent-Length: 5\r\n\r\n");
  CHECK(good.reply(true).status == 100);
  good.send("hello" + get("/next"));
  CHECK(good.reply().body == "PUT /private hello");
  CHECK(good.reply().body == "GET /next ");
  CHECK(once(front.plain, "PUT /a HTTP/1.1\r\n" + host + "Expect: more\r\nContent-Length: 1\r\n\r\nx").status == 417);
}

TEST_CASE("a coded body is refused with what is accepted instead") {
  Front front;
  Client client(front.plain);
  client.send("PUT /a HTTP/1.1\r\n" + host + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello" + get("/next"));
  const Reply reply = client.reply();
  CHECK(reply.status == 415);
  CHECK(reply.field("accept-encoding") == "identity");
  CHECK(client.reply().body == "GET /next ");
}

TEST_CASE("whatever a handler throws is a 500 without details") {
  Front front;
  for (const char* path : {"/throw", "/throw-odd", "/throw-early"}) {
    Client client(front.plain);
    client.send(get(path) + get("/next"));
    const Reply reply = client.reply();
    CHECK(reply.status == 500);
    CHECK(reply.body.find("secret") == std::string::npos);
    CHECK(client.reply().status == 200);
  }
  CHECK(front.log().size() == 3);
}

TEST_CASE("text is coded as the client likes, and HEAD says so too") {
  Front front;
  Client client(front.plain);
  const std::string accept = "Accept-Encoding: gzip\r\n\r\n";
  client.send("GET /text/5000 HTTP/1.1\r\n" + host + accept);
  const Reply coded = client.reply();
  CHECK(coded.field("content-encoding") == "gzip");
  CHECK(coded.field("vary") == "Accept-Encoding");
  CHECK(coded.body.size() < 1000);
  client.send("HEAD /text/5000 HTTP/1.1\r\n" + host + accept);
  CHECK(client.reply(true).field("content-length") == std::to_string(coded.body.size()));
  client.send(get("/text/5000"));
  const Reply plain = client.reply();
  CHECK(plain.body.size() == 5000);
  CHECK(plain.field("vary") == "Accept-Encoding");
  CHECK_FALSE(plain.has("content-encoding"));
}

TEST_CASE("a long answer is coded while it is sent, in chunks for those who know them") {
  Front front;
  Client client(front.plain);
  const std::string accept = "Accept-Encoding: gzip\r\n\r\n";
  client.send("GET /text/3000000 HTTP/1.1\r\n" + host + accept + get("/next"));
  const Reply chunked = client.reply();
  CHECK(chunked.field("transfer-encoding") == "chunked");
  CHECK(chunked.field("content-encoding") == "gzip");
  CHECK(chunked.field("vary") == "Accept-Encoding");
  CHECK_FALSE(chunked.has("content-length"));
  CHECK(client.reply().body == "GET /next ");
  // RFC 9112 6.1: "A server MUST NOT send a response containing Transfer-Encoding unless the corresponding request
  // indicates HTTP/1.1 (or later minor revisions)."
  Client old(front.plain);
  old.send("GET /text/3000000 HTTP/1.0\r\n" + host + accept);
  const Reply whole = old.reply();
  CHECK_FALSE(whole.has("transfer-encoding"));
  CHECK((whole.body == chunked.body));
  CHECK(whole.body.size() < 100'000);
  client.send("HEAD /text/3000000 HTTP/1.1\r\n" + host + accept + get("/next"));
  CHECK(client.reply(true).field("transfer-encoding") == "chunked");
  CHECK(client.reply().body == "GET /next ");
  const auto records = front.records(5);
  CHECK(records[0].octets_out == chunked.body.size());
  Client last(front.plain);
  last.send("GET /text/3000000 HTTP/1.1\r\nConnection: close\r\n" + host + accept);
  CHECK((last.reply().body == chunked.body));
  CHECK(last.closed());
}

TEST_CASE("each request has one line in the access log") {
  Front front;
  Client client(front.plain);
  client.send("PUT /private/x HTTP/1.1\r\n" + host +
              "User-Agent: test/1\r\nAuthorization: x\r\nContent-Length: 5\r\n\r\nhello" + "GET /private HTTP/1.1\r\n" +
              host + "\r\n" + "bad\r\n\r\n");
  const auto records = front.records(3);
  CHECK(records[0].account == "ada");
  CHECK(records[0].method == "PUT");
  CHECK(records[0].path == "/private/x");
  CHECK(records[0].user_agent == "test/1");
  CHECK(records[0].client == "127.0.0.1");
  CHECK(records[0].octets_in == 5);
  CHECK(records[0].octets_out == 20);
  CHECK(records[1].status == 401);
  CHECK(records[1].refusal == "no credentials");
  CHECK(records[1].id != records[0].id);
  CHECK(records[2].status == 400);
  CHECK(records[2].method == "-");
  std::uint64_t puts = 0;
  front.http->metrics().requests([&](std::string_view method, int status, std::uint64_t count) {
    if (method == "PUT" && status == 200) puts += count;
  });
  CHECK(puts == 1);
  CHECK(front.http->metrics().refused_framing == 1);
}

TEST_CASE("a traced account's exchanges are written down without credentials") {
  Front::Setup setup = Front::defaults();
  std::vector<server::TraceRecord> traces;
  setup.http.traced = [](const dav::Request& request) { return request.principal && request.principal->name == "ada"; };
  setup.http.trace = [&](const server::TraceRecord& record) { traces.push_back(record); };
  setup.workers = 1;
  Front front(setup);
  Client client(front.plain);
  client.send("PUT /private HTTP/1.1\r\n" + host + "authorization: Basic c2VjcmV0\r\nContent-Length: 5\r\n\r\nhello" +
              get("/other"));
  CHECK(client.reply().status == 200);
  CHECK(client.reply().status == 200);
  REQUIRE(traces.size() == 1);
  CHECK(traces[0].request_head.find("c2VjcmV0") == std::string::npos);
  CHECK(traces[0].request_head.find("PUT /private HTTP/1.1\r\n") == 0);
  CHECK(traces[0].request_body == "hello");
  CHECK(traces[0].response_head.find("HTTP/1.1 200 OK\r\n") == 0);
  CHECK(traces[0].response_body == "PUT /private hello");
}
