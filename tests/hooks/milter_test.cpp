#include <catch2/catch.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

#include "mail/hooks/chain.h"
#include "mail/hooks/milter.h"
#include "mail/hooks/milter_packet.h"
#include "server/hooks/channel.h"

using namespace mail::hooks;
using namespace std::chrono_literals;

namespace {

using Kind = HeaderChange::Kind;

/// A filter that answers what it was made with, and remembers what it was sent.
class Script : public Channel {
 public:
  Script(std::string answers, std::string& sent) : answers_(std::move(answers)), sent_(sent) {}
  void send(std::string_view octets, Deadline) override { sent_ += octets; }
  std::size_t receive(char* buffer, std::size_t size, Deadline) override {
    // In small pieces, as a network may give them.
    const std::size_t count = std::min({size, answers_.size() - given_, std::size_t{3}});
    std::copy_n(answers_.data() + given_, count, buffer);
    given_ += count;
    return count;
  }

 private:
  std::string answers_;
  std::string& sent_;
  std::size_t given_ = 0;
};

Passing message() {
  Passing passing;
  passing.direction = Direction::out;
  passing.id = "id1";
  passing.client = "192.0.2.7";
  passing.hello = "client.example.org";
  passing.account = "ada";
  passing.sender = "ada@example.org";
  passing.recipients = {"bob@example.net"};
  passing.message.append("From: ada@example.org\r\nSubject: a\r\n\tb\r\n\r\nbody\r\n");
  return passing;
}

std::string agree(std::uint32_t steps, std::uint32_t actions = milter::action::all, std::uint32_t version = 6) {
  return milter::negotiation({version, actions, steps});
}

struct Told {
  Verdict verdict;
  std::string sent;
};

Told talk(const std::string& answers, const Passing& passing = message()) {
  Told told;
  const Dial dial = [&](Deadline) { return std::make_unique<Script>(answers, told.sent); };
  told.verdict = milter_client({dial, "mail.example.org"})(passing, Clock::now() + 60s);
  return told;
}

/// What was sent, a line each: the command and its data, NUL as a bar, without macros.
std::string steps_of(const std::string& sent) {
  milter::PacketReader reader;
  reader.add(sent);
  std::string out;
  while (auto packet = reader.next()) {
    if (packet->code == 'D' || packet->code == 'O') continue;
    std::replace(packet->data.begin(), packet->data.end(), '\0', '|');
    out += std::string(1, packet->code) + " " + packet->data + "\n";
  }
  return out;
}

std::string answer(char code, const std::string& data = "") { return milter::packet(code, data); }
std::string answers(const std::string& codes) {
  std::string out;
  for (const char code : codes) out += answer(code);
  return out;
}
std::string two(const std::string& one, const std::string& other) { return milter::text(one) + milter::text(other); }

}  // namespace

TEST_CASE("a filter is told everything in its order, and each step waits for its answer", "[hooks]") {
  const Told told = talk(agree(0) + answers("cccccccccc"));
  CHECK(told.verdict.outcome == Outcome::accept);
  CHECK(steps_of(told.sent) ==
        "C [192.0.2.7]|4" + std::string("||192.0.2.7|\n") +
            "H client.example.org|\nM <ada@example.org>|\nR <bob@example.net>|\nT \nL From|ada@example.org|\n"
            "L Subject|a\n\tb|\nN \nB body\r\n\nE \nQ \n");
  CHECK_THROWS_WITH(talk(agree(0) + answers("ccccccccc")), Catch::Contains("closed"));
}

TEST_CASE("what a filter does not want is not sent, what it does not answer is not awaited", "[hooks]") {
  CHECK(steps_of(talk(agree(milter::step::no_connect | milter::step::no_hello | milter::step::no_mail |
                            milter::step::no_recipient | milter::step::no_data | milter::step::no_headers |
                            milter::step::no_end_of_header | milter::step::no_body) +
                      answers("c"))
                     .sent) == "E \nQ \n");
  CHECK(talk(agree(milter::step::silent_connect | milter::step::silent_hello | milter::step::silent_mail |
                   milter::step::silent_recipient | milter::step::silent_data | milter::step::silent_header |
                   milter::step::silent_end_of_header | milter::step::silent_body) +
             answers("d"))
            .verdict.outcome == Outcome::discard);
  CHECK(steps_of(talk(agree(milter::step::leading_space) + answers("cccccccccc")).sent)
            .find("L From| ada@example.org|\n") != std::string::npos);
  CHECK(steps_of(talk(agree(0, 0, 2) + answers("ccccccccc")).sent).find("T ") == std::string::npos);
}

TEST_CASE("a filter's verdict ends it at any step", "[hooks]") {
  struct Row {
    std::string last;
    Outcome outcome;
    int code;
    std::string text;
  };
  const std::vector<Row> rows{
      {answer('a'), Outcome::accept, 0, ""},
      {answer('r'), Outcome::reject, 0, ""},
      {answer('t'), Outcome::defer, 0, ""},
      {answer('4'), Outcome::defer, 0, ""},
      {answer('d'), Outcome::discard, 0, ""},
      {answer('y', milter::text("554 5.7.1 no")), Outcome::reject, 554, "5.7.1 no"},
      {answer('y', milter::text("451")), Outcome::defer, 451, ""},
  };
  for (const Row& row : rows) {
    for (std::size_t before = 0; before < 10; ++before) {
      const Told told = talk(agree(0) + answers(std::string(before, 'c')) + row.last);
      CHECK(told.verdict.outcome == row.outcome);
      CHECK(told.verdict.code == row.code);
      CHECK(told.verdict.text == row.text);
      CHECK(steps_of(told.sent).ends_with("Q \n"));
    }
  }
}

TEST_CASE("a filter changes a message at its end", "[hooks]") {
  const std::string changes =
      answer('h', two("X-Spam", "no")) + answer('p') + answer('i', milter::number(0) + two("X-First", "1")) +
      answer('m', milter::number(1) + two("Subject", "c")) + answer('m', milter::number(2) + two("Subject", "")) +
      answer('b', "new ") + answer('b', "body") + answer('+', milter::text("<carol@example.net>")) +
      answer('2', two("<dave@example.net>", "NOTIFY=NEVER")) + answer('-', milter::text("<bob@example.net>")) +
      answer('e', milter::text("<eve@example.net>")) + answer('q', milter::text("spam"));
  const Verdict verdict = talk(agree(0) + answers("ccccccccc") + changes + answers("a")).verdict;
  CHECK(verdict.outcome == Outcome::quarantine);
  CHECK(verdict.text == "spam");
  CHECK(verdict.changes == std::vector<HeaderChange>{{Kind::insert, HeaderChange::at_end, "X-Spam", " no"},
                                                     {Kind::insert, 0, "X-First", " 1"},
                                                     {Kind::replace, 1, "Subject", " c"},
                                                     {Kind::remove, 2, "Subject", ""}});
  CHECK(verdict.body == "new body");
  CHECK(verdict.sender == "eve@example.net");
  CHECK(verdict.added_recipients == std::vector<std::string>{"carol@example.net", "dave@example.net"});
  CHECK(verdict.removed_recipients == std::vector<std::string>{"bob@example.net"});
  // A refusal after changes is a refusal.
  CHECK(talk(agree(0) + answers("ccccccccc") + answer('q', milter::text("spam")) + answers("r")).verdict.outcome ==
        Outcome::reject);
}

TEST_CASE("of a large body a filter takes pieces, until it has enough", "[hooks]") {
  Passing passing = message();
  passing.message.append(std::string(200'000, 'z'));
  const Told all = talk(agree(0) + answers("cccccccc"
                                           "cccc"
                                           "a"),
                        passing);
  const std::string steps = steps_of(all.sent);
  CHECK(std::count(steps.begin(), steps.end(), 'z') == 200'000);
  const Told some = talk(agree(0) + answers("cccccccc"
                                            "s"
                                            "a"),
                         passing);
  CHECK(some.sent.size() < 70'000);
}

TEST_CASE("a filter that does not keep to the protocol has failed", "[hooks]") {
  const std::string end = agree(0) + answers("ccccccccc");
  const std::vector<std::string> faults{
      "",
      answer('c'),
      agree(0, 0, 1),
      agree(0, 0, 7),
      agree(0x800),
      agree(0, 0x200),
      agree(0) + answer('h', two("X", "y")),
      agree(0) + answer('Z'),
      agree(0) + answer('y', milter::text("250 fine")),
      agree(0) + answer('y', "550 without end"),
      agree(0) + milter::number(0),
      agree(0) + milter::number(0x7FFFFFFF) + "c",
      end + answer('m', "ab"),
      end + answer('+', milter::text("<a@b> c>")),
      agree(0, 0) + answers("ccccccccc") + answer('h', two("X", "y")),
  };
  for (const std::string& fault : faults) CHECK_THROWS_AS(talk(fault), Failed);
}

TEST_CASE("a filter's place is a local socket or an address", "[hooks]") {
  CHECK_NOTHROW(server::dial_filter("unix:/run/x"));
  CHECK_NOTHROW(server::dial_filter("127.0.0.1:1"));
  CHECK_NOTHROW(server::dial_filter("[::1]:1"));
  for (const char* bad :
       {"", "unix:x", "unix:", "localhost:1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999"}) {
    CHECK_THROWS_AS(server::dial_filter(bad), std::invalid_argument);
  }
  CHECK_THROWS_AS(server::dial_filter("unix:/nonexistent/x")(Clock::now() + 1s), Failed);
}

// For tests/hooks/milters.py: the message in $PILEUS_MESSAGE passes the filter at $PILEUS_MILTER; what it has become,
// and the verdict, are written.
TEST_CASE("a message passes a real filter", "[.milter]") {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    REQUIRE(value != nullptr);
    return std::string(value);
  };
  Passing passing = message();
  std::ifstream in(variable("PILEUS_MESSAGE"), std::ios::binary);
  passing.message = storage::Spool();
  passing.message.append(std::string(std::istreambuf_iterator<char>(in), {}));
  Hook hook;
  hook.name = "filter";
  hook.time = 20s;
  hook.run = milter_client({server::dial_filter(variable("PILEUS_MILTER")), "mail.example.org"});
  std::string why;
  const Chain chain({hook}, {}, "/tmp", [&](const Event& event) { why = event.reason; });
  const Passed passed = chain.pass(passing);
  std::ofstream out(variable("PILEUS_RESULT"), std::ios::binary);
  out << name_of(passed.outcome) << " " << passed.code << " " << passed.enhanced << " " << passed.text << "|" << why
      << "\n";
  out << passing.sender;
  for (const std::string& one : passing.recipients) out << " " << one;
  out << "\n" << passing.message.text();
}
