#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/address.h"
#include "server/tls.h"
#include "storage/spool.h"

namespace server {

/// Who is at the other end of a connection.
struct Peer {
  std::optional<Address> address;  ///< nothing for a local (AF_UNIX) socket
  std::uint16_t port = 0;
  std::uint16_t local_port = 0;
  bool tls = false;      ///< the connection is encrypted here
  std::string text;      ///< the address as text; "local" for a local socket
  std::uint64_t id = 0;  ///< names the connection in the log and to Loop::wake
};

/// What a session may ask of its connection. Valid only during a call of the session.
class Link {
 public:
  virtual const Peer& peer() const = 0;

  /// Queues octets; they go out when the session's function returns, at the pace of the reader. While octets wait,
  /// the session gets no input.
  virtual void send(std::string bytes) = 0;
  virtual void send(storage::Segment segment) = 0;

  /// Closes the connection after what is queued has been sent.
  virtual void close() = 0;

  /// The same where input may be unread: what still comes is discarded up to a bound, so that the answer isn't lost by
  /// a reset (RFC 9112 9.6).
  virtual void close_lingering() = 0;

  /// Starts TLS after what is queued has been sent; plaintext that is already here is dropped (STARTTLS).
  virtual void start_tls() = 0;

  /// Whether the listener has certificates for start_tls.
  virtual bool tls_possible() const = 0;

  /// Takes no more input until Loop::wake or the deadline: the session waits for something here.
  virtual void pause() = 0;

  /// When input is waited for: Session::expired is called at that time unless another deadline was set before.
  virtual void deadline(std::chrono::steady_clock::time_point when) = 0;

  /// True once the server is shutting down.
  virtual bool draining() const = 0;

 protected:
  ~Link() = default;
};

/// One side of a conversation, as a state machine: it is given octets and queues octets. Never called by two threads at
/// a time. It may wait for the store, never for its peer. A session that has nothing to do holds no buffers.
class Session {
 public:
  virtual ~Session() = default;

  /// The connection is ready (for TLS: after the handshake). Sends a greeting, sets the first deadline.
  virtual void opened(Link& link) = 0;

  /// Takes octets that have arrived and returns how many it has used. The rest is given again, with what follows it,
  /// when more arrives or what was queued has been sent; so use all that can be used, and keep a partial command.
  virtual std::size_t received(std::string_view bytes, Link& link) = 0;

  /// All that was queued has gone out.
  virtual void sent(Link&) {}

  /// The peer has closed its sending side. The default closes.
  virtual void ended(Link& link) { link.close(); }

  /// The deadline has passed.
  virtual void expired(Link& link) { link.close(); }

  /// Loop::wake was called. Not called while octets are waiting to be sent; then it comes after them.
  virtual void woken(Link&) {}

  /// The server is shutting down: close now if nothing is going on, otherwise when it is done.
  virtual void drain(Link& link) { link.close(); }
};

class Loop;

/// Makes sessions; one for each kind of listener. Safe for use by many threads.
class Protocol {
 public:
  virtual ~Protocol() = default;

  /// A listener with this protocol was added to `loop`, which outlives all its sessions.
  virtual void attached(Loop&) {}

  virtual std::unique_ptr<Session> open(const Peer& peer) = 0;
};

/// A place to accept connections.
struct Listener {
  std::string name;                       ///< for the log: "https", "imaps" …
  std::string address = "0.0.0.0";        ///< an IP address; "::" takes IPv4 as well; or the path of a local socket
  std::uint16_t port = 0;                 ///< 0: any free port; Loop::listen returns it
  std::shared_ptr<Tls> tls;               ///< contexts for connections that start with TLS or ask for it; null for none
  bool implicit_tls = true;               ///< with `tls`: the handshake comes first
  std::vector<Cidr> proxy_protocol_from;  ///< from these, a PROXY protocol header (v1 or v2) comes first
  std::shared_ptr<Protocol> protocol;
};

struct LoopLimits {
  std::size_t connections = 50'000;
  std::size_t connections_per_address = 500;       ///< IPv6: per /64
  std::vector<Cidr> uncounted;                     ///< addresses without that limit: proxies
  std::chrono::milliseconds handshake{20'000};     ///< TLS handshake and PROXY header
  std::chrono::milliseconds write_stall{60'000};   ///< a reader that takes nothing for so long is cut off
  std::chrono::milliseconds write_grace{120'000};  ///< … and one that is slower than write_rate after this time
  std::uint64_t write_rate = 512;                  ///< octets a second
  std::chrono::milliseconds linger{3'000};
  std::uint64_t linger_octets = 1024 * 1024;
};

/// Counts since the start, and what is there now.
struct LoopMetrics {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused_total{0};  ///< over LoopLimits::connections, or out of descriptors
  std::atomic<std::uint64_t> refused_per_address{0};
  std::atomic<std::uint64_t> rests{
      0};  ///< times that a listener wasn't watched for a moment: nothing could be accepted
  std::atomic<std::uint64_t> handshakes_failed{0};
  std::atomic<std::uint64_t> proxy_headers_failed{0};
  std::atomic<std::uint64_t> timed_out{0};  ///< handshakes and slow readers; sessions count their own
  std::atomic<std::uint64_t> received_octets{0};
  std::atomic<std::uint64_t> sent_octets{0};
  std::atomic<std::uint64_t> open{0};    ///< connections now
  std::atomic<std::uint64_t> active{0};  ///< of these, run by a worker at this moment; the rest are parked
};

/// The leader/follower loop: all workers wait on one epoll; the one that gets a connection's event reads, runs the
/// session, writes, and parks it again. No worker ever waits for a socket.
class Loop {
 public:
  /// `log` gets what an administrator should see (an address over its limit, no descriptors left); it may be empty.
  explicit Loop(unsigned workers, LoopLimits limits = {}, std::function<void(const std::string&)> log = {});

  /// Stops as by drain with no time.
  ~Loop();

  /// Binds and listens; connections are accepted once started. Throws std::runtime_error naming address and reason.
  /// Returns the port.
  std::uint16_t listen(Listener listener);

  void start();

  unsigned workers() const;

  /// Calls Session::woken on a worker, soon; nothing happens when the connection is gone. From any thread, and cheap.
  void wake(std::uint64_t connection);

  /// For connections accepted and deadlines set from now on.
  void set_limits(LoopLimits limits);

  /// Stops accepting, lets every session drain, waits until all are gone or `bound` has passed, cuts off the rest, and
  /// ends the workers. Returns how many were cut off. After that the loop is done.
  std::size_t drain(std::chrono::milliseconds bound);

  const LoopMetrics& metrics() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace server
