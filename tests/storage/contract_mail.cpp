// Messages: how they come, change and go.
#include <catch2/catch.hpp>

#include "tests/storage/mail_world.h"

using namespace storage;
using testing::backends;
using testing::MailWorld;

namespace {

std::vector<Uid> uids_of(const std::vector<MessageFlags>& flags) {
  std::vector<Uid> uids;
  for (const auto& each : flags) uids.push_back(each.uid);
  return uids;
}

constexpr auto add = FlagChange::Way::add;

}  // namespace

TEST_CASE("a message that was appended is there with all that came with it") {
  MailWorld world(GENERATE(from_range(backends())));
  NewMessage first = world.message("one");
  first.flags = flag::seen | flag::deleted;
  first.keywords = {"$Forwarded", "b", "A", "a"};
  const auto appended = world.append({first, world.message(std::string(100'000, 'x'))});
  REQUIRE(appended.size() == 2);
  CHECK(appended[0].uid == 1);
  CHECK(appended[1].uid == 2);
  CHECK(appended[0].keywords == "$Forwarded A b");
  const Mailbox inbox = world.mailbox(world.inbox);
  CHECK(inbox.uid_next == 3);
  CHECK(inbox.messages == 2);
  CHECK(inbox.unseen == 1);
  CHECK(inbox.deleted == 1);
  CHECK(inbox.octets == 100'003);
  CHECK(inbox.modseq == appended[1].modseq);
  CHECK(world.used() == 100'003);
  world.store->read([&](Transaction& transaction) {
    Mail mail(transaction);
    const auto message = mail.message(world.inbox, 1);
    REQUIRE(message);
    CHECK(message->flags == first.flags);
    CHECK(message->internal_date == 1'000'000);
    CHECK(message->internal_zone == -90);
    CHECK(message->size == 3);
    CHECK(message->mailbox == world.inbox);
    CHECK(message->email != appended[1].email);
    CHECK(mail.octets(*message).bytes == "one");
    CHECK(mail.octets(*mail.message(world.inbox, 2)).file);
    CHECK_FALSE(mail.message(world.inbox, 3));

    std::vector<std::string> packed;
    const auto collect = [&](const Message&, std::string_view facts) { packed.emplace_back(facts.substr(0, 24)); };
    const std::vector<Uid> uids{1, 7};
    mail.messages(world.inbox, uids, Mail::WithFacts::no, collect);
    mail.messages(world.inbox, uids, Mail::WithFacts::yes, collect);
    mail.messages(world.inbox, uids, Mail::WithFacts::with_header, collect);
    CHECK(packed == std::vector<std::string>{"", "facts of one", "facts of oneheader of on"});
  });
}

TEST_CASE("messages that are far apart are read one by one, and nothing else with them") {
  MailWorld world(GENERATE(from_range(backends())));
  world.append(std::vector<NewMessage>(200, world.message("x")));
  world.store->read([&](Transaction& transaction) {
    std::vector<Uid> found;
    const auto collect = [&](const Message& message, std::string_view) { found.push_back(message.uid); };
    Mail(transaction).messages(world.inbox, std::vector<Uid>{2, 50, 199, 500}, Mail::WithFacts::yes, collect);
    CHECK(found == std::vector<Uid>{2, 50, 199});
    found.clear();
    Mail(transaction).messages(world.inbox, std::vector<Uid>{3, 4, 6}, Mail::WithFacts::no, collect);
    CHECK(found == std::vector<Uid>{3, 4, 6});
  });
}

TEST_CASE("a message joins the thread of those that it refers to") {
  MailWorld world(GENERATE(from_range(backends())));
  const auto first = world.append({world.message("a", {"a@x"}), world.message("b", {"b@x", "a@x"})});
  CHECK(first[0].thread == first[0].email);
  CHECK(first[1].thread == first[0].thread);
  const auto later = world.append({world.message("c", {"c@x", "never@x"}), world.message("d", {"never@x"}),
                                   world.message("e", {"e@x", "b@x"}), world.message("f"), world.message("g")});
  CHECK(later[0].thread == later[0].email);
  CHECK(later[1].thread == later[0].thread);
  CHECK(later[2].thread == first[0].thread);
  CHECK(later[3].thread != later[4].thread);
}

TEST_CASE("flags change for those that they are other for") {
  MailWorld world(GENERATE(from_range(backends())));
  world.append({world.message("1"), world.message("2"), world.message("3")});
  const Modseq before = world.mailbox(world.inbox).modseq;
  auto outcomes = world.change({1, 3, 9}, {add, flag::seen, {"Work"}, {}});
  REQUIRE(outcomes.size() == 2);
  CHECK(outcomes[1].changed);
  CHECK(outcomes[1].now.uid == 3);
  CHECK(outcomes[1].now.keywords == "Work");
  CHECK(outcomes[1].now.modseq == before + 1);
  CHECK(world.mailbox(world.inbox).unseen == 1);

  outcomes = world.change({1, 2}, {add, flag::seen, {"work"}, {}});
  CHECK_FALSE(outcomes[0].changed);
  CHECK(outcomes[0].now.keywords == "Work");
  CHECK(outcomes[0].now.modseq == before + 1);
  CHECK(outcomes[1].now.keywords == "work");
  CHECK(outcomes[1].now.modseq == before + 2);
  CHECK(world.mailbox(world.inbox).unseen == 0);

  outcomes = world.change({1, 2}, {FlagChange::Way::remove, flag::seen | flag::flagged, {"WORK"}, before + 1});
  CHECK(outcomes[0].changed);
  CHECK(outcomes[0].now.flags == 0);
  CHECK(outcomes[0].now.keywords.empty());
  CHECK(outcomes[1].refused);
  CHECK_FALSE(outcomes[1].changed);

  outcomes = world.change({1, 2, 3}, {FlagChange::Way::replace, flag::deleted, {}, {}});
  CHECK(outcomes[2].now.flags == flag::deleted);
  CHECK(world.mailbox(world.inbox).deleted == 3);
  CHECK(world.mailbox(world.inbox).unseen == 3);
  const Modseq now = world.mailbox(world.inbox).modseq;
  world.change({1, 2, 3}, {FlagChange::Way::replace, flag::deleted, {}, {}});
  CHECK(world.mailbox(world.inbox).modseq == now);

  world.store->read([&](Transaction& transaction) {
    Mail mail(transaction);
    CHECK(uids_of(mail.changed_since(world.inbox, now)).empty());
    CHECK(uids_of(mail.changed_since(world.inbox, now - 1)) == std::vector<Uid>{1, 2, 3});
  });
}

TEST_CASE("what is expunged is gone, and said to be") {
  MailWorld world(GENERATE(from_range(backends())));
  world.append({world.message("one"), world.message("two"), world.message("three")});
  const Modseq before = world.mailbox(world.inbox).modseq;
  const auto gone = world.expunge({1, 3, 8});
  CHECK(gone == std::vector<Uid>{1, 3});
  CHECK(uids_of(world.flags(world.inbox)) == std::vector<Uid>{2});
  const Mailbox inbox = world.mailbox(world.inbox);
  CHECK(inbox.messages == 1);
  CHECK(inbox.unseen == 1);
  CHECK(inbox.octets == 3);
  CHECK(inbox.uid_next == 4);
  CHECK(world.used() == 3);
  world.store->read([&](Transaction& transaction) {
    Mail mail(transaction);
    CHECK(*mail.expunged_since(world.inbox, before) == std::vector<Uid>{1, 3});
    CHECK(mail.expunged_since(world.inbox, before + 1)->empty());
  });
  CHECK(world.append({world.message("four")})[0].uid == 4);
}

TEST_CASE("a copy is another message of the same octets") {
  MailWorld world(GENERATE(from_range(backends())));
  NewMessage first = world.message("one");
  first.flags = flag::seen;
  first.keywords = {"k"};
  const auto appended = world.append({first, first, world.message("two")});
  const auto copied = world.store->write([&](Transaction& transaction) {
    return Mail(transaction).copy(world.inbox, std::vector<Uid>{1, 3, 4}, world.trash, {});
  });
  REQUIRE(copied.size() == 2);
  CHECK(copied[1].from == 3);
  CHECK(copied[1].to == 2);
  CHECK(world.mailbox(world.trash).messages == 2);
  CHECK(world.mailbox(world.trash).unseen == 1);
  CHECK(world.used() == 15);
  world.store->read([&](Transaction& transaction) {
    const auto copy = Mail(transaction).message(world.trash, 1);
    CHECK(copy->email == appended[0].email);
    CHECK(copy->thread == appended[0].thread);
    CHECK(copy->keywords == "k");
    CHECK(copy->internal_zone == -90);
    CHECK(copy->added_modseq == world.mailbox(world.trash).modseq);
  });
  const auto within = world.store->write([&](Transaction& transaction) {
    return Mail(transaction).copy(world.inbox, std::vector<Uid>{1}, world.inbox, {});
  });
  CHECK(within[0].to == 4);
}

TEST_CASE("what is moved is here no more, and takes no quota") {
  MailWorld world(GENERATE(from_range(backends())));
  world.append({world.message("one"), world.message("two")});
  world.store->write([&](Transaction& transaction) {
    Account account = *transaction.account(world.ada.id);
    account.quota = 6;
    transaction.update_account(account);
  });
  const Modseq before = world.mailbox(world.inbox).modseq;
  const auto moved = world.store->write([&](Transaction& transaction) {
    return Mail(transaction).move(world.inbox, std::vector<Uid>{2}, world.trash, {});
  });
  REQUIRE(moved.size() == 1);
  CHECK(moved[0].to == 1);
  CHECK(world.used() == 6);
  CHECK(uids_of(world.flags(world.inbox)) == std::vector<Uid>{1});
  CHECK(world.mailbox(world.trash).octets == 3);
  world.store->read([&](Transaction& transaction) {
    CHECK(*Mail(transaction).expunged_since(world.inbox, before) == std::vector<Uid>{2});
  });
  const auto within = world.store->write([&](Transaction& transaction) {
    return Mail(transaction).move(world.inbox, std::vector<Uid>{1}, world.inbox, {});
  });
  CHECK(within[0].to == 3);
  CHECK(uids_of(world.flags(world.inbox)) == std::vector<Uid>{3});
  CHECK_THROWS_AS(world.append({world.message("x")}), QuotaExceeded);
  CHECK_THROWS_AS(world.store->write([&](Transaction& transaction) {
    return Mail(transaction).copy(world.inbox, std::vector<Uid>{3}, world.trash, {});
  }),
                  QuotaExceeded);
  CHECK(world.mailbox(world.inbox).messages == 1);
}

TEST_CASE("a mailbox is removed with its messages") {
  MailWorld world(GENERATE(from_range(backends())));
  world.append({world.message("one"), world.message("two")});
  world.store->write([&](Transaction& transaction) { Mail(transaction).remove(world.inbox, {}); });
  CHECK(world.used() == 0);
  CHECK(world.flags(world.inbox).empty());
  world.store->write([&](Transaction& transaction) { transaction.remove_account(world.ada.id); });
}

TEST_CASE("a change needs a writing transaction") {
  MailWorld world(GENERATE(from_range(backends())));
  world.append({world.message("one")});
  const std::vector<Uid> uids{1};
  world.store->read([&](Transaction& transaction) {
    Mail mail(transaction);
    CHECK_THROWS_AS(mail.store(world.inbox, uids, {add, flag::seen, {}, {}}), std::logic_error);
    CHECK_THROWS_AS(mail.expunge(world.inbox, uids, {}), std::logic_error);
    CHECK_THROWS_AS(mail.move(world.inbox, uids, world.trash, {}), std::logic_error);
  });
}
