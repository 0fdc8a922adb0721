#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "storage/queue.h"
#include "tests/storage/backends.h"

using namespace storage;
using namespace testing;

namespace {

QueuedMessage message_to(std::vector<std::string> recipients, Id account = 0) {
  QueuedMessage message;
  message.account = account;
  message.sender = "ada@example.org";
  message.envelope_id = "QQ1";
  message.utf8 = true;
  for (std::string& one : recipients) message.recipients.push_back({0, std::move(one), "rfc822;x", 4, "", "", false});
  return message;
}

struct Mailer : World {
  explicit Mailer(const Backend& backend) : World(backend) {}

  Id add(std::vector<std::string> recipients, Id account = 0,
         const std::string& bytes = "Subject: x\r\n\r\nHello\r\n") {
    const StagedBlob blob = stage(bytes);
    return store->write(
        [&](Transaction& transaction) { return Queue(transaction).add(message_to(recipients, account), blob); });
  }
  std::optional<QueuedMessage> lease(std::int64_t seconds = 600) {
    return store->write(
        [&](Transaction& transaction) { return Queue(transaction).lease(transaction.now() + seconds); });
  }
  bool settle(const QueuedMessage& message, const std::vector<QueueOutcome>& outcomes, std::int64_t seconds = 600) {
    return store->write([&](Transaction& transaction) {
      return Queue(transaction).settle(message, outcomes, transaction.now() + seconds);
    });
  }
  template <class F>
  auto write(F verb) {
    return store->write([&](Transaction& transaction) {
      Queue queue(transaction);
      return verb(queue);
    });
  }
};

}  // namespace

TEST_CASE("a message is queued until its last recipient is done", "[queue]") {
  Mailer mailer(GENERATE(from_range(backends())));
  const Id id = mailer.add({"one@example.net", "two@example.net"});
  const auto leased = mailer.lease();
  REQUIRE(leased);
  CHECK(leased->id == id);
  CHECK(leased->sender == "ada@example.org");
  CHECK(leased->envelope_id == "QQ1");
  CHECK(leased->utf8);
  CHECK_FALSE(leased->eight_bit);
  REQUIRE(leased->recipients.size() == 2);
  CHECK(leased->recipients[0].address == "one@example.net");
  CHECK(leased->recipients[0].original == "rfc822;x");
  CHECK(leased->recipients[0].notify == 4);
  CHECK(mailer.write([&](Queue& queue) { return queue.octets(*leased).bytes; }) == "Subject: x\r\n\r\nHello\r\n");
  CHECK_FALSE(mailer.lease());

  CHECK(mailer.settle(*leased, {{leased->recipients[0].id, true, "", "", false},
                                {leased->recipients[1].id, false, "4.4.1", "no answer", true}}));
  CHECK_FALSE(mailer.settle(*leased, {}));
  const auto left = mailer.write([&](Queue& queue) { return queue.message(id); });
  REQUIRE(left);
  CHECK(left->attempts == 1);
  CHECK(left->lease == 0);
  REQUIRE(left->recipients.size() == 1);
  CHECK(left->recipients[0].address == "two@example.net");
  CHECK(left->recipients[0].status == "4.4.1");
  CHECK(left->recipients[0].reason == "no answer");
  CHECK(left->recipients[0].told);
  CHECK_FALSE(mailer.lease());

  CHECK(mailer.write([&](Queue& queue) { return queue.retry(id); }));
  const auto again = mailer.lease();
  REQUIRE(again);
  CHECK(mailer.settle(*again, {{again->recipients[0].id, true, "", "", false}}));
  CHECK_FALSE(mailer.write([&](Queue& queue) { return queue.message(id); }));
  CHECK(mailer.write([&](Queue& queue) { return queue.figures().messages; }) == 0);
}

TEST_CASE("a lease that is over makes a message due again, and is worth nothing any more", "[queue]") {
  Mailer mailer(GENERATE(from_range(backends())));
  mailer.add({"one@example.net"});
  const auto lost = mailer.lease(0);
  REQUIRE(lost);
  const auto again = mailer.lease(600);
  REQUIRE(again);
  CHECK(again->id == lost->id);
  CHECK_FALSE(mailer.settle(*lost, {{lost->recipients[0].id, true, "", "", false}}));
  CHECK(mailer.settle(*again, {{again->recipients[0].id, true, "", "", false}}));
}

TEST_CASE("accounts take turns", "[queue]") {
  Mailer mailer(GENERATE(from_range(backends())));
  for (int i = 0; i < 3; ++i) mailer.add({"one@example.net"}, 7);
  mailer.add({"one@example.net"}, 8);
  mailer.add({"one@example.net"}, 9);
  std::vector<Id> served;
  while (const auto leased = mailer.lease()) served.push_back(leased->account);
  CHECK(served == std::vector<Id>{7, 8, 9, 7, 7});
}

TEST_CASE("what is held stays, what is dropped goes", "[queue]") {
  Mailer mailer(GENERATE(from_range(backends())));
  const Id one = mailer.add({"one@example.net"}, mailer.ada.id);
  const Id two = mailer.add({"two@example.net"});
  CHECK(mailer.write([&](Queue& queue) { return queue.hold(one, true); }));
  CHECK(mailer.write([&](Queue& queue) { return queue.drop(two); }));
  CHECK_FALSE(mailer.lease());
  CHECK_FALSE(mailer.write([&](Queue& queue) { return queue.next_due(); }));
  CHECK_FALSE(mailer.write([&](Queue& queue) { return queue.drop(two); }));
  CHECK_FALSE(mailer.write([&](Queue& queue) { return queue.hold(two, true); }));
  CHECK(mailer.write([&](Queue& queue) { return queue.figures().held; }) == 1);
  CHECK(mailer.write([&](Queue& queue) { return queue.messages(mailer.ada.id).size(); }) == 1);
  CHECK(mailer.write([&](Queue& queue) { return queue.messages(0).size(); }) == 0);
  CHECK(mailer.write([&](Queue& queue) { return queue.messages(std::nullopt).at(0).held; }));
  CHECK(mailer.write([&](Queue& queue) { return queue.hold(one, false); }));
  CHECK(mailer.write([&](Queue& queue) { return queue.next_due(); }));
  CHECK(mailer.lease());
}

TEST_CASE("a message that has come before is known by its hash, for a time", "[queue]") {
  Mailer mailer(GENERATE(from_range(backends())));
  const auto seen = [&](Timestamp forget_before) {
    return mailer.write([&](Queue& queue) { return queue.seen(mailer.ada.id, "hash", forget_before); });
  };
  CHECK_FALSE(seen(0));
  CHECK(seen(0));
  CHECK_FALSE(seen(Timestamp{1} << 40));
}

TEST_CASE("the queue isn't changed by readers", "[queue]") {
  Mailer mailer(GENERATE(from_range(backends())));
  mailer.store->read([](Transaction& transaction) { CHECK_THROWS_AS(Queue(transaction).drop(1), std::logic_error); });
}
