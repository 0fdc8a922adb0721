// Mailboxes: what an account has, names, rights.
#include <catch2/catch.hpp>

#include "storage/mail.h"
#include "tests/storage/backends.h"

using namespace storage;
using testing::backends;
using testing::World;

namespace {

std::vector<std::string> names(const std::vector<Mailbox>& mailboxes) {
  std::vector<std::string> names;
  for (const Mailbox& mailbox : mailboxes) names.push_back(mailbox.name);
  return names;
}

}  // namespace

TEST_CASE("a mail home is made with the usual mailboxes") {
  World world(GENERATE(from_range(backends())));
  const Id home =
      world.store->write([&](Transaction& transaction) { return Mail(transaction).home(world.ada.id)->id; });
  world.store->write([&](Transaction& transaction) {
    Mail mail(transaction);
    CHECK(mail.home(world.ada.id)->id == home);
    CHECK(names(mail.mailboxes(world.ada.id)) ==
          std::vector<std::string>{"Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"});
    CHECK(mail.subscriptions(world.ada.id).size() == 6);
    const auto sent = mail.child(home, "Sent");
    REQUIRE(sent);
    CHECK(sent->special_use == "\\Sent");
    CHECK(sent->uid_next == 1);
    CHECK(sent->uid_validity > 0);
    CHECK(sent->modseq == 1);
    CHECK(sent->selectable);
    CHECK(mail.mailbox(sent->id)->name == "Sent");
    CHECK_FALSE(mail.mailbox(home));
  });
}

TEST_CASE("mailboxes are made, renamed with those below them, and removed") {
  World world(GENERATE(from_range(backends())));
  world.store->write([&](Transaction& transaction) {
    Mail mail(transaction);
    const Id home = mail.home(world.ada.id)->id;
    const Mailbox above = mail.create(home, "Müller", "");
    const Mailbox below = mail.create(above.id, "2026", "");
    CHECK(below.uid_validity > above.uid_validity);
    CHECK_THROWS_AS(mail.create(home, "Müller", ""), DuplicateName);
    CHECK_THROWS_AS(mail.rename(above.id, home, "INBOX", {}), DuplicateName);
    CHECK_THROWS_AS(mail.rename(above.id, below.id, "x", {}), std::logic_error);
    mail.rename(above.id, mail.child(home, "Archive")->id, "M", {});
    CHECK(mail.mailbox(above.id)->uid_validity == above.uid_validity);
    CHECK(mail.child(above.id, "2026")->id == below.id);
    const auto all = mail.mailboxes(world.ada.id);
    CHECK(names(all) == std::vector<std::string>{"Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash", "M", "2026"});
    CHECK_FALSE(mail.child(home, "Müller"));

    // One that has others below it can't be selected from now on, until it is made anew.
    mail.remove(above.id, {});
    CHECK_FALSE(mail.mailbox(above.id)->selectable);
    const Mailbox again = mail.create(above.parent == home ? mail.child(home, "Archive")->id : above.parent, "M", "");
    CHECK(again.id == above.id);
    CHECK(again.selectable);
    CHECK(again.uid_validity > above.uid_validity);
    mail.remove(below.id, {});
    mail.remove(above.id, {});
    CHECK_FALSE(mail.mailbox(above.id));
    CHECK_FALSE(mail.mailbox(below.id));
  });
}

TEST_CASE("subscriptions are names, whether there is such a mailbox or not") {
  World world(GENERATE(from_range(backends())));
  world.store->write([&](Transaction& transaction) {
    Mail mail(transaction);
    mail.subscribe(world.ada.id, "no/such");
    mail.subscribe(world.ada.id, "no/such");
    CHECK(mail.subscriptions(world.ada.id) ==
          std::vector<std::string>{"Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash", "no/such"});
    CHECK(mail.unsubscribe(world.ada.id, "no/such"));
    CHECK_FALSE(mail.unsubscribe(world.ada.id, "no/such"));
  });
}

TEST_CASE("what is shared is found by those it is shared with") {
  World world(GENERATE(from_range(backends())));
  world.store->write([&](Transaction& transaction) {
    Account wanted;
    wanted.name = "bob";
    const Account bob = transaction.create_account(wanted);
    Mail mail(transaction);
    const Id home = mail.home(world.ada.id)->id;
    const Mailbox box = mail.create(home, "Team", "");
    const Modseq before = mail.mailbox(box.id)->modseq;
    mail.set_rights(box.id, "bob", "lr");
    CHECK(mail.mailbox(box.id)->modseq > before);
    REQUIRE(mail.rights(box.id).size() == 1);
    CHECK(mail.rights(box.id)[0].rights == "lr");
    const std::vector<std::string> who{"bob", "anyone"};
    CHECK(names(mail.shared_with(bob.id, who)) == std::vector<std::string>{"Team"});
    CHECK(mail.shared_with(world.ada.id, who).empty());
    mail.set_rights(box.id, "-anyone", "lr");
    CHECK(mail.shared_with(bob.id, who).empty());
    mail.set_rights(box.id, "bob", "");
    CHECK(mail.rights(box.id).size() == 1);
  });
}

TEST_CASE("what is recent is told once") {
  World world(GENERATE(from_range(backends())));
  world.store->write([&](Transaction& transaction) {
    Mail mail(transaction);
    const Id inbox = mail.child(mail.home(world.ada.id)->id, "INBOX")->id;
    const Modseq before = mail.mailbox(inbox)->modseq;
    CHECK(mail.take_recent(inbox) == 1);
    NewMessage message;
    message.blob = world.stage("Subject: x\r\n\r\n");
    mail.append(inbox, std::vector{message, message}, {});
    CHECK(mail.take_recent(inbox) == 1);
    CHECK(mail.take_recent(inbox) == 3);
    CHECK(mail.mailbox(inbox)->modseq == before + 1);
  });
}
