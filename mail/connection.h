#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/spool.h"

namespace mail {

/// Who is at the other end.
struct Peer {
  std::string address;           ///< as text; "local" for a local socket
  bool loopback = false;         ///< this machine, or a local socket
  bool tls = false;              ///< what is said can't be read on the way
  bool tls_possible = false;     ///< start_tls may be called
  std::uint64_t connection = 0;  ///< names it in the log and to Watch
};

/// What a dialogue may ask of its connection. Valid only during a call of the dialogue.
class Connection {
 public:
  virtual const Peer& peer() const = 0;

  /// Queues octets; they go out when the dialogue's function returns, at the pace of the reader. While octets wait, the
  /// dialogue gets no input.
  virtual void send(std::string bytes) = 0;
  virtual void send(storage::Segment segment) = 0;

  /// Closes the connection after what is queued has been sent.
  virtual void close() = 0;

  /// Starts TLS after what is queued has been sent; plaintext that is already here is dropped. Dialogue::opened is
  /// called again when it is there.
  virtual void start_tls() = 0;

  /// No input is taken until the dialogue is woken or its time is up.
  virtual void pause() = 0;

  /// Dialogue::expired is called when nothing has come until then, unless another time was set before.
  virtual void deadline(std::chrono::steady_clock::time_point when) = 0;

  /// Runs what keeps a processor busy (to check a password), now or when there is a turn for it; until then no input is
  /// taken and no worker held. With `full`, too many wait already: nothing was done.
  using Work = std::function<void(Connection&, bool full)>;
  virtual void take_effort(Work work) = 0;

  /// True once the server is shutting down.
  virtual bool draining() const = 0;

 protected:
  ~Connection() = default;
};

/// The server's side of a conversation (IMAP, LMTP …), as a state machine: it is given octets and queues octets. Never
/// called by two threads at a time. It may wait for the store, never for its peer. One that has nothing to do holds no
/// buffers.
class Dialogue {
 public:
  virtual ~Dialogue() = default;

  /// The connection is ready: at its beginning, and again after start_tls.
  virtual void opened(Connection& connection) = 0;

  /// Takes octets that have arrived and returns how many it has used. The rest is given again, with what follows it,
  /// when more arrives or what was queued has been sent. More than 256 KiB left unused is the end of the connection.
  virtual std::size_t received(std::string_view bytes, Connection& connection) = 0;

  /// All that was queued has gone out.
  virtual void sent(Connection&) {}

  /// The deadline has passed.
  virtual void expired(Connection& connection) = 0;

  /// Somebody has woken this connection (Protocol's `wake`).
  virtual void woken(Connection&) {}

  /// The server is shutting down: say so and close, or when what is going on is done.
  virtual void drain(Connection& connection) = 0;
};

/// Makes dialogues; one for each kind of listener. Safe for use by many threads.
class Protocol {
 public:
  virtual ~Protocol() = default;

  virtual std::unique_ptr<Dialogue> open(const Peer& peer) = 0;
};

/// Has Dialogue::woken called on a connection, soon; nothing happens when it is gone. From any thread.
using Wake = std::function<void(std::uint64_t connection)>;

}  // namespace mail
