#include "server/hooks/channel.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace server {

namespace {

using mail::hooks::Channel;
using mail::hooks::Clock;
using mail::hooks::Deadline;
using mail::hooks::Failed;

struct Place {
  sockaddr_storage address{};
  socklen_t size = 0;
};

[[noreturn]] void fail(const char* what) {
  throw Failed(std::string(what) + ": " + std::generic_category().message(errno));
}

class SocketChannel : public Channel {
 public:
  SocketChannel(const Place& place, Deadline deadline)
      : socket_(::socket(place.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    if (socket_ < 0) fail("no socket can be made");
    try {
      connect(place, deadline);
    } catch (...) {
      ::close(socket_);
      throw;
    }
  }
  ~SocketChannel() override { ::close(socket_); }
  SocketChannel(const SocketChannel&) = delete;
  SocketChannel& operator=(const SocketChannel&) = delete;

  void send(std::string_view octets, Deadline deadline) override {
    while (!octets.empty()) {
      const ssize_t count = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (count >= 0) {
        octets.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        wait(POLLOUT, deadline);
      } else if (errno != EINTR) {
        fail("nothing can be sent to the filter");
      }
    }
  }

  std::size_t receive(char* buffer, std::size_t size, Deadline deadline) override {
    while (true) {
      const ssize_t count = ::recv(socket_, buffer, size, 0);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        wait(POLLIN, deadline);
      } else if (errno != EINTR) {
        fail("the filter can't be read");
      }
    }
  }

 private:
  void connect(const Place& place, Deadline deadline) {
    // Small packets that are each answered: none is held back for the next.
    const int on = 1;
    if (place.address.ss_family != AF_UNIX) ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&place.address), place.size) == 0) return;
    if (errno != EINPROGRESS) fail("the filter can't be reached");
    wait(POLLOUT, deadline);
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    errno = error;
    if (error != 0) fail("the filter can't be reached");
  }

  void wait(short events, Deadline deadline) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) throw Failed("the filter takes too long");
    pollfd wanted{socket_, events, 0};
    if (::poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left + 1, INT_MAX))) < 0 && errno != EINTR) {
      fail("the filter can't be waited for");
    }
  }

  int socket_;
};

Place unix_place(const std::string& path) {
  Place place;
  auto& address = reinterpret_cast<sockaddr_un&>(place.address);
  if (path.empty() || path.front() != '/' || path.size() >= sizeof address.sun_path) {
    throw std::invalid_argument("a local socket is an absolute path of less than 108 octets");
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  place.size = sizeof address;
  return place;
}

Place internet_place(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  std::uint16_t port = 0;
  const char* begin = colon == std::string::npos ? nullptr : text.data() + colon + 1;
  const char* end = text.data() + text.size();
  if (begin == nullptr || std::from_chars(begin, end, port).ptr != end || port == 0) {
    throw std::invalid_argument("a filter is at \"unix:/PATH\" or an IP address and port, as in \"127.0.0.1:8891\"");
  }
  Place place;
  auto& four = reinterpret_cast<sockaddr_in&>(place.address);
  auto& six = reinterpret_cast<sockaddr_in6&>(place.address);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    place.size = sizeof four;
  } else if (::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    place.size = sizeof six;
  } else {
    throw std::invalid_argument("\"" + host + "\" is no IP address");
  }
  return place;
}

}  // namespace

mail::hooks::Dial dial_filter(const std::string& place) {
  const Place found = place.starts_with("unix:") ? unix_place(place.substr(5)) : internet_place(place);
  return [found](Deadline deadline) { return std::make_unique<SocketChannel>(found, deadline); };
}

}  // namespace server
