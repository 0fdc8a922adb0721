#include "tests/http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

namespace http_tests {

struct Client::Tls {
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, SSL_free};
};

namespace {

/// One for all clients: to make it is slow, and nothing of a client is kept in it.
SSL_CTX* client_context() {
  static const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                         SSL_CTX_free);
  return context.get();
}

}  // namespace

Client::Socket::Socket() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}

Client::Socket::Socket(Socket&& other) noexcept : descriptor_(other.release()) {}

Client::Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int Client::Socket::release() { return std::exchange(descriptor_, -1); }

AllDescriptors::AllDescriptors() {
  for (int next = ::dup(0); next >= 0; next = ::dup(0)) descriptors_.push_back(next);
}

AllDescriptors::~AllDescriptors() {
  for (const int descriptor : descriptors_) ::close(descriptor);
}

Client::Client(std::uint16_t port, const char* source) : Client(Socket(), port, source) {}

Client::Client(Socket socket, std::uint16_t port, const char* source) : socket_(socket.release()) {
  const timeval patience{20, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (source != nullptr) {
    ::inet_pton(AF_INET, source, &address.sin_addr);
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("bind");
  }
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error(std::string("cannot connect: ") + std::strerror(errno));
  }
}

Client::Client(Client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), tls_(std::move(other.tls_)), buffer_(std::move(other.buffer_)) {}

Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

bool Client::start_tls(const std::string& host, const std::string& protocol) {
  tls_ = std::make_unique<Tls>();
  tls_->ssl.reset(SSL_new(client_context()));
  SSL_set_fd(tls_->ssl.get(), socket_);
  if (!host.empty()) SSL_set_tlsext_host_name(tls_->ssl.get(), host.c_str());
  const std::string wire = static_cast<char>(protocol.size()) + protocol;
  SSL_set_alpn_protos(tls_->ssl.get(), reinterpret_cast<const unsigned char*>(wire.data()),
                      static_cast<unsigned>(wire.size()));
  return SSL_connect(tls_->ssl.get()) == 1;
}

std::string Client::certificate_name() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(tls_->ssl.get()), X509_free);
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  return name;
}

std::string Client::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls_->ssl.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool Client::send(std::string_view bytes) {
  if (tls_)
    return SSL_write(tls_->ssl.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Client::abort() {
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(socket_, -1));
}

void Client::end_sending() { ::shutdown(socket_, SHUT_WR); }

void Client::receive_little() {
  const int size = 4096;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

std::string Client::some(std::size_t count) {
  if (!buffer_.empty()) {
    std::string part = buffer_.substr(0, count);
    buffer_.erase(0, part.size());
    return part;
  }
  std::string bytes(count, '\0');
  if (tls_) {
    const int got = SSL_read(tls_->ssl.get(), bytes.data(), static_cast<int>(count));
    bytes.resize(static_cast<std::size_t>(std::max(got, 0)));
    return bytes;
  }
  const ssize_t got = ::recv(socket_, bytes.data(), count, 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw std::runtime_error("nothing came for 20 seconds");
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

Reply Client::reply(bool head_only) {
  Reply reply;
  std::string all;
  std::size_t end = std::string::npos;
  while ((end = all.find("\r\n\r\n")) == std::string::npos) {
    const std::string part = some(64 * 1024);
    if (part.empty()) throw std::runtime_error("closed before a whole response: \"" + all + "\"");
    all += part;
  }
  reply.head = all.substr(0, end + 4);
  buffer_ = all.substr(end + 4) + buffer_;
  if (!reply.head.starts_with("HTTP/1.1 ")) throw std::runtime_error("not a response: \"" + all + "\"");
  reply.status = std::stoi(reply.head.substr(9, 3));
  for (std::size_t at = reply.head.find("\r\n") + 2; at < end; at = reply.head.find("\r\n", at) + 2) {
    const std::string line = reply.head.substr(at, reply.head.find("\r\n", at) - at);
    std::string name = line.substr(0, line.find(':'));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    reply.fields[name] = line.substr(line.find(": ") + 2);
  }
  const bool body = !head_only && reply.status >= 200 && reply.status != 204 && reply.status != 304;
  if (body && reply.field("transfer-encoding") == "chunked") {
    while (const std::size_t size = std::stoul(line(), nullptr, 16)) {
      reply.body += exactly(size);
      if (!line().empty()) throw std::runtime_error("a chunk is longer than its size");
    }
    if (!line().empty()) throw std::runtime_error("trailers");
  } else if (body) {
    reply.body = exactly(std::stoul(reply.field("content-length")));
  }
  return reply;
}

std::string Client::exactly(std::size_t count) {
  std::string all;
  while (all.size() < count) {
    const std::string part = some(count - all.size());
    if (part.empty()) throw std::runtime_error("closed within a body");
    all += part;
  }
  return all;
}

std::string Client::line() {
  std::string text;
  while (!text.ends_with("\r\n")) text += exactly(1);
  return text.substr(0, text.size() - 2);
}

std::string Client::rest() {
  std::string all;
  for (std::string part = some(64 * 1024); !part.empty(); part = some(64 * 1024)) all += part;
  return all;
}

Reply once(std::uint16_t port, const std::string& request) {
  Client client(port);
  client.send(request);
  return client.reply();
}

}  // namespace http_tests
