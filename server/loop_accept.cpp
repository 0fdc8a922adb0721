#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "server/loop_state.h"

namespace server {

namespace {

constexpr std::chrono::milliseconds resting_time{100};
constexpr int most_accepted = 16;  // in one turn; the listener stays ready, so another worker may go on meanwhile

Peer peer_of(const sockaddr_storage& from, std::uint16_t local_port) {
  Peer peer;
  peer.local_port = local_port;
  peer.text = "local";
  if (from.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(from);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &address.sin_addr, octets.size());
    peer.address = Address::v4(octets);
    peer.port = ntohs(address.sin_port);
  } else if (from.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(from);
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &address.sin6_addr, octets.size());
    peer.address = Address::v6(octets);
    peer.port = ntohs(address.sin6_port);
  }
  if (peer.address) peer.text = peer.address->text();
  return peer;
}

}  // namespace

void ConnectionTable::insert(std::shared_ptr<Connection> connection) {
  Shard& home = shard(connection->id());
  const std::lock_guard lock(home.mutex);
  home.connections.emplace(connection->id(), std::move(connection));
}

std::shared_ptr<Connection> ConnectionTable::find(std::uint64_t id) const {
  const Shard& home = shard(id);
  const std::lock_guard lock(home.mutex);
  const auto found = home.connections.find(id);
  return found == home.connections.end() ? nullptr : found->second;
}

void ConnectionTable::erase(std::uint64_t id) {
  Shard& home = shard(id);
  const std::lock_guard lock(home.mutex);
  home.connections.erase(id);
}

std::vector<std::uint64_t> ConnectionTable::ids() const {
  std::vector<std::uint64_t> all;
  for (const Shard& home : shards_) {
    const std::lock_guard lock(home.mutex);
    for (const auto& [id, connection] : home.connections) all.push_back(id);
  }
  return all;
}

bool AddressCounts::add(const Address& address, std::size_t most) {
  const std::lock_guard lock(mutex_);
  std::size_t& count = counts_[address.client_key()];
  if (count >= most) {
    if (count == 0) counts_.erase(address.client_key());
    return false;
  }
  ++count;
  return true;
}

void AddressCounts::remove(const Address& address) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(address.client_key());
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

void Loop::State::accept(std::size_t index, Buffers& buffers) {
  for (int count = 0; count < most_accepted && accept_one(index, buffers); ++count) {
  }
}

/// False when there is nothing more to accept.
bool Loop::State::accept_one(std::size_t index, Buffers& buffers) {
  const Open& open = listeners[index];
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  Descriptor socket(
      ::accept4(open.socket.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.get() < 0) {
    if (errno == EMFILE || errno == ENFILE) {
      if (!shed_one(open.socket.get())) rest(index);
      return false;
    }
    if (errno == ENOBUFS || errno == ENOMEM) {
      say("the system has no memory for a connection");
      rest(index);
      return false;
    }
    return errno == ECONNABORTED || errno == EINTR;
  }
  metrics.accepted.fetch_add(1, std::memory_order_relaxed);
  if (draining || metrics.open.load(std::memory_order_relaxed) >= limits()->connections) {
    metrics.refused_total.fetch_add(1, std::memory_order_relaxed);
    if (!draining) say("too many connections");
    return true;
  }
  const int one = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  take(open.listener, std::move(socket), peer_of(from, open.port), buffers);
  return true;
}

void Loop::State::take(const std::shared_ptr<const Listener>& listener, Descriptor socket, Peer peer,
                       Buffers& buffers) {
  peer.id = next_id.fetch_add(1, std::memory_order_relaxed);
  const int descriptor = socket.get();
  const auto connection = std::make_shared<Connection>(*this, listener, std::move(socket), std::move(peer));
  table.insert(connection);
  // Watched for nothing yet: it arms itself when it parks.
  watch(EPOLL_CTL_ADD, descriptor, EPOLLONESHOT, connection->id());
  connection->post(Connection::event, buffers);
  if (draining) post(connection->id(), Connection::drain);
}

/// No descriptor is left: refuses one connection by the reserve, so that the ready listener doesn't spin the workers.
/// False where that can't be done either: others take descriptors too, and may have been quicker.
bool Loop::State::shed_one(int listening) {
  say("no file descriptor is left for a connection");
  const std::lock_guard lock(mutex);
  reserve.reset();
  Descriptor refused(::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  const bool gone = refused.get() >= 0 || (errno != EMFILE && errno != ENFILE);
  if (refused.get() >= 0) metrics.refused_total.fetch_add(1, std::memory_order_relaxed);
  refused.reset();
  reserve = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return gone;
}

/// The listener stays ready and nothing can be accepted: it isn't watched until a moment has passed.
void Loop::State::rest(std::size_t index) {
  {
    const std::lock_guard lock(mutex);
    if (listeners[index].resting || draining) return;
    listeners[index].resting = true;
    ::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, listeners[index].socket.get(), nullptr);
  }
  metrics.rests.fetch_add(1, std::memory_order_relaxed);
  deadlines.add(first_listener_id + index, std::chrono::steady_clock::now() + resting_time);
}

void Loop::State::resume(std::size_t index) {
  const std::lock_guard lock(mutex);
  if (!listeners[index].resting || draining) return;
  if (watch_listener(index)) {
    listeners[index].resting = false;
  } else {
    deadlines.add(first_listener_id + index, std::chrono::steady_clock::now() + resting_time);
  }
}

}  // namespace server
