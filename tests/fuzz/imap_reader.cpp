// What a client says to an IMAP session, before and after it has logged in. However the octets are cut, the session
// takes them, never holds back more than the loop allows, and says whole lines.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mail/imap/imap.h"
#include "storage/accounts.h"
#include "storage/store.h"

namespace {

constexpr std::size_t most_unused = 256 * 1024;

/// A store with an account, made once and gone with the process.
struct World {
  World() {
    std::string pattern = "/dev/shm/pileus-fuzz.XXXXXX";
    if (!::mkdtemp(pattern.data())) std::abort();
    folder = pattern;
    storage::StoreOptions options;
    options.directory = folder;
    store = storage::open_store(options);
    accounts = std::make_unique<storage::Accounts>(*store, storage::PasswordPolicy{1, 64, std::chrono::hours(24)});
    storage::Account ada;
    ada.name = "ada";
    accounts->create(ada, "secret");
    protocol = mail::imap::imap(mail::Services{*store, *accounts, [](std::uint64_t) {}, {}});
  }
  ~World() {
    protocol.reset();
    accounts.reset();
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::string folder;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<storage::Accounts> accounts;
  std::shared_ptr<mail::Protocol> protocol;
};

class Client final : public mail::Connection {
 public:
  explicit Client(mail::Protocol& protocol) {
    peer_.loopback = true;
    peer_.tls_possible = true;
    dialogue_ = protocol.open(peer_);
    dialogue_->opened(*this);
    settle();
  }

  void say(std::string_view octets) {
    if (ended_) return;
    input_ += octets;
    take();
    settle();
    if (input_.size() > most_unused) std::abort();
  }
  void disturb() {
    if (!ended_) dialogue_->woken(*this);
    settle();
  }

 private:
  const mail::Peer& peer() const override { return peer_; }
  void send(std::string bytes) override {
    last_ = bytes.empty() ? last_ : bytes.back();
    said_ = true;
  }
  void send(storage::Segment segment) override { said_ = segment.size() > 0 || said_; }
  void close() override { closing_ = true; }
  void start_tls() override { tls_ = true; }
  void pause() override {}
  void deadline(std::chrono::steady_clock::time_point) override {}
  void take_effort(Work work) override { effort_ = std::move(work); }
  bool draining() const override { return false; }

  void take() {
    const std::size_t used = dialogue_->received(input_, *this);
    if (used > input_.size()) std::abort();
    input_.erase(0, used);
  }

  void settle() {
    while (!ended_) {
      if (effort_) {
        std::exchange(effort_, nullptr)(*this, false);
      } else if (std::exchange(said_, false)) {
        dialogue_->sent(*this);
        if (!said_ && !effort_ && !closing_ && !tls_ && !input_.empty()) take();
      } else if (closing_) {
        if (last_ != '\n') std::abort();
        ended_ = true;
      } else if (std::exchange(tls_, false)) {
        input_.clear();
        peer_.tls = true;
        dialogue_->opened(*this);
      } else {
        return;
      }
    }
  }

  mail::Peer peer_;
  std::unique_ptr<mail::Dialogue> dialogue_;
  std::string input_;
  Work effort_;
  char last_ = '\n';
  bool said_ = false;
  bool closing_ = false;
  bool ended_ = false;
  bool tls_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  if (size < 1 || size > 64 * 1024) return 0;
  std::string_view said(reinterpret_cast<const char*>(data), size);
  const auto mode = static_cast<unsigned char>(said.front());
  said.remove_prefix(1);
  Client client(*world.protocol);
  if ((mode & 1) != 0) client.say("x LOGIN ada secret\r\n");
  if ((mode & 2) != 0) client.say("y SELECT INBOX\r\n");
  const std::size_t step = (mode & 4) != 0 ? 1 + (mode >> 3) : said.size();
  while (!said.empty()) {
    client.say(said.substr(0, step));
    said.remove_prefix(std::min(step, said.size()));
  }
  client.disturb();
  return 0;
}
