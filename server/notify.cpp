#include "server/notify.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "storage/spool.h"

namespace server {

namespace {

std::optional<std::uint64_t> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), number);
  if (error != std::errc{} || *end != '\0') return std::nullopt;
  return number;
}

void send(std::string_view state, int flags) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';  // an abstract socket
  const storage::File socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.descriptor() < 0) return;
  // The queue of a socket that nobody reads is soon full.
  const timeval patience{5, 0};
  static_cast<void>(::setsockopt(socket.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  static_cast<void>(::sendto(socket.descriptor(), state.data(), state.size(), MSG_NOSIGNAL | flags,
                             reinterpret_cast<const sockaddr*>(&address), size));
}

}  // namespace

void notify(std::string_view state) { send(state, 0); }

void notify_alive() { send("WATCHDOG=1", MSG_DONTWAIT); }

std::optional<std::chrono::microseconds> watchdog_interval() {
  const auto interval = number_in("WATCHDOG_USEC");
  if (!interval || *interval == 0) return std::nullopt;
  const auto process = number_in("WATCHDOG_PID");
  if (process && *process != static_cast<std::uint64_t>(::getpid())) return std::nullopt;
  return std::chrono::microseconds(*interval);
}

}  // namespace server
