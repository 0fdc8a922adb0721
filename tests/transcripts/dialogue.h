#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "mail/connection.h"

namespace transcripts {

/// Connections that dialogues have asked to be woken. Safe for use by many threads.
class Wakes {
 public:
  void add(std::uint64_t connection);
  /// Whether that one was asked for, once.
  bool take(std::uint64_t connection);
  /// Waits until that one is asked for; false if it isn't within the time.
  bool wait(std::uint64_t connection, std::chrono::milliseconds time);

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::set<std::uint64_t> connections_;
};

/// A connection in memory, with a dialogue at its other end: what the loop does, without sockets.
class Talk final : private mail::Connection {
 public:
  Talk(mail::Protocol& protocol, mail::Peer peer);
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  /// Gives the dialogue octets, at once or one by one, and lets it do all that it can do with them.
  enum class Pieces { whole, octets };
  void say(std::string_view octets, Pieces pieces = Pieces::whole);

  void wake();
  void expire();
  void drain();

  /// All that was said and not taken yet.
  std::string& heard() { return heard_; }
  /// The next line without its end; false if there is no whole one.
  bool take_line(std::string& line);
  bool closed() const { return closed_; }
  bool tls() const { return peer_.tls; }
  const mail::Peer& peer() const override { return peer_; }
  /// Octets that the dialogue left unused.
  std::size_t unused() const { return input_.size(); }

 private:
  void send(std::string bytes) override;
  void send(storage::Segment segment) override;
  void close() override { closing_ = true; }
  void start_tls() override { tls_wanted_ = true; }
  void pause() override {}
  void deadline(std::chrono::steady_clock::time_point) override {}
  void take_effort(Work work) override;
  bool draining() const override { return draining_; }

  void settle();

  mail::Peer peer_;
  std::unique_ptr<mail::Dialogue> dialogue_;
  std::string input_;
  std::string heard_;
  Work effort_;
  bool had_output_ = false;
  bool closing_ = false;
  bool closed_ = false;
  bool tls_wanted_ = false;
  bool draining_ = false;
};

}  // namespace transcripts
