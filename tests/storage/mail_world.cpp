#include "tests/storage/mail_world.h"

#include "storage/check.h"

namespace testing {

using namespace storage;

MailWorld::MailWorld(const Backend& backend) : World(backend) {
  store->write([&](Transaction& transaction) {
    Mail mail(transaction);
    const Id home_id = mail.home(ada.id)->id;
    inbox = mail.child(home_id, "INBOX")->id;
    trash = mail.child(home_id, "Trash")->id;
  });
}

NewMessage MailWorld::message(const std::string& octets, const std::vector<std::string>& ids) {
  NewMessage made;
  made.blob = stage(octets);
  made.facts.packed = "facts of " + octets.substr(0, 20);
  made.facts.header = "header of " + octets.substr(0, 20);
  made.facts.edition = 1;
  made.facts.message_ids = ids;
  made.internal_date = 1'000'000;
  made.internal_zone = -90;
  return made;
}

std::vector<Message> MailWorld::append(const std::vector<NewMessage>& messages) {
  return store->write([&](Transaction& transaction) { return Mail(transaction).append(inbox, messages, {}); });
}

Mailbox MailWorld::mailbox(Id id) {
  return store->read([&](Transaction& transaction) { return Mail(transaction).mailbox(id).value(); });
}

std::vector<MessageFlags> MailWorld::flags(Id id, Uid from) {
  std::vector<MessageFlags> all;
  store->read([&](Transaction& transaction) {
    Mail(transaction).flags_of(id, from, [&](const MessageFlags& flags) { all.push_back(flags); });
  });
  return all;
}

std::vector<FlagOutcome> MailWorld::change(const std::vector<Uid>& uids, const FlagChange& wanted) {
  return store->write([&](Transaction& transaction) { return Mail(transaction).store(inbox, uids, wanted); });
}

std::vector<Uid> MailWorld::expunge(const std::vector<Uid>& uids) {
  return store->write([&](Transaction& transaction) { return Mail(transaction).expunge(inbox, uids, {ada.id, 0}); });
}

std::int64_t MailWorld::used() {
  return store->read([&](Transaction& transaction) { return transaction.used(ada.id); });
}

std::vector<std::string> MailWorld::faults() {
  std::vector<std::string> faults;
  const auto no_facts = [](CollectionKind, const std::string&) { return std::nullopt; };
  check(*store, no_facts, "",
        [&](const Difference& difference) { faults.push_back(difference.where + ": " + difference.what); });
  return faults;
}

}  // namespace testing
