#include <catch2/catch.hpp>
#include <deque>

#include "mail/smtp/attempt.h"
#include "mail/smtp/client.h"
#include "storage/queue.h"
#include "tests/smtp/talk.h"

using namespace mail::smtp;
using namespace testing;
using storage::QueuedMessage;
using storage::Transaction;

namespace {

/// A server that says what it was told to, and remembers what it heard.
struct Script {
  std::deque<std::string> answers;
  std::string heard;
  int connections = 0;
  bool tls = false;
  bool refuse_connections = false;
};

class ScriptWire final : public Wire {
 public:
  explicit ScriptWire(Script& script) : script_(script) {}
  void write(std::string_view bytes) override { script_.heard += bytes; }
  std::string read() override {
    if (script_.answers.empty()) throw WireBroken("it says no more");
    std::string answer = script_.answers.front();
    script_.answers.pop_front();
    return answer;
  }
  void start_tls(Certificate) override { script_.tls = true; }
  void deadline(std::chrono::steady_clock::time_point) override {}

 private:
  Script& script_;
};

class ScriptConnector final : public Connector {
 public:
  explicit ScriptConnector(Script& script) : script_(script) {}
  std::unique_ptr<Wire> connect(const std::string&, std::uint16_t, std::chrono::steady_clock::time_point) override {
    ++script_.connections;
    if (script_.refuse_connections) throw WireBroken("connection refused");
    return std::make_unique<ScriptWire>(script_);
  }
  void interrupt() override {}

 private:
  Script& script_;
};

Settings relaying() {
  Settings settings;
  settings.relay = "relay.example:25";
  return settings;
}

/// A queue with one message from ada, and one attempt at a time to send it.
struct Sender {
  explicit Sender(std::vector<storage::QueuedRecipient> recipients, Settings settings = relaying(),
                  const std::string& from = "ada@example.org")
      : post(std::move(settings)), connector(script) {
    QueuedMessage message;
    message.account = post.account("ada").id;
    message.sender = from;
    message.envelope_id = "QQ+2B1";
    message.recipients = std::move(recipients);
    add(message);
  }

  void add(const QueuedMessage& message) {
    const auto blob =
        post.store->stage(storage::Spool(std::string_view("Subject: Hi\r\n\r\n.\r\nHello\r\n"), post.folder.path()));
    post.store->write([&](Transaction& transaction) { storage::Queue(transaction).add(message, blob); });
  }

  /// False where nothing is due.
  bool attempt(std::int64_t age = 0) {
    auto message = post.store->write(
        [](Transaction& transaction) { return storage::Queue(transaction).lease(transaction.now() + 600); });
    if (!message) return false;
    message->created -= age;
    const auto octets =
        post.store->read([&](Transaction& transaction) { return storage::Queue(transaction).octets(*message); });
    const Relay relay{"relay.example", 25, tls, user, "secret"};
    const Attempt one(post.office, connector, relay, *message, octets);
    one.settle(one.send(), false);
    return true;
  }

  Script script;
  Post post;
  ScriptConnector connector;
  RelayTls tls = RelayTls::none;
  std::string user;
};

storage::QueuedRecipient to(const std::string& address, unsigned notify = 0, const std::string& original = {}) {
  return {0, address, original, notify, "", "", false};
}

}  // namespace

TEST_CASE("a message is given to the relay", "[smtp]") {
  Sender sender({to("bob@example.net", notify::success, "rfc822;Bob@example.net"), to("carol@example.net")});
  sender.tls = RelayTls::verified;
  sender.user = "pileus";
  sender.script.answers = {"220 hi\r\n",   "250-relay\r\n250 STARTTLS\r\n",
                           "220 go\r\n",   "250-relay\r\n250-SIZE\r\n250-DSN\r\n250 AUTH PLAIN\r\n",
                           "235 ok\r\n",   "250 ok\r\n",
                           "250 ok\r\n25", "0 ok\r\n",
                           "354 go\r\n",   "250 2.0.0 taken\r\n",
                           "221 bye\r\n"};
  CHECK(sender.attempt());
  CHECK(sender.script.tls);
  CHECK(sender.script.heard ==
        "EHLO mail.example.org\r\nSTARTTLS\r\nEHLO mail.example.org\r\nAUTH PLAIN AHBpbGV1cwBzZWNyZXQ=\r\n"
        "MAIL FROM:<ada@example.org> SIZE=25 ENVID=QQ+2B1\r\n"
        "RCPT TO:<bob@example.net> NOTIFY=SUCCESS ORCPT=rfc822;Bob@example.net\r\nRCPT TO:<carol@example.net>\r\n"
        "DATA\r\nSubject: Hi\r\n\r\n..\r\nHello\r\n.\r\nQUIT\r\n");
  CHECK(sender.post.queue().empty());
}

TEST_CASE("each recipient fares for itself, and the sender is told once", "[smtp]") {
  Sender sender({to("bob@example.net", 0, "rfc822;Bob+2B@example.net"), to("carol@example.net"), to("dan@example.net"),
                 to("erin@example.net", notify::never)});
  sender.script.answers = {"220 hi\r\n",    "250 relay\r\n", "250 ok\r\n", "550 5.1.1 no such user\r\n",
                           "450 later\r\n", "250 ok\r\n",    "550 no\r\n", "354 go\r\n",
                           "250 ok\r\n",    "221 bye\r\n"};
  CHECK(sender.attempt());
  const auto queue = sender.post.queue();
  REQUIRE(queue.size() == 2);
  REQUIRE(queue[0].recipients.size() == 1);
  CHECK(queue[0].recipients[0].address == "carol@example.net");
  CHECK(queue[0].recipients[0].status == "4.0.0");
  CHECK(queue[0].recipients[0].reason == "450 later");
  CHECK(queue[0].attempts == 1);
  CHECK(queue[1].account == 0);
  CHECK(queue[1].sender.empty());
  CHECK(queue[1].recipients.at(0).address == "ada@example.org");
  // RFC 3464
  const std::string report = sender.post.queued_octets(queue[1]);
  for (const char* line :
       {"To: <ada@example.org>\r\n", "Auto-Submitted: auto-replied\r\n", "report-type=delivery-status;",
        "Content-Type: message/delivery-status\r\n", "Reporting-MTA: dns; mail.example.org\r\n",
        "Original-Envelope-Id: QQ+1\r\n", "Original-Recipient: rfc822; Bob+@example.net\r\n",
        "Final-Recipient: rfc822; bob@example.net\r\n", "Action: failed\r\n", "Status: 5.1.1\r\n",
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n", "Content-Type: text/rfc822-headers\r\n",
        "\r\nSubject: Hi\r\n"}) {
    INFO(line);
    CHECK(report.find(line) != std::string::npos);
  }
  CHECK(report.find("erin") == std::string::npos);
  CHECK(report.find("Hello") == std::string::npos);

  // The report is delivered here, without anybody being asked.
  CHECK(sender.attempt());
  CHECK(sender.post.queue().size() == 1);
  CHECK(sender.script.connections == 1);
  REQUIRE(sender.post.messages("ada").size() == 1);
  CHECK(sender.post.messages("ada")[0] == "Return-Path: <>\r\nDelivered-To: ada@example.org\r\n" + report);
}

TEST_CASE("what can't be sent is tried again, the sender is warned once, and then it is given up", "[smtp]") {
  Sender sender({to("bob@example.net")});
  sender.script.refuse_connections = true;
  const auto retry = [&](std::int64_t age) {
    sender.post.store->write([&](Transaction& transaction) {
      storage::Queue queue(transaction);
      queue.retry(queue.messages(sender.post.account("ada").id).at(0).id);
    });
    CHECK(sender.attempt(age));
  };
  CHECK(sender.attempt());
  CHECK_FALSE(sender.attempt());
  REQUIRE(sender.post.queue().size() == 1);
  CHECK(sender.post.queue()[0].recipients.at(0).status == "4.4.1");
  retry(4 * 3600);
  REQUIRE(sender.post.queue().size() == 2);
  const std::string warning = sender.post.queued_octets(sender.post.queue()[1]);
  CHECK(warning.find("Action: delayed\r\n") != std::string::npos);
  CHECK(warning.find("Will-Retry-Until: ") != std::string::npos);
  CHECK(warning.find("Diagnostic-Code") == std::string::npos);
  CHECK(sender.attempt());  // the warning
  retry(5 * 3600);
  CHECK(sender.post.queue().size() == 1);
  retry(5 * 86400);
  REQUIRE(sender.post.queue().size() == 1);
  CHECK(sender.post.queued_octets(sender.post.queue()[0]).find("Action: failed\r\n") != std::string::npos);
  CHECK(sender.attempt());
  CHECK(sender.post.messages("ada").size() == 2);
  CHECK(sender.post.queue().empty());
}

TEST_CASE("nothing is sent for what came from nobody", "[smtp]") {
  // RFC 5321 6.1
  Sender sender({to("nobody@example.org")}, relaying(), "");
  CHECK(sender.attempt());
  CHECK(sender.post.queue().empty());
  CHECK(sender.post.messages("ada").empty());
}

TEST_CASE("recipients here get it without its leaving, and who asks is told so", "[smtp]") {
  Sender sender({to("eve@example.org", notify::success), to("nobody@example.org")});
  CHECK(sender.attempt());
  CHECK(sender.script.connections == 0);
  REQUIRE(sender.post.messages("eve").size() == 1);
  CHECK(sender.post.messages("eve")[0] ==
        "Return-Path: <ada@example.org>\r\nDelivered-To: eve@example.org\r\nSubject: Hi\r\n\r\n.\r\nHello\r\n");
  const auto queue = sender.post.queue();
  REQUIRE(queue.size() == 2);
  CHECK(sender.post.queued_octets(queue[0]).find("Status: 5.1.1\r\n") != std::string::npos);
  CHECK(sender.post.queued_octets(queue[1]).find("Action: delivered\r\n") != std::string::npos);
}

TEST_CASE("TLS that is wanted is had, or nothing is sent", "[smtp]") {
  Sender sender({to("bob@example.net")});
  sender.tls = RelayTls::verified;
  sender.script.answers = {"220 hi\r\n", "250 relay\r\n", "221 bye\r\n"};
  CHECK(sender.attempt());
  CHECK(sender.post.queue().at(0).recipients.at(0).status == "4.7.4");
  CHECK(sender.script.heard == "EHLO mail.example.org\r\nQUIT\r\n");
}

TEST_CASE("what a server says before TLS is not believed after it", "[smtp]") {
  Sender sender({to("bob@example.net")});
  sender.tls = RelayTls::opportunistic;
  sender.script.answers = {"220 hi\r\n", "250-relay\r\n250 STARTTLS\r\n", "220 go\r\n250 evil\r\n"};
  CHECK(sender.attempt());
  CHECK(sender.post.queue().at(0).recipients.at(0).status == "4.4.1");
  CHECK_FALSE(sender.script.tls);
}

TEST_CASE("the time between attempts grows up to a bound", "[smtp]") {
  const Settings settings;
  CHECK(retry_delay(settings, 1) == std::chrono::minutes(5));
  CHECK(retry_delay(settings, 2) == std::chrono::minutes(10));
  CHECK(retry_delay(settings, 6) == std::chrono::minutes(160));
  CHECK(retry_delay(settings, 7) == std::chrono::hours(4));
  CHECK(retry_delay(settings, 1'000'000) == std::chrono::hours(4));
}

TEST_CASE("replies are read as they come", "[smtp]") {
  RemoteReply reply;
  CHECK(parse_reply("250-one\r\n250 two", reply) == 0);
  CHECK(parse_reply("250-one\r\n250 two\r\n220", reply) == 18);
  CHECK(reply.lines == std::vector<std::string>{"one", "two"});
  CHECK(reply.text() == "250 one two");
  CHECK(parse_reply("250\r\n", reply) == 5);
  CHECK(reply.status() == "2.0.0");
  CHECK(parse_reply("550 5.7.26 no\n", reply) == 14);
  CHECK(reply.status() == "5.7.26");
  parse_reply("450 5.1.1 no\r\n", reply);
  CHECK(reply.status() == "4.0.0");
  parse_reply("550 5.x no\r\n", reply);
  CHECK(reply.status() == "5.0.0");
  for (const char* bad : {"hello\r\n", "99\r\n", "650 x\r\n", "250_x\r\n", "250-a\r\n550 b\r\n", "\r\n"}) {
    CHECK_THROWS_AS(parse_reply(bad, reply), WireBroken);
  }
  CHECK_THROWS_AS(parse_reply(std::string(5000, '2'), reply), WireBroken);
}

TEST_CASE("no line end but CR LF leaves, and no dot that ends too early", "[smtp]") {
  struct Case {
    std::string given;
    std::string sent;
  };
  const Case cases[] = {
      {"", ".\r\n"},
      {"a\r\n", "a\r\n.\r\n"},
      {"a", "a\r\n.\r\n"},
      {"a\r", "a\r\n.\r\n"},
      {".\r\n", "..\r\n.\r\n"},
      {"a\n.\nb\n", "a\r\n..\r\nb\r\n.\r\n"},
      {"a\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"},
      {"a\r.\rb\r\n", "a\r\n..\r\nb\r\n.\r\n"},
      {"a\r\r\n.", "a\r\n\r\n..\r\n.\r\n"},
  };
  for (const Case& one : cases) {
    for (const std::size_t piece : {1U, 2U, 100U}) {
      DataWriter writer;
      std::string sent;
      for (std::size_t at = 0; at < one.given.size(); at += piece)
        sent += writer.next(std::string_view(one.given).substr(at, piece));
      CHECK(sent + writer.end() == one.sent);
    }
  }
}
