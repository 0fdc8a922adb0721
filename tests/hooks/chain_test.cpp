#include <catch2/catch.hpp>

#include <atomic>
#include <future>

#include "mail/hooks/edit.h"
#include "mail/hooks/pool.h"
#include "tests/hooks/folder.h"

using namespace mail::hooks;

namespace {

using Kind = HeaderChange::Kind;

const std::string header = "A: 1\r\nB: 2\r\n more\r\na: 3\r\n\r\n";

std::string changed(std::vector<HeaderChange> changes) { return changed_header(header, changes); }

Passing message(std::string text = "From: ada@example.org\r\n\r\nbody\r\n") {
  Passing passing;
  passing.recipients = {"bob@example.org"};
  passing.message.append(text);
  return passing;
}

Hook hook(std::string name, Function run) {
  Hook made;
  made.name = std::move(name);
  made.run = std::move(run);
  return made;
}

Hook saying(std::string name, Verdict verdict) {
  return hook(std::move(name), [verdict](const Passing&, Deadline) { return verdict; });
}

struct Seen {
  std::vector<std::string> lines;
  Observe observe() {
    return [this](const Event& event) {
      lines.push_back(std::string(event.hook) + " " + std::string(event.verdict) + " " + std::string(event.reason));
    };
  }
};

Verdict refusal(Outcome outcome, int code, std::string text) {
  Verdict verdict;
  verdict.outcome = outcome;
  verdict.code = code;
  verdict.text = std::move(text);
  return verdict;
}

}  // namespace

TEST_CASE("a header is changed field by field", "[hooks]") {
  CHECK(changed({}) == header);
  CHECK(changed({{Kind::insert, 0, "X", " y"}}) == "X: y\r\n" + header);
  CHECK(changed({{Kind::insert, 1, "X", " y"}}) == "A: 1\r\nX: y\r\nB: 2\r\n more\r\na: 3\r\n\r\n");
  CHECK(changed({{Kind::insert, HeaderChange::at_end, "X", " y"}}) == "A: 1\r\nB: 2\r\n more\r\na: 3\r\nX: y\r\n\r\n");
  CHECK(changed({{Kind::replace, 2, "A", " y"}}) == "A: 1\r\nB: 2\r\n more\r\nA: y\r\n\r\n");
  CHECK(changed({{Kind::replace, 3, "A", " y"}}) == "A: 1\r\nB: 2\r\n more\r\na: 3\r\nA: y\r\n\r\n");
  CHECK(changed({{Kind::remove, 1, "a", ""}, {Kind::remove, 1, "b", ""}}) == "a: 3\r\n\r\n");
  CHECK(changed({{Kind::remove, 9, "a", ""}, {Kind::remove, 1, "zz", ""}}) == header);
  CHECK(changed_header("A: 1", std::vector<HeaderChange>{{Kind::insert, 9, "X", " y"}}) == "A: 1\r\nX: y\r\n\r\n");
}

TEST_CASE("no value of a field can begin another one or end the header", "[hooks]") {
  CHECK(field_text("X", " a\n b") == "X: a\r\n b\r\n");
  CHECK(field_text("X", " a\r\nb") == "X: a\r\n\tb\r\n");
  CHECK(field_text("X", " a\r\n\r\nbody") == "X: a\r\n\tbody\r\n");
  CHECK(field_text("X", " a\n \n c\rd") == "X: a\r\n c\r\n\td\r\n");
  CHECK(field_text("X", std::string(" a\0\r\n\0\n", 7)) == "X: a\r\n");
  CHECK_THROWS_AS(field_text("X Y", ""), Failed);
  CHECK_THROWS_AS(field_text("X:", ""), Failed);
  CHECK_THROWS_AS(field_text("", ""), Failed);
}

TEST_CASE("hooks see a message in their order, each what the one before has made of it", "[hooks]") {
  Verdict first;
  first.changes = {{Kind::insert, 0, "X-One", " 1"}};
  first.added_recipients = {"carol@example.org", "bob@example.org"};
  std::string second_saw;
  Seen seen;
  const Chain chain({saying("one", first), hook("two",
                                                [&](const Passing& passing, Deadline) {
                                                  second_saw = passing.message.text();
                                                  Verdict verdict;
                                                  verdict.body = "other\r\n";
                                                  verdict.removed_recipients = {"bob@example.org"};
                                                  return verdict;
                                                })},
                    {}, "/tmp", seen.observe());
  Passing passing = message();
  const Passed passed = chain.pass(passing);
  CHECK(passed.outcome == Outcome::accept);
  CHECK(second_saw == "X-One: 1\r\nFrom: ada@example.org\r\n\r\nbody\r\n");
  CHECK(passing.message.text() == "X-One: 1\r\nFrom: ada@example.org\r\n\r\nother\r\n");
  CHECK(passing.recipients == std::vector<std::string>{"carol@example.org"});
  CHECK(seen.lines == std::vector<std::string>{"one accept ", "two accept "});
}

TEST_CASE("a large message is changed without being held", "[hooks]") {
  std::string text = "From: ada@example.org\r\n\r\n";
  for (int i = 0; i < 100'000; ++i) text += "line " + std::to_string(i) + "\r\n";
  Verdict verdict;
  verdict.changes = {{Kind::insert, 0, "X", " 1"}};
  Passing passing = message(text);
  REQUIRE_FALSE(passing.message.in_memory());
  CHECK(Chain({saying("one", verdict)}, {}, "/tmp", {}).pass(passing).outcome == Outcome::accept);
  CHECK(passing.message.text() == "X: 1\r\n" + text);
}

TEST_CASE("the first refusal ends it, with its code and text", "[hooks]") {
  struct Row {
    Verdict verdict;
    int code;
    std::string enhanced;
    std::string text;
  };
  const std::vector<Row> rows{
      {refusal(Outcome::reject, 0, ""), 550, "5.7.1", "the message is refused"},
      {refusal(Outcome::reject, 554, "5.6.0 bad\r\n250 fine"), 554, "5.6.0", "bad  250 fine"},
      {refusal(Outcome::reject, 250, "4.1.1 x"), 550, "5.7.1", "4.1.1 x"},
      {refusal(Outcome::defer, 421, "later"), 451, "4.7.1", "later"},
      {refusal(Outcome::defer, 452, "4.2.2 full"), 452, "4.2.2", "full"},
  };
  for (const Row& row : rows) {
    bool asked = false;
    const Chain chain({saying("one", row.verdict), hook("two",
                                                        [&](const Passing&, Deadline) {
                                                          asked = true;
                                                          return Verdict{};
                                                        })},
                      {}, "/tmp", {});
    Passing passing = message();
    const Passed passed = chain.pass(passing);
    CHECK(passed.refused());
    CHECK(passed.code == row.code);
    CHECK(passed.enhanced == row.enhanced);
    CHECK(passed.text == row.text);
    CHECK_FALSE(asked);
  }
}

TEST_CASE("quarantine is remembered, discarding ends it, nobody left is discarding", "[hooks]") {
  Passing passing = message();
  const Verdict quarantine = refusal(Outcome::quarantine, 0, "spam");
  CHECK(Chain({saying("one", quarantine), saying("two", {})}, {}, "/tmp", {}).pass(passing).outcome ==
        Outcome::quarantine);
  CHECK(Chain({saying("one", quarantine), saying("two", refusal(Outcome::discard, 0, ""))}, {}, "/tmp", {})
            .pass(passing)
            .outcome == Outcome::discard);
  Verdict nobody;
  nobody.removed_recipients = {"bob@example.org"};
  CHECK(Chain({saying("one", nobody)}, {}, "/tmp", {}).pass(passing).outcome == Outcome::discard);
}

TEST_CASE("a hook that fails lets a message pass or defers it, as it is set", "[hooks]") {
  Verdict bad;
  bad.changes = {{Kind::insert, 0, "no name", ""}};
  for (const bool open : {true, false}) {
    for (const bool throws : {true, false}) {
      Seen seen;
      Hook one = hook("one", [&](const Passing&, Deadline) -> Verdict {
        if (throws) throw Failed("gone");
        return bad;
      });
      one.fail_open = open;
      Passing passing = message();
      const Passed passed = Chain({one}, {}, "/tmp", seen.observe()).pass(passing);
      CHECK(passed.outcome == (open ? Outcome::accept : Outcome::defer));
      CHECK(seen.lines.at(0).starts_with("one failed "));
      CHECK(passing.message.text() == message().message.text());
    }
  }
}

TEST_CASE("a hook is asked about its direction only; what goes out is signed after all of them", "[hooks]") {
  const Folder folder;
  mail::dkim::write_key(folder.path("key"), mail::dkim::Key::generate(mail::dkim::Algorithm::ed25519_sha256));
  const std::vector<mail::dkim::KeyFile> files{{"example.org", "sel", folder.path("key")}};
  Verdict first;
  first.changes = {{Kind::insert, 0, "X", " y"}};
  Hook one = saying("one", first);
  one.out = false;
  const Chain chain({one}, mail::dkim::Keyring(files), folder.path(""), {});
  Passing in = message();
  chain.pass(in);
  CHECK(in.message.text().starts_with("X: y\r\nFrom:"));
  Passing out = message();
  out.direction = Direction::out;
  CHECK(chain.any(Direction::out));
  CHECK(chain.pass(out).outcome == Outcome::accept);
  CHECK(out.message.text().starts_with("DKIM-Signature: v=1; a=ed25519-sha256;"));
  Passing foreign = message("From: eve@example.net\r\n\r\n");
  foreign.direction = Direction::out;
  chain.pass(foreign);
  CHECK(foreign.message.text() == "From: eve@example.net\r\n\r\n");
}

TEST_CASE("messages pass on the pool's threads; too many that wait are turned away", "[hooks]") {
  std::promise<void> begun;
  std::promise<void> go_on;
  const auto gate = go_on.get_future().share();
  const auto chain = std::make_shared<Chain>(
      std::vector<Hook>{hook("one",
                             [&, first = std::make_shared<std::atomic<bool>>(true)](const Passing&, Deadline) {
                               if (first->exchange(false)) begun.set_value();
                               gate.wait();
                               return refusal(Outcome::reject, 0, "no");
                             })},
      mail::dkim::Keyring(), "/tmp", Observe());
  std::promise<void> woken;
  std::shared_ptr<Pool::Ticket> waiting;
  {
    Pool pool(chain, 1, 1);
    const auto running = pool.start(message(), [&] { woken.set_value(); });
    REQUIRE(running);
    begun.get_future().wait();
    waiting = pool.start(message(), [] {});
    REQUIRE(waiting);
    CHECK(pool.waiting() == 1);
    CHECK_FALSE(pool.start(message(), [] {}));
    CHECK_FALSE(running->done());
    go_on.set_value();
    woken.get_future().wait();
    CHECK(running->done());
    CHECK(running->passed.outcome == Outcome::reject);
  }
  CHECK(waiting->done());
  CHECK(waiting->passed.refused());
}

TEST_CASE("a message that no hook sees has passed at once", "[hooks]") {
  Pool pool(std::make_shared<Chain>(std::vector<Hook>(), mail::dkim::Keyring(), "/tmp", Observe()), 1, 1);
  bool woken = false;
  const auto ticket = pool.start(message(), [&] { woken = true; });
  REQUIRE(ticket);
  CHECK(ticket->done());
  CHECK(woken);
  CHECK(ticket->passed.outcome == Outcome::accept);
}
