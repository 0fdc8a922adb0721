#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "mail/smtp/runner.h"
#include "mail/smtp/smtp.h"
#include "storage/accounts.h"
#include "storage/store.h"

namespace testing {

/// A folder that goes away with its owner.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A store with accounts ada (ada@example.org, countess@example.org) and eve (eve@example.org), a group team
/// (team@example.org) of both, and what serves mail for them. Passwords are "secret".
struct Post {
  explicit Post(mail::smtp::Settings settings = {}, mail::DeliverHook hook = {});

  storage::Account account(const std::string& name);
  /// The messages in a mailbox, in order.
  std::vector<std::string> messages(const std::string& account, const std::string& mailbox = "INBOX");
  std::vector<storage::QueuedMessage> queue();
  std::string queued_octets(const storage::QueuedMessage& message);

  Folder folder;
  std::unique_ptr<storage::Store> store;
  storage::Accounts accounts;
  mail::Services services;
  mail::smtp::Office office;
};

/// A conversation with a session, without a socket.
class Talk : private mail::Connection {
 public:
  Talk(Post& post, mail::smtp::Role role, mail::Peer peer);

  /// Says something and returns what comes back.
  std::string say(const std::string& text);
  /// The same in pieces of so many octets.
  std::string say_in_pieces(const std::string& text, std::size_t piece);
  const std::string& greeting() const { return greeting_; }
  bool closed() const { return closed_; }
  void expire() { dialogue_->expired(*this); }
  std::string heard();

 private:
  const mail::Peer& peer() const override { return peer_; }
  void send(std::string bytes) override { heard_ += bytes; }
  void send(storage::Segment segment) override { heard_ += segment.bytes; }
  void close() override { closed_ = true; }
  void start_tls() override;
  void pause() override {}
  void deadline(std::chrono::steady_clock::time_point) override {}
  void take_effort(Work work) override { work(*this, false); }
  bool draining() const override { return false; }
  void feed(const std::string& text);

  mail::Peer peer_;
  std::unique_ptr<mail::Dialogue> dialogue_;
  std::string heard_;
  std::string unread_;
  std::string greeting_;
  bool closed_ = false;
  bool starts_tls_ = false;
};

mail::Peer local_peer();
mail::Peer tls_peer();
mail::Peer far_peer();

}  // namespace testing
