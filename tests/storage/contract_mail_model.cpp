// Random changes of mailboxes beside a simple model: what is there, what clients are told of changes, and the counts.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <random>

#include "storage/check.h"
#include "storage/mail.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

struct Letter {
  unsigned flags = 0;
  std::string keywords;
  Modseq modseq = 0;
  Id email = 0;

  bool operator==(const Letter&) const = default;
};

using Letters = std::map<Uid, Letter>;

struct Box {
  Id id = 0;
  std::string name;
  Letters letters;
  Uid uid_next = 1;
};

/// What a client had seen of a mailbox.
struct Seen {
  Id mailbox = 0;
  Modseq modseq = 0;
  Letters letters;
};

constexpr std::int64_t octets = 5;

class Model {
 public:
  Model(World& world, unsigned seed) : world_(world), random_(seed) {
    world.store->write([&](Transaction& transaction) {
      Mail mail(transaction);
      home_ = mail.home(world.ada.id)->id;
      for (const Mailbox& mailbox : mail.mailboxes(world.ada.id)) boxes_.push_back({mailbox.id, mailbox.name, {}, 1});
    });
    message_.blob = world.stage(std::string(octets, 'x'));
    message_.facts.edition = 1;
  }

  /// One random change, in a transaction with others.
  void step(Transaction& transaction) {
    Mail mail(transaction);
    Box& box = any();
    if (box.letters.size() > 100) return expunge(mail, box);
    switch (random_() % 10) {
      case 0:
      case 1:
      case 2:
        return append(mail, box);
      case 3:
      case 4:
      case 5:
        return store(mail, box);
      case 6:
        return expunge(mail, box);
      case 7:
        return transfer(mail, box, any(), false);
      case 8:
        return transfer(mail, box, any(), true);
      default:
        box.name = "box " + std::to_string(random_());
        return mail.rename(box.id, home_, box.name, {});
    }
  }

  void compare() {
    world_.store->read([&](Transaction& transaction) {
      Mail mail(transaction);
      std::int64_t messages = 0;
      for (const Box& box : boxes_) {
        compare(mail, box);
        messages += static_cast<std::int64_t>(box.letters.size());
      }
      CHECK(transaction.used(world_.ada.id) == messages * octets);
      for (Seen& seen : seen_) follow(mail, seen);
      const Box& box = any();
      seen_[random_() % seen_.size()] = {box.id, mail.mailbox(box.id)->modseq, box.letters};
    });
  }

 private:
  Box& any() { return boxes_[random_() % boxes_.size()]; }

  unsigned any_flags() { return random_() % 32; }

  std::vector<std::string> any_keywords() {
    static const std::vector<std::string> words{"$Forwarded", "a", "A", "Work", "w"};
    std::vector<std::string> keywords;
    while (random_() % 2 == 0) keywords.push_back(words[random_() % words.size()]);
    return keywords;
  }

  std::vector<Uid> any_uids(const Box& box) {
    std::vector<Uid> uids;
    const unsigned one_in = 1 + random_() % 8;
    for (Uid uid = 1; uid < box.uid_next + 2; ++uid) {
      if (random_() % one_in == 0) uids.push_back(uid);
    }
    return uids;
  }

  void append(Mail& mail, Box& box) {
    std::vector<NewMessage> messages(1 + random_() % 3, message_);
    for (NewMessage& message : messages) {
      message.flags = any_flags();
      message.keywords = any_keywords();
    }
    for (const Message& made : mail.append(box.id, messages, {})) {
      REQUIRE(made.uid == box.uid_next++);
      box.letters[made.uid] = {made.flags, made.keywords, made.modseq, made.email};
    }
  }

  void store(Mail& mail, Box& box) {
    FlagChange change{static_cast<FlagChange::Way>(random_() % 3), any_flags(), any_keywords(), {}};
    const Modseq before = mail.mailbox(box.id)->modseq;
    if (random_() % 3 == 0) change.unchanged_since = before - static_cast<Modseq>(random_() % 5);
    for (const FlagOutcome& outcome : mail.store(box.id, any_uids(box), change)) {
      Letter& letter = box.letters.at(outcome.now.uid);
      REQUIRE(outcome.refused == (change.unchanged_since && letter.modseq > *change.unchanged_since));
      REQUIRE((outcome.now.modseq > before) == outcome.changed);
      if (!outcome.changed) {
        REQUIRE(outcome.now.flags == letter.flags);
        continue;
      }
      unsigned flags = change.flags;
      if (change.way == FlagChange::Way::add) flags |= letter.flags;
      if (change.way == FlagChange::Way::remove) flags = letter.flags & ~flags;
      REQUIRE(outcome.now.flags == flags);
      letter.flags = flags;
      letter.keywords = outcome.now.keywords;
      letter.modseq = outcome.now.modseq;
    }
  }

  void expunge(Mail& mail, Box& box) {
    std::vector<Uid> expected;
    const auto uids = any_uids(box);
    for (const Uid uid : uids) {
      if (box.letters.erase(uid) > 0) expected.push_back(uid);
    }
    REQUIRE(mail.expunge(box.id, uids, {}) == expected);
  }

  void transfer(Mail& mail, Box& from, Box& to, bool moves) {
    const auto uids = any_uids(from);
    const auto copied = moves ? mail.move(from.id, uids, to.id, {}) : mail.copy(from.id, uids, to.id, {});
    const Modseq modseq = mail.mailbox(to.id)->modseq;
    std::vector<Copied> expected;
    const Letters source = from.letters;
    for (const Uid uid : uids) {
      const auto letter = source.find(uid);
      if (letter == source.end()) continue;
      if (moves) from.letters.erase(uid);
      to.letters[to.uid_next] = letter->second;
      // Within one mailbox, the copy has what the original had.
      to.letters[to.uid_next].modseq = modseq;
      expected.push_back({uid, to.uid_next++});
    }
    REQUIRE(copied.size() == expected.size());
    for (std::size_t i = 0; i < copied.size(); ++i) {
      REQUIRE(copied[i].from == expected[i].from);
      REQUIRE(copied[i].to == expected[i].to);
    }
  }

  static Letter letter_of(const MessageFlags& flags, const Letters& with_email) {
    const auto known = with_email.find(flags.uid);
    return {flags.flags, flags.keywords, flags.modseq, known == with_email.end() ? 0 : known->second.email};
  }

  void compare(Mail& mail, const Box& box) {
    Letters stored;
    mail.flags_of(box.id, 1, [&](const MessageFlags& flags) { stored[flags.uid] = letter_of(flags, box.letters); });
    REQUIRE(stored == box.letters);
    const Mailbox mailbox = *mail.mailbox(box.id);
    std::int64_t unseen = 0;
    std::int64_t deleted = 0;
    for (const auto& [uid, letter] : box.letters) {
      unseen += (letter.flags & flag::seen) == 0;
      deleted += (letter.flags & flag::deleted) != 0;
      REQUIRE(letter.modseq <= mailbox.modseq);
    }
    REQUIRE(mailbox.name == box.name);
    REQUIRE(mailbox.uid_next == box.uid_next);
    REQUIRE(mailbox.messages == static_cast<std::int64_t>(box.letters.size()));
    REQUIRE(mailbox.octets == mailbox.messages * octets);
    REQUIRE(mailbox.unseen == unseen);
    REQUIRE(mailbox.deleted == deleted);
    if (box.letters.empty()) return;
    const auto message = mail.message(box.id, box.letters.begin()->first);
    REQUIRE(message->email == box.letters.begin()->second.email);
  }

  /// A client that is told what has changed, and nothing else, has what is there.
  void follow(Mail& mail, Seen& seen) {
    if (seen.mailbox == 0) return;
    const Box& box =
        *std::find_if(boxes_.begin(), boxes_.end(), [&](const Box& each) { return each.id == seen.mailbox; });
    Letters letters = seen.letters;
    const auto gone = mail.expunged_since(seen.mailbox, seen.modseq);
    REQUIRE(gone);
    REQUIRE(std::is_sorted(gone->begin(), gone->end()));
    for (const Uid uid : *gone) letters.erase(uid);
    for (const MessageFlags& changed : mail.changed_since(seen.mailbox, seen.modseq)) {
      REQUIRE(changed.modseq > seen.modseq);
      letters[changed.uid] = letter_of(changed, box.letters);
    }
    REQUIRE(letters == box.letters);
  }

  World& world_;
  std::minstd_rand random_;
  Id home_ = 0;
  std::vector<Box> boxes_;
  std::vector<Seen> seen_{8};
  NewMessage message_;
};

}  // namespace

TEST_CASE("random changes of mailboxes are what a simple model makes of them") {
  World world(GENERATE(from_range(backends())));
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  Model model(world, seed);
  const char* is_long = std::getenv("PILEUS_LONG");
  const int steps = is_long != nullptr && std::string(is_long) == "1" ? 20'000 : 2'000;
  for (int done = 0; done < steps; done += 4) {
    world.store->write([&](Transaction& transaction) {
      for (int i = 0; i < 4; ++i) model.step(transaction);
    });
    model.compare();
  }
  std::vector<std::string> differences;
  check(
      *world.store, [](CollectionKind, const std::string&) { return std::nullopt; }, "",
      [&](const Difference& difference) { differences.push_back(difference.where + ": " + difference.what); });
  CHECK(differences == std::vector<std::string>{});
}
