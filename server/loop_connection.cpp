#include "server/loop_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>

#include "server/loop_state.h"
#include "server/proxy_protocol.h"

namespace server {

namespace {

constexpr unsigned running = 1u << 31;
constexpr std::size_t turn = 1024 * 1024;         // a fast sender lets others have their turn after this
constexpr std::size_t most_pending = 256 * 1024;  // a session that leaves more than this unused is at fault

}  // namespace

Connection::Connection(Loop::State& loop, std::shared_ptr<const Listener> listener, Descriptor socket, Peer peer)
    : loop_(loop), listener_(std::move(listener)), transport_(std::move(socket)), peer_(std::move(peer)) {
  loop_.metrics.open.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() = default;

void Connection::send(std::string bytes) {
  storage::Segment segment;
  segment.bytes = std::move(bytes);
  send(std::move(segment));
}

void Connection::send(storage::Segment segment) {
  outgoing_.push(std::move(segment));
  had_output_ = true;
}

/// Also while a session is running, before it has been told.
bool Connection::draining() const { return draining_ || loop_.draining; }

void Connection::close() {
  if (ending_ == Ending::none) ending_ = Ending::close;
}

void Connection::post(Reason reason, Buffers& buffers) {
  const unsigned before = state_.fetch_or(reason | running);
  if ((before & running) != 0) return;  // whoever runs it will see the reason
  loop_.metrics.active.fetch_add(1, std::memory_order_relaxed);
  for (unsigned expected = running;;) {
    const unsigned reasons = state_.exchange(running) & ~running;
    try {
      run(reasons, buffers);
    } catch (const std::exception& error) {
      loop_.say(std::string("a session failed: ") + error.what());
      shut();
    }
    expected = running;
    if (state_.compare_exchange_strong(expected, 0)) break;
  }
  loop_.metrics.active.fetch_sub(1, std::memory_order_relaxed);
}

void Connection::run(unsigned reasons, Buffers& buffers) {
  if (stage_ == Stage::closed) return;
  if ((reasons & cut) != 0) {
    shut();
    return;
  }
  if ((reasons & drain) != 0) draining_ = true;
  if (draining_ && (stage_ == Stage::proxy_header || stage_ == Stage::handshake)) {
    shut();
    return;
  }
  if ((reasons & wake) != 0) woken_ = true;
  if ((reasons & timer) != 0 && !expired() && reasons == timer) return;
  turn_octets_ = 0;
  while (stage_ != Stage::closed && step(buffers)) {
  }
}

/// An entry with Deadlines has come up. False when nothing has expired: then it stays parked, with another entry.
bool Connection::expired() {
  const auto now = Clock::now();
  // An entry that was overtaken by an earlier one comes up while a later one stands, and is not renewed.
  if (now >= scheduled_) scheduled_ = Clock::time_point::max();
  if (now < deadline_now()) {
    schedule();
    return false;
  }
  if (stage_ == Stage::open && outgoing_.empty()) {
    session_deadline_ = Clock::time_point::max();
    paused_ = false;
    session_->expired(*this);
    return true;
  }
  if (stage_ != Stage::lingering) loop_.metrics.timed_out.fetch_add(1, std::memory_order_relaxed);
  shut();
  return true;
}

bool Connection::step(Buffers& buffers) {
  switch (stage_) {
    case Stage::fresh:
      return begin();
    case Stage::proxy_header:
      return read_proxy_header();
    case Stage::handshake:
      return shake_hands();
    case Stage::open:
      return step_open(buffers);
    case Stage::lingering:
      return linger(buffers);
    case Stage::closed:
      return false;
  }
  return false;
}

bool Connection::begin() {
  stage_deadline_ = Clock::now() + loop_.limits()->handshake;
  if (peer_.address && contains(listener_->proxy_protocol_from, *peer_.address)) {
    stage_ = Stage::proxy_header;
    return true;
  }
  return admit();
}

bool Connection::read_proxy_header() {
  // The header is looked at and then taken exactly, so that TLS finds its first octet next.
  std::array<char, longest_proxy_header> bytes;
  const ssize_t got = ::recv(descriptor(), bytes.data(), bytes.size(), MSG_PEEK);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? park(Interest::read) : shut();
  if (got == 0) return shut();
  const ProxyHeader header = parse_proxy_header({bytes.data(), static_cast<std::size_t>(got)});
  if (header.state == ProxyHeader::State::invalid) {
    loop_.metrics.proxy_headers_failed.fetch_add(1, std::memory_order_relaxed);
    loop_.say("no valid PROXY header from " + peer_.text);
    return shut();
  }
  if (header.state == ProxyHeader::State::partial) {
    // What is here is seen again by every poll: taken for readable, it would spin. A header comes in one segment; a
    // torn one is waited for by looking again when more than this has arrived.
    const int enough = static_cast<int>(got) + 1;
    ::setsockopt(descriptor(), SOL_SOCKET, SO_RCVLOWAT, &enough, sizeof enough);
    return park(Interest::read);
  }
  const int one = 1;
  ::setsockopt(descriptor(), SOL_SOCKET, SO_RCVLOWAT, &one, sizeof one);
  if (::recv(descriptor(), bytes.data(), header.size, 0) != static_cast<ssize_t>(header.size)) return shut();
  if (header.address) {
    peer_.address = header.address;
    peer_.text = header.address->text();
    peer_.port = header.port;
  }
  return admit();
}

/// The client's address is known: counts it, then TLS or the session.
bool Connection::admit() {
  const auto limits = loop_.limits();
  if (peer_.address && !contains(limits->uncounted, *peer_.address)) {
    if (!loop_.addresses.add(*peer_.address, limits->connections_per_address)) {
      loop_.metrics.refused_per_address.fetch_add(1, std::memory_order_relaxed);
      loop_.say("too many connections from " + peer_.text);
      return shut();
    }
    counted_ = true;
  }
  if (listener_->tls && listener_->implicit_tls) {
    if (!transport_.start_tls(listener_->tls->current())) return shut();
    stage_ = Stage::handshake;
    return true;
  }
  open_session();
  return true;
}

bool Connection::shake_hands() {
  const Transport::State state = transport_.handshake();
  if (state == Transport::State::done) {
    peer_.tls = true;
    open_session();
    return true;
  }
  if (state == Transport::State::failed || state == Transport::State::ended) {
    loop_.metrics.handshakes_failed.fetch_add(1, std::memory_order_relaxed);
    return shut();
  }
  return park(state);
}

void Connection::open_session() {
  stage_ = Stage::open;
  stage_deadline_ = Clock::time_point::max();
  // After STARTTLS the session goes on; it is told that the connection is ready again.
  if (!session_) session_ = listener_->protocol->open(peer_);
  session_->opened(*this);
}

bool Connection::step_open(Buffers& buffers) {
  if (!outgoing_.empty()) return flush(buffers);
  if (had_output_) {
    had_output_ = false;
    fed_ = pending_.empty();
    session_->sent(*this);
    return true;
  }
  if (ending_ != Ending::none) return finish();
  if (tls_wanted_) {
    tls_wanted_ = false;
    drop_pending();
    fed_ = true;
    if (!listener_->tls || !transport_.start_tls(listener_->tls->current())) return shut();
    stage_ = Stage::handshake;
    stage_deadline_ = Clock::now() + loop_.limits()->handshake;
    return true;
  }
  if (draining_ && !drain_told_) {
    drain_told_ = true;
    session_->drain(*this);
    return true;
  }
  if (woken_) {
    woken_ = false;
    paused_ = false;
    session_->woken(*this);
    return true;
  }
  // A lost connection is told of again by every poll.
  if (paused_) return transport_.lost() ? shut() : park(Interest::nothing);
  if (!fed_) {
    feed({});
    return true;
  }
  if (ended_) {
    if (ended_told_) return shut();
    ended_told_ = true;
    session_->ended(*this);
    return true;
  }
  return receive(buffers);
}

bool Connection::flush(Buffers& buffers) {
  const Transport::Result result = transport_.write(outgoing_, buffers);
  loop_.metrics.sent_octets.fetch_add(result.octets, std::memory_order_relaxed);
  if (result.state == Transport::State::failed || result.state == Transport::State::ended) return shut();
  if (outgoing_.empty()) {
    write_blocked_ = false;
    write_deadline_ = Clock::time_point::max();
    return true;
  }
  const auto now = Clock::now();
  if (!write_blocked_) {
    write_blocked_ = true;
    write_start_ = now;
    write_octets_ = 0;
  }
  write_octets_ += result.octets;
  if (result.octets > 0 || write_deadline_ == Clock::time_point::max()) {
    const auto limits = loop_.limits();
    const auto earned =
        std::chrono::milliseconds(write_octets_ * 1000 / std::max<std::uint64_t>(limits->write_rate, 1));
    write_deadline_ = std::min(now + limits->write_stall, write_start_ + limits->write_grace + earned);
  }
  return park(result.state);
}

bool Connection::receive(Buffers& buffers) {
  if (turn_octets_ >= turn && !transport_.hidden_input()) return park(Interest::read);
  const Transport::Result result = transport_.read(buffers);
  switch (result.state) {
    case Transport::State::done:
      loop_.metrics.received_octets.fetch_add(result.octets, std::memory_order_relaxed);
      turn_octets_ += result.octets;
      feed({buffers.in.data(), result.octets});
      // Nothing more is there: back to the epoll, unless the session has caused something to do.
      if (!result.maybe_more && outgoing_.empty() && !had_output_ && ending_ == Ending::none && fed_ && !tls_wanted_ &&
          !paused_ && !woken_) {
        // A peer that says a thing in two pieces may hold back the second until the first is acknowledged (Nagle), for
        // which the system would wait 40 ms, hoping for an answer to put it on.
        transport_.acknowledge();
        return park(Interest::read);
      }
      return true;
    case Transport::State::ended:
      ended_ = true;
      return true;
    case Transport::State::failed:
      return shut();
    case Transport::State::want_read:
    case Transport::State::want_write:
      return park(result.state);
  }
  return shut();
}

/// Gives the session what it has left before and `fresh` octets, and keeps what it doesn't use.
void Connection::feed(std::string_view fresh) {
  fed_ = true;
  std::size_t used = 0;
  if (pending_.empty()) {
    used = std::min(session_->received(fresh, *this), fresh.size());
    pending_.assign(fresh.substr(used));
  } else {
    if (!fresh.empty()) {
      pending_.erase(0, pending_used_);
      pending_used_ = 0;
      pending_.append(fresh);
    }
    const std::string_view bytes = std::string_view(pending_).substr(pending_used_);
    used = std::min(session_->received(bytes, *this), bytes.size());
    pending_used_ += used;
    if (pending_used_ == pending_.size()) drop_pending();
  }
  // A session that has used some may want the rest at once: nothing else will bring it back.
  if (used > 0 && !pending_.empty() && outgoing_.empty()) fed_ = false;
  if (pending_.size() - pending_used_ > most_pending) ending_ = Ending::close;
}

void Connection::drop_pending() {
  pending_ = {};
  pending_used_ = 0;
}

bool Connection::finish() {
  transport_.end_writing();
  if (ending_ == Ending::close) return shut();
  stage_ = Stage::lingering;
  stage_deadline_ = Clock::now() + loop_.limits()->linger;
  session_.reset();
  drop_pending();
  return true;
}

bool Connection::linger(Buffers& buffers) {
  const Transport::Result result = transport_.discard(buffers);
  lingered_ += result.octets;
  if (result.state == Transport::State::want_read) return park(Interest::read);
  if (result.state != Transport::State::done || lingered_ > loop_.limits()->linger_octets) return shut();
  return true;
}

Connection::Clock::time_point Connection::deadline_now() const {
  if (stage_ != Stage::open) return stage_deadline_;
  return outgoing_.empty() ? session_deadline_ : write_deadline_;
}

bool Connection::park(Transport::State state) {
  return park(state == Transport::State::want_write ? Interest::write : Interest::read);
}

/// One entry that is early enough will do: when it comes up, the time is looked at again.
void Connection::schedule() {
  const auto deadline = deadline_now();
  if (deadline >= scheduled_) return;
  scheduled_ = deadline;
  loop_.deadlines.add(id(), deadline);
}

bool Connection::park(Interest interest) {
  schedule();
  std::uint32_t events = 0;  // a connection that is lost is told of in any case
  if (interest == Interest::read) events = EPOLLIN | EPOLLRDHUP;
  if (interest == Interest::write) events = EPOLLOUT;
  loop_.watch(EPOLL_CTL_MOD, descriptor(), events | EPOLLONESHOT, id());
  return false;
}

bool Connection::shut() {
  if (stage_ == Stage::closed) return false;
  stage_ = Stage::closed;
  session_.reset();
  outgoing_ = {};
  drop_pending();
  transport_.close();
  if (counted_) loop_.addresses.remove(*peer_.address);
  loop_.gone(id());
  return false;
}

}  // namespace server
