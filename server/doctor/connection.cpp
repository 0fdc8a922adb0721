#include "server/doctor/connection.h"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "server/http_head.h"
#include "storage/names.h"

namespace server {

namespace {

constexpr int patience = 5;  ///< seconds, for each wait
constexpr std::size_t most_octets = std::size_t{64} << 10U;

bool connect_in_time(int socket, const sockaddr* address, socklen_t size) {
  const int flags = ::fcntl(socket, F_GETFL);
  ::fcntl(socket, F_SETFL, flags | O_NONBLOCK);
  if (::connect(socket, address, size) != 0) {
    pollfd wait{socket, POLLOUT, 0};
    if (errno != EINPROGRESS || ::poll(&wait, 1, patience * 1000) != 1) return false;
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0) return false;
  }
  ::fcntl(socket, F_SETFL, flags);
  const timeval bound{patience, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
  return true;
}

std::chrono::seconds time_left(const X509* certificate) {
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate)) != 1) return {};
  return std::chrono::hours(24) * days + std::chrono::seconds(seconds);
}

}  // namespace

std::optional<Connection> Connection::open(const std::vector<std::string>& addresses, std::uint16_t port) {
  for (const std::string& address : addresses) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) continue;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
    const int descriptor = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) continue;
    Connection connection(descriptor);
    if (connect_in_time(descriptor, found->ai_addr, found->ai_addrlen)) return connection;
  }
  return std::nullopt;
}

std::optional<TlsFacts> Connection::start_tls(const std::string& name, const std::string& ca) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_) return std::nullopt;
  SSL_CTX_set_default_verify_paths(context_.get());
  if (!ca.empty()) SSL_CTX_load_verify_locations(context_.get(), ca.c_str(), nullptr);
  ssl_.reset(SSL_new(context_.get()));
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket_->descriptor()) != 1) return std::nullopt;
  SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
  SSL_set1_host(ssl_.get(), name.c_str());
  const int done = SSL_connect(ssl_.get());
  ERR_clear_error();
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
  if (done != 1 || !certificate) return std::nullopt;
  TlsFacts facts;
  if (const long result = SSL_get_verify_result(ssl_.get()); result != X509_V_OK) {
    facts.fault = X509_verify_cert_error_string(result);
  }
  facts.left = time_left(certificate.get());
  return facts;
}

bool Connection::send(std::string_view octets) {
  while (!octets.empty()) {
    const auto sent = ssl_ ? SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size()))
                           : ::send(socket_->descriptor(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string Connection::receive(bool to_end) {
  std::string out;
  std::array<char, 4096> piece{};
  while (out.size() < most_octets && (to_end || out.find('\n') == std::string::npos)) {
    const auto got = ssl_ ? SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size()))
                          : ::recv(socket_->descriptor(), piece.data(), piece.size(), 0);
    if (got <= 0) break;
    out.append(piece.data(), static_cast<std::size_t>(got));
  }
  ERR_clear_error();
  return out;
}

std::string HttpAnswer::field(std::string_view name) const {
  std::string all;
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto end = std::min(rest.find("\r\n"), rest.size());
    const std::string_view line = rest.substr(0, end);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && same_text(line.substr(0, colon), name)) {
      std::string_view value = line.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      all.append(all.empty() ? "" : ", ").append(value);
    }
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return all;
}

HttpAnswer http_ask(Connection connection, std::string_view method, const std::string& authority,
                    const std::string& target) {
  HttpAnswer answer;
  const std::string request = std::string(method) + ' ' + target + " HTTP/1.1\r\nHost: " + authority +
                              "\r\nUser-Agent: pileus-doctor\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  if (!connection.send(request)) return answer;
  const std::string got = connection.receive(true);
  const auto end = got.find("\r\n\r\n");
  if (!got.starts_with("HTTP/1.") || end == std::string::npos || got.size() < 12) return answer;
  std::from_chars(got.data() + 9, got.data() + 12, answer.status);
  answer.head = got.substr(0, end);
  answer.body = got.substr(end + 4);
  return answer;
}

}  // namespace server
