#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/loop.h"
#include "server/loop_transport.h"

namespace server {

/// One connection: its socket, what is on its way out, its session. Run by one worker at a time, without a lock:
/// whoever has something for it posts a reason, and the first to post runs it until no reason is left.
class Connection final : private Link {
 public:
  using Clock = std::chrono::steady_clock;

  enum Reason : unsigned {
    event = 1,  ///< the socket is ready
    timer = 2,  ///< a deadline may have passed
    wake = 4,   ///< Loop::wake
    drain = 8,  ///< shutting down
    cut = 16,   ///< shutting down now
  };

  Connection(Loop::State& loop, std::shared_ptr<const Listener> listener, Descriptor socket, Peer peer);
  ~Connection();

  /// Runs the connection for `reason` here, or has it run by the worker that is running it.
  void post(Reason reason, Buffers& buffers);

  std::uint64_t id() const { return peer_.id; }
  int descriptor() const { return transport_.descriptor(); }

 private:
  enum class Stage { fresh, proxy_header, handshake, open, lingering, closed };
  enum class Interest { read, write, nothing };
  enum class Ending { none, close, linger };

  const Peer& peer() const override { return peer_; }
  void send(std::string bytes) override;
  void send(storage::Segment segment) override;
  void close() override;
  void close_lingering() override { ending_ = Ending::linger; }
  void start_tls() override { tls_wanted_ = true; }
  bool tls_possible() const override { return listener_->tls != nullptr; }
  void pause() override { paused_ = true; }
  void deadline(Clock::time_point when) override { session_deadline_ = when; }
  bool draining() const override;

  void run(unsigned reasons, Buffers& buffers);
  bool expired();
  bool step(Buffers& buffers);  ///< false: parked or closed
  bool begin();
  bool read_proxy_header();
  bool admit();
  bool shake_hands();
  void open_session();
  bool step_open(Buffers& buffers);
  bool flush(Buffers& buffers);
  bool receive(Buffers& buffers);
  void feed(std::string_view fresh);
  void drop_pending();
  bool linger(Buffers& buffers);
  bool finish();

  bool park(Interest interest);
  void schedule();
  bool park(Transport::State state);
  Clock::time_point deadline_now() const;
  bool shut();  ///< closes at once; false

  Loop::State& loop_;
  std::shared_ptr<const Listener> listener_;
  Transport transport_;
  Peer peer_;
  std::unique_ptr<Session> session_;
  Outgoing outgoing_;
  std::string pending_;  ///< input the session has not used yet, after the first pending_used_
  std::size_t pending_used_ = 0;

  std::atomic<unsigned> state_{0};  ///< reasons, and whether somebody runs it
  Stage stage_ = Stage::fresh;
  Ending ending_ = Ending::none;
  bool tls_wanted_ = false;
  bool paused_ = false;
  bool draining_ = false;
  bool drain_told_ = false;
  bool woken_ = false;
  bool ended_ = false;
  bool ended_told_ = false;
  bool had_output_ = false;
  bool fed_ = true;  ///< the session has seen what is pending
  bool counted_ = false;
  bool write_blocked_ = false;
  std::size_t turn_octets_ = 0;

  Clock::time_point session_deadline_ = Clock::time_point::max();
  Clock::time_point stage_deadline_ = Clock::time_point::max();
  Clock::time_point scheduled_ = Clock::time_point::max();  ///< the earliest entry with Deadlines
  Clock::time_point write_start_{};
  Clock::time_point write_deadline_ = Clock::time_point::max();
  std::uint64_t write_octets_ = 0;
  std::uint64_t lingered_ = 0;
};

}  // namespace server
