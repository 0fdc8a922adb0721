#include "server/loop_transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace server {

namespace {

constexpr std::size_t turn = 1024 * 1024;  // a fast reader of a large answer lets others have their turn after this
constexpr std::size_t most_pieces = 16;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

/// Copies the next octets of `outgoing` into `buffer`; nothing on a file that is shorter than it should be.
std::size_t gather(const Outgoing& outgoing, char* buffer, std::size_t size) {
  std::size_t filled = 0;
  std::uint64_t position = outgoing.position();
  for (std::size_t index = 0; filled < size; ++index, position = 0) {
    const storage::Segment* segment = outgoing.at(index);
    if (segment == nullptr) break;
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(segment->size() - position, size - filled));
    if (!segment->file) {
      std::memcpy(buffer + filled, segment->bytes.data() + position, count);
    } else if (segment->file->read(buffer + filled, count, segment->offset + position) != count) {
      return 0;
    }
    filled += count;
  }
  return filled;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

void Descriptor::reset() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

void Outgoing::push(storage::Segment segment) {
  if (segment.size() == 0) return;
  if (segments_.empty()) segments_.reserve(2);
  segments_.push_back(std::move(segment));
}

const storage::Segment* Outgoing::at(std::size_t index) const {
  return first_ + index < segments_.size() ? &segments_[first_ + index] : nullptr;
}

void Outgoing::consume(std::uint64_t octets) {
  position_ += octets;
  while (first_ < segments_.size() && position_ >= segments_[first_].size()) {
    position_ -= segments_[first_].size();
    segments_[first_++] = {};
  }
  if (empty()) {
    segments_ = {};
    first_ = 0;
  }
}

void Transport::SslFree::operator()(ssl_st* ssl) const { SSL_free(ssl); }

Transport::~Transport() = default;

bool Transport::start_tls(std::shared_ptr<const TlsContexts> contexts) {
  contexts_ = std::move(contexts);
  ssl_.reset(SSL_new(contexts_->first()));
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket_.get()) != 1) {
    ERR_clear_error();
    return false;
  }
  SSL_set_accept_state(ssl_.get());
  return true;
}

Transport::State Transport::tls_state(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return State::want_read;
    case SSL_ERROR_WANT_WRITE:
      return State::want_write;
    case SSL_ERROR_ZERO_RETURN:
      return State::ended;
    default:
      // After a fatal error the connection must not be shut down in order (SSL_get_error(3)).
      broken_ = true;
      ERR_clear_error();
      return State::failed;
  }
}

Transport::State Transport::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return tls_state(result);
  established_ = true;
  return State::done;
}

Transport::Result Transport::read(Buffers& buffers) {
  if (ssl_) {
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), buffers.in.data(), buffers.in.size(), &got);
    if (result != 1) return {tls_state(result), 0, false};
    return {State::done, got, got >= 16 * 1024 || hidden_input()};
  }
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), buffers.in.data(), buffers.in.size(), 0);
    if (got > 0) {
      const auto octets = static_cast<std::size_t>(got);
      return {State::done, octets, octets == buffers.in.size()};
    }
    if (got == 0) return {State::ended, 0, false};
    if (errno == EINTR) continue;
    return {would_block() ? State::want_read : State::failed, 0, false};
  }
}

Transport::Result Transport::write(Outgoing& outgoing, Buffers& buffers) {
  return ssl_ ? write_tls(outgoing, buffers) : write_plain(outgoing);
}

Transport::Result Transport::write_plain(Outgoing& outgoing) {
  Result total;
  while (!outgoing.empty() && total.octets < turn) {
    ssize_t sent = 0;
    if (outgoing.front().file) {
      const storage::Segment& segment = outgoing.front();
      auto offset = static_cast<off_t>(segment.offset + outgoing.position());
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(segment.length - outgoing.position(), turn));
      sent = ::sendfile(socket_.get(), segment.file->descriptor(), &offset, count);
      if (sent == 0) return {State::failed, total.octets, false};  // the file is shorter than it should be
    } else {
      std::array<iovec, most_pieces> pieces{};
      std::size_t count = 0;
      std::uint64_t position = outgoing.position();
      const storage::Segment* segment = outgoing.at(0);
      for (; count < most_pieces && segment != nullptr && !segment->file;
           segment = outgoing.at(++count), position = 0) {
        pieces[count] = {const_cast<char*>(segment->bytes.data()) + position, segment->bytes.size() - position};
      }
      msghdr message{};
      message.msg_iov = pieces.data();
      message.msg_iovlen = count;
      sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | (segment != nullptr ? MSG_MORE : 0));
    }
    if (sent < 0) {
      if (errno == EINTR) continue;
      total.state = would_block() ? State::want_write : State::failed;
      return total;
    }
    outgoing.consume(static_cast<std::uint64_t>(sent));
    total.octets += static_cast<std::size_t>(sent);
  }
  if (!outgoing.empty()) total.state = State::want_write;
  return total;
}

Transport::Result Transport::write_tls(Outgoing& outgoing, Buffers& buffers) {
  Result total;
  while (!outgoing.empty() && total.octets < turn) {
    // After "want write" OpenSSL wants the same octets again. They are: the queue only grows, and files don't change.
    const std::size_t size = gather(outgoing, buffers.out.data(), buffers.out.size());
    if (size == 0) return {State::failed, total.octets, false};
    ERR_clear_error();
    std::size_t sent = 0;
    const int result = SSL_write_ex(ssl_.get(), buffers.out.data(), size, &sent);
    if (result != 1) {
      total.state = tls_state(result);
      return total;
    }
    outgoing.consume(sent);
    total.octets += sent;
  }
  if (!outgoing.empty()) total.state = State::want_write;
  return total;
}

Transport::Result Transport::discard(Buffers& buffers) {
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), buffers.in.data(), buffers.in.size(), 0);
    if (got > 0) return {State::done, static_cast<std::size_t>(got), true};
    if (got == 0) return {State::ended, 0, false};
    if (errno != EINTR) return {would_block() ? State::want_read : State::failed, 0, false};
  }
}

void Transport::acknowledge() {
  const int one = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
}

void Transport::end_writing() {
  if (ssl_ && established_ && !broken_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(socket_.get(), SHUT_WR);
}

bool Transport::hidden_input() const { return ssl_ && SSL_has_pending(ssl_.get()) == 1; }

bool Transport::lost() const {
  pollfd state{socket_.get(), 0, 0};
  return ::poll(&state, 1, 0) == 1;  // errors and the end of both directions are what is told without being asked for
}

void Transport::close() {
  ssl_.reset();
  contexts_.reset();
  socket_.reset();
}

}  // namespace server
