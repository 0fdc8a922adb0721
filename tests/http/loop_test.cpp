// The connection loop: time-outs, caps, slow peers, waking, draining.

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/http/front.h"

using http_tests::Client;
using http_tests::eventually;
using http_tests::Front;
using http_tests::Reply;
using std::chrono::milliseconds;

namespace {

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

}  // namespace

TEST_CASE("idle connections are closed after their time") {
  Front::Setup setup = Front::defaults();
  setup.http.limits.idle = milliseconds(100);
  setup.http.limits.head = milliseconds(200);
  Front front(setup);
  Client silent(front.plain);
  Client idle(front.plain);
  idle.send(get("/a"));
  CHECK(idle.reply().status == 200);
  CHECK(idle.closed());
  CHECK(silent.closed());
  CHECK(front.http->metrics().idle_timeouts == 2);
}

TEST_CASE("a head that comes too slowly is refused") {
  Front::Setup setup = Front::defaults();
  setup.http.limits.head = milliseconds(200);
  Front front(setup);
  Client half(front.plain);
  half.send("GET / HTTP/1.1\r\nHost: a\r\n");
  const Reply reply = half.reply();
  CHECK(reply.status == 408);
  CHECK(reply.field("connection") == "close");
  CHECK(half.closed());
  CHECK(front.http->metrics().head_timeouts == 1);
}

TEST_CASE("a body that stalls, or comes below its rate, is refused") {
  Front::Setup setup = Front::defaults();
  setup.http.limits.body_stall = milliseconds(200);
  Front stalling(setup);
  Client stalled(stalling.plain);
  stalled.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  CHECK(stalled.reply().status == 408);
  CHECK(stalled.closed());
  CHECK(stalling.handler.handled == 0);

  setup.http.limits.body_stall = milliseconds(60'000);
  setup.http.limits.body_grace = milliseconds(200);
  setup.http.limits.body_rate = 1'000'000'000;
  Front demanding(setup);
  Client slow(demanding.plain);
  slow.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  CHECK(slow.reply().status == 408);
  CHECK(demanding.http->metrics().body_timeouts == 1);
}

TEST_CASE("a reader that takes nothing is cut off, and holds no worker meanwhile") {
  Front::Setup setup = Front::defaults();
  setup.workers = 1;
  setup.limits.write_stall = milliseconds(300);
  Front front(setup);
  Client slow(front.plain);
  slow.receive_little();
  slow.send(get("/file/50000000"));
  Client other(front.plain);
  for (int count = 0; count < 50; ++count) {
    other.send(get("/a"));
    REQUIRE(other.reply().status == 200);
  }
  const auto records = front.records(51);
  const auto lost = std::find_if(records.begin(), records.end(), [](const auto& one) { return one.path != "/a"; });
  REQUIRE(lost != records.end());
  CHECK(lost->refusal == "the connection was lost");
  CHECK(front.loop.metrics().timed_out == 1);
}

TEST_CASE("a large file reaches a slow reader whole while others are served") {
  constexpr std::size_t size = 40'000'000;
  Front::Setup setup = Front::defaults();
  setup.workers = 1;
  Front front(setup);
  Client slow(front.plain);
  slow.send(get("/file/" + std::to_string(size)) + get("/after"));
  std::string head;
  while (!head.ends_with("\r\n\r\n")) head += slow.some(1);
  Client other(front.plain);
  for (std::size_t got = 0; got < size;) {
    for (std::size_t portion = 0; portion < 1'000'000 && got < size;) {
      const std::string part = slow.some(std::min<std::size_t>(100'000, size - got));
      REQUIRE_FALSE(part.empty());
      got += part.size();
      portion += part.size();
    }
    other.send(get("/a"));
    REQUIRE(other.reply().status == 200);
  }
  CHECK(slow.reply().body == "GET /after ");
}

TEST_CASE("one address has so many connections, others go on") {
  Front::Setup setup = Front::defaults();
  setup.limits.connections_per_address = 3;
  Front front(setup);
  std::vector<Client> mine;
  for (int count = 0; count < 3; ++count) {
    mine.emplace_back(front.plain);
    mine.back().send(get("/a"));
    CHECK(mine.back().reply().status == 200);
  }
  Client fourth(front.plain);
  CHECK(fourth.closed());
  Client other(front.plain, "127.0.0.2");
  other.send(get("/a"));
  CHECK(other.reply().status == 200);
  CHECK(front.loop.metrics().refused_per_address == 1);
  mine.pop_back();
  CHECK(eventually([&] { return front.loop.metrics().open == 3; }));
  Client again(front.plain);
  again.send(get("/a"));
  CHECK(again.reply().status == 200);
}

TEST_CASE("there are so many connections in all, and limits change while running") {
  Front::Setup setup = Front::defaults();
  setup.limits.connections = 2;
  Front front(setup);
  Client one(front.plain);
  Client two(front.plain);
  one.send(get("/a"));
  CHECK(one.reply().status == 200);
  two.send(get("/a"));
  CHECK(two.reply().status == 200);
  CHECK(Client(front.plain).closed());
  CHECK(front.loop.metrics().refused_total == 1);
  setup.limits.connections = 10;
  front.loop.set_limits(setup.limits);
  Client three(front.plain);
  three.send(get("/a"));
  CHECK(three.reply().status == 200);
}

namespace {

/// Lets the process have no descriptor of a number from `limit` on, until it goes out of scope: those that are open
/// stay open.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{limit, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("without a descriptor left, one connection after another is refused, and others go on", "[descriptors]") {
  Front front;
  Client open(front.plain);
  open.send(get("/a"));
  CHECK(open.reply().status == 200);
  std::vector<Client> late;
  {
    // The clients' own sockets are there before all the rest is used up; their ends at the server are not.
    std::vector<std::unique_ptr<Client::Socket>> sockets;
    for (int count = 0; count < 3; ++count) sockets.push_back(std::make_unique<Client::Socket>());
    const DescriptorLimit limit(static_cast<rlim_t>(sockets.back()->descriptor()) + 1);
    http_tests::AllDescriptors all;
    for (auto& socket : sockets) {
      late.emplace_back(std::move(*socket), front.plain);
      CHECK(late.back().closed());
      open.send(get("/a"));
      CHECK(open.reply().status == 200);
    }
    CHECK(front.loop.metrics().refused_total == 3);
  }
  CHECK(http_tests::once(front.plain, get("/a")).status == 200);
}

TEST_CASE("where not even that can be done, the listener rests, and goes on when descriptors are free again",
          "[descriptors]") {
  Front front;
  Client open(front.plain);
  open.send(get("/a"));
  CHECK(open.reply().status == 200);
  Client::Socket socket;
  std::optional<Client> late;
  {
    const DescriptorLimit none(3);
    late.emplace(std::move(socket), front.plain);
    late->send(get("/late"));
    CHECK(eventually([&] { return front.loop.metrics().rests >= 2; }));
    // A listener that is only ready again would be tried again between any two of these.
    const auto before = front.loop.metrics().rests.load();
    for (int count = 0; count < 1000; ++count) {
      open.send(get("/a"));
      REQUIRE(open.reply().status == 200);
    }
    CHECK(front.loop.metrics().rests - before < 500);
    CHECK(front.loop.metrics().open == 1);
  }
  CHECK(late->reply().body == "GET /late ");
}

TEST_CASE("HTTP limits change while running, for requests that begin then") {
  Front front;
  Client client(front.plain);
  client.send(get("/" + std::string(200, 'x')));
  CHECK(client.reply().status == 200);
  server::HttpOptions options = Front::defaults().http;
  options.limits.target_octets = 100;
  front.http->set_options(options);
  client.send(get("/" + std::string(200, 'x')));
  CHECK(client.reply().status == 414);
}

TEST_CASE("floods of header octets and fields, and huge targets, are refused") {
  Front front;
  const auto refused = [&](const std::string& text) {
    Client client(front.plain);
    client.send(text);
    const Reply reply = client.reply();
    CHECK(reply.field("connection") == "close");
    return reply.status;
  };
  CHECK(refused("GET /" + std::string(20'000, 'x')) == 414);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'x')) == 431);
  std::string fields = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int count = 0; count < 200; ++count) fields += "X: y\r\n";
  CHECK(refused(fields) == 431);
}

TEST_CASE("a connection has so many requests") {
  Front::Setup setup = Front::defaults();
  setup.http.limits.requests_per_connection = 2;
  Front front(setup);
  Client client(front.plain);
  client.send(get("/1") + get("/2") + get("/3"));
  CHECK_FALSE(client.reply().has("connection"));
  CHECK(client.reply().field("connection") == "close");
  CHECK(client.closed());
}

TEST_CASE("requests that write wait for their turn without a worker, and those that read go on") {
  Front::Setup setup = Front::defaults();
  setup.workers = 3;
  setup.http.limits.writers = 2;
  Front front(setup);
  std::vector<Client> writers;
  for (int count = 0; count < 10; ++count) {
    writers.emplace_back(front.plain);
    writers.back().send("PUT /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx" + get("/next"));
    front.handler.await_waiting(std::min(count + 1, 2));
  }
  CHECK(eventually([&] { return front.handler.admitted == 10; }));
  Client reader(front.plain);
  for (int count = 0; count < 20; ++count) {
    reader.send(get("/a"));
    REQUIRE(reader.reply().status == 200);
  }
  // One that gives up in the queue leaves the others their turn.
  CHECK(front.handler.handled == 22);
  writers.back().abort();
  writers.pop_back();
  CHECK(eventually([&] { return front.loop.metrics().open == 10; }));
  front.handler.release();
  for (Client& writer : writers) {
    CHECK(writer.reply().body == "released");
    CHECK(writer.reply().body == "GET /next ");
  }
}

TEST_CASE("a request whose turn to write doesn't come is refused") {
  Front::Setup setup = Front::defaults();
  setup.http.limits.writers = 1;
  setup.http.limits.queue = milliseconds(100);
  Front front(setup);
  Client first(front.plain);
  first.send("DELETE /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  front.handler.await_waiting(1);
  Client second(front.plain);
  second.send("DELETE /b HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next"));
  CHECK(second.reply().status == 503);
  CHECK(second.reply().status == 200);
  front.handler.release();
  CHECK(first.reply().body == "released");
  second.send("DELETE /c HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(second.reply().body == "DELETE /c ");
}

TEST_CASE("logins that take effort wait for their turn without a worker, and all others go on") {
  Front::Setup setup = Front::defaults();
  setup.workers = 3;
  setup.http.limits.logins = 2;
  Front front(setup);
  std::vector<Client> guessers;
  for (int count = 0; count < 10; ++count) {
    guessers.emplace_back(front.plain);
    // With a body, and another request behind it: both are here before the turn comes.
    guessers.back().send("PUT /login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + get("/next"));
    front.handler.await_waiting(std::min(count + 1, 2));
  }
  Client other(front.plain);
  for (int count = 0; count < 20; ++count) {
    other.send(get("/a") + "PUT /b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
    REQUIRE(other.reply().status == 200);
    REQUIRE(other.reply().body == "PUT /b x");
  }
  CHECK(front.handler.admitted == 40);
  // One that gives up in the queue leaves the others their turn.
  guessers.back().abort();
  guessers.pop_back();
  CHECK(eventually([&] { return front.loop.metrics().open == 10; }));
  front.handler.release();
  for (Client& guesser : guessers) {
    CHECK(guesser.reply().body == "PUT /login hello");
    CHECK(guesser.reply().body == "GET /next ");
  }
}

TEST_CASE("a login for which there is no room, or no turn in time, is refused") {
  Front::Setup setup = Front::defaults();
  setup.http.limits.logins = 1;
  setup.http.limits.waiting_logins = 1;
  setup.http.limits.queue = milliseconds(100);
  Front front(setup);
  Client first(front.plain);
  first.send(get("/login"));
  front.handler.await_waiting(1);
  Client second(front.plain);
  second.send(get("/login"));
  CHECK(second.reply().status == 503);
  setup.http.limits.queue = milliseconds(60'000);
  setup.http.limits.waiting_logins = 0;
  front.http->set_options(setup.http);
  second.send(get("/login"));
  const Reply reply = second.reply();
  CHECK(reply.status == 429);
  CHECK(reply.has("retry-after"));
  front.handler.release();
  CHECK(first.reply().body == "GET /login ");
  second.send(get("/login"));
  CHECK(second.reply().body == "GET /login ");
}

TEST_CASE("draining closes idle connections, finishes requests and accepts no more") {
  Front front;
  Client idle(front.plain);
  idle.send(get("/a"));
  CHECK(idle.reply().status == 200);
  auto busy = std::make_unique<Client>(front.plain);
  busy->send(get("/wait") + get("/not-this-one"));
  front.handler.await_waiting(1);
  auto drained = std::async(std::launch::async, [&] { return front.loop.drain(milliseconds(20'000)); });
  CHECK(idle.closed());
  front.handler.release();
  const Reply reply = busy->reply();
  CHECK(reply.body == "released");
  CHECK(reply.field("connection") == "close");
  CHECK(busy->closed());
  busy.reset();
  CHECK(drained.get() == 0);
  CHECK_THROWS(Client(front.plain));
  CHECK(front.loop.metrics().open == 0);
}

TEST_CASE("draining cuts off what doesn't end in time") {
  Front front;
  Client uploading(front.plain);
  uploading.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  CHECK(eventually([&] { return front.handler.admitted == 1; }));
  CHECK(front.loop.drain(milliseconds(50)) == 1);
  CHECK(uploading.closed());
}

TEST_CASE("a listener on :: takes IPv4 too, and its clients have IPv4 addresses") {
  Front front;
  server::Loop loop(1);
  server::Listener listener;
  listener.address = "::";
  listener.protocol = front.http;
  std::uint16_t port = 0;
  try {
    port = loop.listen(listener);
  } catch (const std::runtime_error& error) {
    WARN("not tested, this machine has no IPv6: " << error.what());
    return;
  }
  loop.start();
  CHECK(http_tests::once(port, get("/origin")).body == "127.0.0.1 http a");
}

TEST_CASE("two servers can't have the same port") {
  Front front;
  server::Loop other(1);
  server::Listener listener;
  listener.address = "127.0.0.1";
  listener.port = front.plain;
  listener.protocol = front.http;
  CHECK_THROWS_WITH(other.listen(listener), Catch::Contains("cannot listen on 127.0.0.1 port"));
}

namespace {

/// A protocol of lines, with what HTTP doesn't use: a greeting, STARTTLS and waking.
class LineSession : public server::Session {
 public:
  explicit LineSession(std::atomic<std::uint64_t>& id) : id_(id) {}

  void opened(server::Link& link) override {
    id_ = link.peer().id;
    link.send(std::string(link.peer().tls ? "secure\n" : "hello\n"));
  }
  std::size_t received(std::string_view bytes, server::Link& link) override {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return 0;
    const std::string line(bytes.substr(0, end));
    if (line == "starttls") {
      link.send("go\n");
      link.start_tls();
    } else if (line == "bye") {
      link.send("bye\n");
      link.close();
    } else {
      link.send("you said " + line + "\n");
    }
    return end + 1;
  }
  void woken(server::Link& link) override { link.send("* news\n"); }

 private:
  std::atomic<std::uint64_t>& id_;
};

class Lines : public server::Protocol {
 public:
  std::unique_ptr<server::Session> open(const server::Peer&) override { return std::make_unique<LineSession>(id); }
  std::atomic<std::uint64_t> id{0};
};

std::string line_of(Client& client) {
  std::string line;
  while (!line.ends_with('\n')) line += client.some(1);
  return line;
}

}  // namespace

TEST_CASE("another protocol: greeting, lines, STARTTLS, waking from outside") {
  const http_tests::Folder folder;
  const auto lines = std::make_shared<Lines>();
  server::Loop loop(2);
  server::Listener listener;
  listener.address = "127.0.0.1";
  listener.implicit_tls = false;
  listener.tls =
      std::make_shared<server::Tls>(server::TlsOptions{{http_tests::make_certificate(folder, "a", "a.example")}, {}});
  listener.protocol = lines;
  const std::uint16_t port = loop.listen(listener);
  loop.start();
  Client client(port);
  CHECK(line_of(client) == "hello\n");
  client.send("a\nb\nhal");
  CHECK(line_of(client) == "you said a\n");
  CHECK(line_of(client) == "you said b\n");
  client.send("f\n");
  CHECK(line_of(client) == "you said half\n");
  loop.wake(lines->id);
  CHECK(line_of(client) == "* news\n");
  loop.wake(4711);
  // Plaintext behind the command must not be taken for what comes encrypted.
  client.send("starttls\ninjected\n");
  CHECK(line_of(client) == "go\n");
  REQUIRE(client.start_tls("a.example"));
  CHECK(line_of(client) == "secure\n");
  loop.wake(lines->id);
  CHECK(line_of(client) == "* news\n");
  client.send("bye\n");
  CHECK(line_of(client) == "bye\n");
  CHECK(client.closed());
}
