// What is kept of mail over time: history, tombstones, what is derived, backups.
#include <algorithm>
#include <catch2/catch.hpp>

#include "storage/backup.h"
#include "storage/check.h"
#include "storage/signature.h"
#include "storage/sql/database.h"
#include "tests/storage/mail_world.h"

using namespace storage;
using testing::backends;
using testing::MailWorld;

namespace {

std::int64_t count(Store& store, const char* sql) {
  return store.read([&](Transaction& transaction) {
    const auto row = transaction.connection().prepare(sql);
    row->step();
    return row->integer(0);
  });
}

constexpr const char* count_blobs = "SELECT COUNT(*) FROM blob";
constexpr const char* count_facts = "SELECT COUNT(*) FROM message_fact";
constexpr const char* count_headers = "SELECT COUNT(*) FROM message_header";
constexpr const char* count_threads = "SELECT COUNT(*) FROM thread_id";
constexpr const char* count_tombstones = "SELECT COUNT(*) FROM expunged";

void age(const MailWorld& world) {
  world.place->execute("UPDATE expunged SET at = 1");
  world.place->execute("UPDATE revision SET at = 1");
}

}  // namespace

TEST_CASE("users have mail from the beginning, others when it comes") {
  MailWorld world(GENERATE(from_range(backends())));
  world.store->write([&](Transaction& transaction) {
    Account wanted;
    wanted.name = "team";
    wanted.kind = AccountKind::group;
    const Account team = transaction.create_account(wanted);
    wanted.name = "bob";
    wanted.kind = AccountKind::user;
    const Account bob = transaction.create_account(wanted);
    CHECK(transaction.home(bob.id, CollectionKind::mail_home));
    CHECK_FALSE(transaction.home(team.id, CollectionKind::mail_home));
    CHECK(Mail(transaction).mailboxes(bob.id).size() == 6);
  });
  CHECK(world.faults() == std::vector<std::string>{});
}

TEST_CASE("an account takes its mail with it") {
  MailWorld world(GENERATE(from_range(backends())));
  world.append({world.message("one", {"a@x"}), world.message(std::string(100'000, 'x'))});
  world.expunge({1});
  world.store->write([&](Transaction& transaction) {
    Mail(transaction).set_rights(world.inbox, "anyone", "l");
    transaction.remove_account(world.ada.id);
  });
  CHECK(count(*world.store, count_threads) == 0);
  CHECK(count(*world.store, "SELECT CAST(SUM(uses) AS BIGINT) FROM blob") == 0);
  CHECK(world.faults() == std::vector<std::string>{});
  world.place->execute("UPDATE blob SET released = 1");
  world.store->tidy(std::chrono::seconds(10));
  CHECK(count(*world.store, count_blobs) == 0);
  CHECK(count(*world.store, count_facts) == 0);
}

TEST_CASE("octets of expunged messages are kept with the history, and go with it") {
  MailWorld world(GENERATE(from_range(backends())));
  world.append({world.message("one", {"a@x"}), world.message("two", {"b@x"}), world.message("two")});
  world.store->write(
      [&](Transaction& transaction) { Mail(transaction).copy(world.inbox, std::vector<Uid>{1}, world.trash, {}); });
  CHECK(world.faults() == std::vector<std::string>{});
  world.expunge({1, 2, 3});
  CHECK(world.faults() == std::vector<std::string>{});
  world.store->tidy(std::chrono::seconds(10));
  CHECK(count(*world.store, count_blobs) == 2);
  // The thread of the copy stays.
  CHECK(count(*world.store, count_threads) == 1);
  age(world);
  world.store->tidy(std::chrono::seconds(10));
  world.place->execute("UPDATE blob SET released = 1");
  world.store->tidy(std::chrono::seconds(10));
  CHECK(count(*world.store, count_blobs) == 1);
  CHECK(count(*world.store, count_facts) == 1);
  CHECK(count(*world.store, count_headers) == 1);
  CHECK(world.faults() == std::vector<std::string>{});
}

TEST_CASE("tombstones that are old enough are forgotten, and nobody is told less than all") {
  MailWorld world(GENERATE(from_range(backends())));
  world.append(std::vector<NewMessage>(5, world.message("x")));
  const Modseq before = world.mailbox(world.inbox).modseq;
  world.expunge({1, 2});
  const Modseq between = world.mailbox(world.inbox).modseq;
  age(world);
  world.expunge({4});
  world.store->tidy(std::chrono::seconds(10));
  CHECK(count(*world.store, count_tombstones) == 1);
  world.store->read([&](Transaction& transaction) {
    Mail mail(transaction);
    CHECK(mail.mailbox(world.inbox)->expunged_floor == between);
    CHECK_FALSE(mail.expunged_since(world.inbox, before));
    CHECK(*mail.expunged_since(world.inbox, between) == std::vector<Uid>{4});
  });
  CHECK(world.faults() == std::vector<std::string>{});
}

TEST_CASE("check tells what of a mailbox is not as its messages are") {
  const auto backend = GENERATE(from_range(backends()));
  const std::vector<std::pair<std::string, std::string>> broken{
      {"UPDATE mailbox SET unseen = unseen + 1 WHERE messages > 0", "its counts are not those of its messages"},
      {"UPDATE mailbox SET octets = 0", "its counts are not those of its messages"},
      {"UPDATE mailbox SET uid_next = 2 WHERE messages > 0", "its next UID is given already"},
      {"UPDATE mailbox SET uid_validity = 7 WHERE selectable = 1", "or another has it"},
      {"UPDATE message SET size = size + 1 WHERE uid = 2", "its octets are not there, or not that many"},
      {"UPDATE message SET modseq = 1000 WHERE uid = 2", "its modseq is below that of a message"},
      {"UPDATE message SET added_modseq = 1000 WHERE uid = 2", "added after its last change"},
      {"INSERT INTO expunged (mailbox, modseq, uid, at) SELECT mailbox, 1, 2, 1 FROM message WHERE uid = 2",
       "there and expunged"},
      {"DELETE FROM message_fact", "nothing is derived of it"},
      {"UPDATE account SET used = 0", "the octets used are not those of its members, messages"},
      {"UPDATE blob SET uses = 7", "its uses are not those that there are"},
  };
  for (const auto& [sql, told] : broken) {
    INFO(sql);
    MailWorld world(backend);
    world.append({world.message("one"), world.message("two")});
    world.place->execute(sql);
    const auto faults = world.faults();
    CHECK(std::ranges::any_of(faults, [&](const auto& fault) { return fault.find(told) != std::string::npos; }));
  }
}

TEST_CASE("check compares what is derived of a message with its octets") {
  MailWorld world(GENERATE(from_range(backends())));
  world.append({world.message("one"), world.message("two")});
  const auto no_facts = [](CollectionKind, const std::string&) { return std::nullopt; };
  const auto derive = [&](const Segment& octets) {
    return world.message(octets.bytes == "two" ? "other" : octets.bytes).facts;
  };
  std::vector<std::string> told;
  check(
      *world.store, no_facts, "", [&](const Difference& difference) { told.push_back(difference.what); }, {}, derive);
  CHECK(told == std::vector<std::string>{"what is derived is not that of its octets",
                                         "the header kept is not that of its octets"});
}

TEST_CASE("mail comes back from a backup, under another UIDVALIDITY") {
  const auto backend = GENERATE(from_range(backends()));
  MailWorld world(backend);
  NewMessage first = world.message("one", {"a@x"});
  first.flags = flag::flagged;
  first.keywords = {"k"};
  world.append({first, world.message("two")});
  world.expunge({2});
  world.store->write([&](Transaction& transaction) { Mail(transaction).set_rights(world.inbox, "anyone", "l"); });
  const testing::Folder folder;
  backup(*world.store, world.place->directory(), folder.path(), 7, false);
  const Mailbox before = world.mailbox(world.inbox);

  const auto place = backend.place();
  const auto store = place->open();
  restore(*store, folder.path());
  store->write([&](Transaction& transaction) {
    Mail mail(transaction);
    const auto inbox = mail.mailbox(world.inbox);
    REQUIRE(inbox);
    CHECK(inbox->uid_validity > before.uid_validity);
    CHECK(inbox->uid_next == before.uid_next);
    CHECK(inbox->modseq == before.modseq);
    CHECK(mail.message(inbox->id, 1)->keywords == "k");
    CHECK(mail.octets(*mail.message(inbox->id, 1)).bytes == "one");
    CHECK(mail.expunged_since(inbox->id, before.modseq - 2)->size() == 1);
    CHECK(mail.rights(inbox->id).size() == 1);
    CHECK(mail.subscriptions(world.ada.id).size() == 6);
    CHECK(mail.append(inbox->id, std::vector{world.message("three", {"a@x"})}, {})[0].thread ==
          mail.message(inbox->id, 1)->thread);
    const auto all = mail.mailboxes(world.ada.id);
    const Mailbox made = mail.create(inbox->parent, "new", "");
    CHECK(std::ranges::all_of(all, [&](const Mailbox& each) { return each.uid_validity < made.uid_validity; }));
  });
}

TEST_CASE("a search is shown the messages that may hold a text, and no other") {
  MailWorld world(GENERATE(from_range(backends())));
  const auto with_text = [&](const std::string& octets, std::string_view subject, std::string_view body) {
    NewMessage made = world.message(octets);
    SignatureMaker maker;
    maker.add(SearchIn::subject, subject);
    maker.add(SearchIn::body, body);
    made.facts.signature = maker.finish();
    return made;
  };
  world.append({with_text("1", "HELLO WORLD", "SOME BODY"), with_text("2", "ANOTHER", "HELLO AGAIN"),
                world.message("not known"), with_text("4", "", "")});
  world.store->read([&](Transaction& transaction) {
    Mail mail(transaction);
    CHECK(*mail.holding(world.inbox, SearchIn::subject, "LLO WOR") == std::vector<Uid>{1, 3});
    CHECK(*mail.holding(world.inbox, SearchIn::body, "HELLO") == std::vector<Uid>{2, 3});
    CHECK(*mail.holding(world.inbox, SearchIn::anywhere, "HELLO") == std::vector<Uid>{1, 2, 3});
    CHECK(*mail.holding(world.inbox, SearchIn::anywhere, "NOWHERE TO BE FOUND") == std::vector<Uid>{3});
    CHECK_FALSE(mail.holding(world.inbox, SearchIn::body, "HE"));
  });
}
