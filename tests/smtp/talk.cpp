#include "tests/smtp/talk.h"

#include <cstdlib>
#include <filesystem>

#include "storage/mail.h"
#include "storage/queue.h"

namespace testing {

namespace {

mail::Settings settings_of(mail::smtp::Settings smtp) {
  mail::Settings settings;
  settings.host_name = "mail.example.org";
  settings.smtp = std::move(smtp);
  if (settings.smtp.domains.empty()) settings.smtp.domains = {"example.org"};
  return settings;
}

storage::PasswordPolicy quick() {
  storage::PasswordPolicy policy;
  policy.argon2_passes = 1;
  policy.argon2_memory_kib = 64;
  return policy;
}

std::unique_ptr<storage::Store> open(const std::string& folder) {
  storage::StoreOptions options;
  options.directory = folder;
  return storage::open_store(options);
}

void add_account(storage::Accounts& accounts, const std::string& name, std::vector<std::string> addresses) {
  storage::Account wanted;
  wanted.name = name;
  wanted.addresses = std::move(addresses);
  accounts.create(wanted, "secret");
}

std::string text_of(const storage::Segment& segment) {
  if (!segment.file) return segment.bytes;
  std::string text(segment.length, '\0');
  text.resize(segment.file->read(text.data(), text.size(), segment.offset));
  return text;
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") + std::string("/pileus-smtp-XXXXXX");
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

Post::Post(mail::smtp::Settings settings, mail::DeliverHook hook)
    : store(open(folder.path())),
      accounts(*store, quick()),
      services{*store, accounts, {}, settings_of(std::move(settings))},
      office(services, std::move(hook), {}) {
  add_account(accounts, "ada", {"ada@example.org", "countess@example.org"});
  add_account(accounts, "eve", {"eve@example.org"});
  storage::Account team;
  team.name = "team";
  team.kind = storage::AccountKind::group;
  team.addresses = {"team@example.org"};
  store->write([&](storage::Transaction& transaction) {
    const storage::Id group = transaction.create_account(team).id;
    transaction.add_to_group(group, transaction.account_named("ada")->id);
    transaction.add_to_group(group, transaction.account_named("eve")->id);
  });
}

storage::Account Post::account(const std::string& name) {
  return *store->read([&](storage::Transaction& transaction) { return transaction.account_named(name); });
}

std::vector<std::string> Post::messages(const std::string& account_name, const std::string& mailbox) {
  const storage::Id id = account(account_name).id;
  return store->read([&](storage::Transaction& transaction) {
    storage::Mail mail(transaction);
    std::vector<std::string> all;
    const auto home = mail.home(id);
    const auto found = home ? mail.child(home->id, mailbox) : std::nullopt;
    if (!found) return all;
    std::vector<storage::Uid> uids;
    mail.flags_of(found->id, 1, [&](const storage::MessageFlags& flags) { uids.push_back(flags.uid); });
    for (const storage::Uid uid : uids) all.push_back(text_of(mail.octets(*mail.message(found->id, uid))));
    return all;
  });
}

std::vector<storage::QueuedMessage> Post::queue() {
  return store->read(
      [](storage::Transaction& transaction) { return storage::Queue(transaction).messages(std::nullopt); });
}

std::string Post::queued_octets(const storage::QueuedMessage& message) {
  return text_of(
      store->read([&](storage::Transaction& transaction) { return storage::Queue(transaction).octets(message); }));
}

Talk::Talk(Post& post, mail::smtp::Role role, mail::Peer peer)
    : peer_(std::move(peer)), dialogue_(mail::smtp::smtp(post.office, role)->open(peer_)) {
  dialogue_->opened(*this);
  greeting_ = heard();
}

std::string Talk::heard() {
  std::string heard;
  std::swap(heard, heard_);
  return heard;
}

void Talk::start_tls() { starts_tls_ = true; }

void Talk::feed(const std::string& text) {
  unread_ += text;
  while (!unread_.empty() && !closed_) {
    const std::size_t used = dialogue_->received(unread_, *this);
    if (starts_tls_) {
      starts_tls_ = false;
      unread_.clear();
      peer_.tls = true;
      dialogue_->opened(*this);
      return;
    }
    if (used == 0) return;
    unread_.erase(0, used);
  }
}

std::string Talk::say(const std::string& text) {
  feed(text);
  return heard();
}

std::string Talk::say_in_pieces(const std::string& text, std::size_t piece) {
  for (std::size_t at = 0; at < text.size(); at += piece) feed(text.substr(at, piece));
  return heard();
}

mail::Peer local_peer() { return {"127.0.0.1", true, false, false, 1}; }
mail::Peer tls_peer() { return {"192.0.2.7", false, true, false, 2}; }
mail::Peer far_peer() { return {"192.0.2.7", false, false, true, 3}; }

}  // namespace testing
