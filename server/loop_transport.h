#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/tls.h"
#include "storage/spool.h"

namespace server {

/// A file descriptor, closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }

  int get() const { return number_; }
  void reset();

 private:
  int number_ = -1;
};

/// Octets on their way out: pieces in memory and ranges of files.
class Outgoing {
 public:
  void push(storage::Segment segment);
  bool empty() const { return first_ == segments_.size(); }

  /// The first piece, and how much of it is gone.
  const storage::Segment& front() const { return segments_[first_]; }
  std::uint64_t position() const { return position_; }

  /// The piece `index` after the first; null when there is none.
  const storage::Segment* at(std::size_t index) const;

  /// Forgets the first `octets`. Memory is given back when nothing is left.
  void consume(std::uint64_t octets);

 private:
  std::vector<storage::Segment> segments_;
  std::size_t first_ = 0;
  std::uint64_t position_ = 0;
};

/// What a worker brings along, so that connections need no buffers of their own.
struct Buffers {
  std::array<char, 64 * 1024> in;
  std::array<char, 16 * 1024> out;  // one TLS record
};

/// A non-blocking socket, with TLS or without.
class Transport {
 public:
  enum class State { done, want_read, want_write, ended, failed };
  struct Result {
    State state = State::done;
    std::size_t octets = 0;
    bool maybe_more = false;  ///< of a read: another one may find something; otherwise polling will tell
  };

  explicit Transport(Descriptor socket) : socket_(std::move(socket)) {}
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  int descriptor() const { return socket_.get(); }
  bool tls() const { return ssl_ != nullptr; }

  /// From here on the socket speaks TLS; handshake() first.
  bool start_tls(std::shared_ptr<const TlsContexts> contexts);
  State handshake();

  Result read(Buffers& buffers);

  /// Sends from `outgoing` what the socket takes, up to about a mebibyte. `octets` are those sent, also when the state
  /// is not done.
  Result write(Outgoing& outgoing, Buffers& buffers);

  /// Reads and drops what has come, without regard to TLS.
  Result discard(Buffers& buffers);

  /// Acknowledges at once what has been received.
  void acknowledge();

  /// Tells the peer that nothing more will be sent.
  void end_writing();

  /// TLS has octets that polling doesn't show.
  bool hidden_input() const;

  /// The peer has reset the connection.
  bool lost() const;

  /// Closes the socket.
  void close();

 private:
  struct SslFree {
    void operator()(ssl_st* ssl) const;
  };
  State tls_state(int result);
  Result write_plain(Outgoing& outgoing);
  Result write_tls(Outgoing& outgoing, Buffers& buffers);

  Descriptor socket_;
  std::shared_ptr<const TlsContexts> contexts_;  ///< shared: a set lives until the last connection made with it is gone
  std::unique_ptr<ssl_st, SslFree> ssl_;
  bool established_ = false;
  bool broken_ = false;
};

}  // namespace server
