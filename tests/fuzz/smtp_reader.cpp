#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "mail/smtp/client.h"
#include "mail/smtp/command.h"
#include "mail/smtp/reader.h"
#include "mail/smtp/reply.h"
#include "mail/smtp/smtp.h"

using namespace mail::smtp;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

struct World {
  World() {
    std::string name = (std::filesystem::temp_directory_path() / "pileus-fuzz-XXXXXX").string();
    demand(::mkdtemp(name.data()) != nullptr);
    folder = name;
    storage::StoreOptions options;
    options.directory = folder;
    store = storage::open_store(options);
    accounts.emplace(*store, storage::PasswordPolicy{1, 64});
    mail::Settings settings;
    settings.host_name = "mail.example.org";
    settings.smtp.most_errors = 1'000'000;
    settings.smtp.most_message = 100'000;
    services.emplace(mail::Services{*store, *accounts, {}, settings});
    office.emplace(*services, mail::DeliverHook{}, Office::MayDeliver{});
  }
  ~World() { std::filesystem::remove_all(folder); }

  std::string folder;
  std::unique_ptr<storage::Store> store;
  std::optional<storage::Accounts> accounts;
  std::optional<mail::Services> services;
  std::optional<Office> office;
};

class Ear final : public mail::Connection {
 public:
  const mail::Peer& peer() const override { return peer_; }
  void send(std::string bytes) override { heard += bytes; }
  void send(storage::Segment segment) override { heard += segment.bytes; }
  void close() override { closed = true; }
  void start_tls() override { std::abort(); }  // it isn't possible here
  void pause() override {}
  void deadline(std::chrono::steady_clock::time_point) override {}
  void take_effort(Work work) override { work(*this, true); }
  bool draining() const override { return false; }

  std::string heard;
  bool closed = false;

 private:
  mail::Peer peer_{"127.0.0.1", true, false, false, 1};
};

std::string converse(Role role, const std::string& said, std::size_t piece) {
  static World world;
  Ear ear;
  const auto dialogue = smtp(*world.office, role)->open(ear.peer());
  dialogue->opened(ear);
  std::string unread;
  for (std::size_t at = 0; at < said.size() && !ear.closed; at += piece) {
    unread += said.substr(at, piece);
    while (!unread.empty() && !ear.closed) {
      const std::size_t used = dialogue->received(unread, ear);
      demand(used <= unread.size());
      if (used == 0) break;
      unread.erase(0, used);
    }
  }
  // What came so far is replies, line by line.
  demand(ear.heard.empty() || ear.heard.ends_with("\r\n"));
  return ear.heard;
}

void check_data(const std::string& text) {
  DataWriter writer;
  std::string sent = writer.next(text);
  sent += writer.end();
  DataReader reader;
  std::string received;
  demand(reader.read(sent, [&](std::string_view piece) { received += piece; }) == sent.size() && reader.ended());
  // The same once more changes nothing: all line ends are CR LF by now.
  DataWriter again;
  std::string repeated = again.next(received);
  repeated += again.end();
  demand(repeated == sent);
}

void check_commands(const std::string& text) {
  try {
    const RcptCommand rcpt = parse_rcpt("TO:" + text, {});
    const auto address = parse_address(rcpt.to.text());
    demand(address && *address == rcpt.to);
  } catch (const Refused& refused) {
    demand(refused.reply().code >= 500);
  }
  try {
    RemoteReply reply;
    demand(parse_reply(text, reply) <= text.size());
    demand(reply.text().find('\n') == std::string::npos);
  } catch (const WireBroken&) {
    return;
  }
}

}  // namespace

/// Both conversations, whole and in pieces, and what they are made of.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_data(text);
  check_commands(text);
  for (const Role role : {Role::lmtp, Role::submission}) {
    converse(role, text, 7);
    converse(role, text, text.size() + 1);
  }
  return 0;
}
