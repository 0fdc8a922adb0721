#include "server/smtp_connector.h"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "server/address.h"
#include "server/tls.h"

namespace server {

namespace {

using mail::smtp::Wire;
using mail::smtp::WireBroken;
using Time = std::chrono::steady_clock::time_point;

std::string system_reason(int error) { return std::strerror(error); }

std::string tls_reason(SSL* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
  const unsigned long error = ERR_peek_last_error();
  const char* text = error == 0 ? nullptr : ERR_reason_error_string(error);
  return text == nullptr ? "the connection has ended" : text;
}

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

/// Waits until the socket is ready, the time is up, or the server shuts down.
void await(int socket, int interrupted, short events, Time deadline) {
  std::array<pollfd, 2> watched{pollfd{socket, events, 0}, pollfd{interrupted, POLLIN, 0}};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw WireBroken("no answer in time");
    const auto most = std::min<std::int64_t>(left.count(), 3'600'000);
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(most));
    if (ready < 0 && errno != EINTR) throw WireBroken(system_reason(errno));
    if (watched[1].revents != 0) throw WireBroken("the server is shutting down");
    if (ready > 0 && watched[0].revents != 0) return;
  }
}

class SocketWire final : public Wire {
 public:
  SocketWire(int socket, int interrupted, SSL_CTX* context, std::string host, Time deadline)
      : socket_(socket), interrupted_(interrupted), context_(context), host_(std::move(host)), deadline_(deadline) {}

  void deadline(Time when) override { deadline_ = when; }

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      std::size_t sent = 0;
      if (tls_) {
        run([&] { return SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent); });
      } else {
        const ssize_t count = ::send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (!went(count, POLLOUT)) continue;
        sent = static_cast<std::size_t>(count);
      }
      bytes.remove_prefix(sent);
    }
  }

  std::string read() override {
    std::string buffer(std::size_t{16} * 1024, '\0');
    std::size_t got = 0;
    if (tls_) {
      run([&] { return SSL_read_ex(tls_.get(), buffer.data(), buffer.size(), &got); });
    } else {
      ssize_t count = -1;
      while (count < 0) {
        count = ::recv(socket_.descriptor(), buffer.data(), buffer.size(), 0);
        went(count, POLLIN);
      }
      if (count == 0) throw WireBroken("the other server has closed the connection");
      got = static_cast<std::size_t>(count);
    }
    buffer.resize(got);
    return buffer;
  }

  void start_tls(Certificate certificate) override {
    tls_.reset(SSL_new(context_));
    if (!tls_ || SSL_set_fd(tls_.get(), socket_.descriptor()) != 1) throw WireBroken("no memory for TLS");
    const bool address = Address::parse(host_).has_value();
    bool named = true;
    if (address) {
      named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), host_.c_str()) == 1;
    } else {
      named = SSL_set_tlsext_host_name(tls_.get(), host_.c_str()) == 1 && SSL_set1_host(tls_.get(), host_.c_str()) == 1;
    }
    if (!named) throw WireBroken("no host name for TLS: " + host_);
    SSL_set_verify(tls_.get(), certificate == Certificate::verified ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    run([&] { return SSL_connect(tls_.get()); });
  }

 private:
  /// False where it is to be tried again.
  bool went(ssize_t count, short events) {
    if (count >= 0) return true;
    if (errno == EAGAIN) {
      await(socket_.descriptor(), interrupted_, events, deadline_);
    } else if (errno != EINTR) {
      throw WireBroken(system_reason(errno));
    }
    return false;
  }

  template <class F>
  void run(F&& action) {
    while (true) {
      ERR_clear_error();
      const int done = action();
      if (done > 0) return;
      const int error = SSL_get_error(tls_.get(), done);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        throw WireBroken("TLS: " + tls_reason(tls_.get()));
      await(socket_.descriptor(), interrupted_, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline_);
    }
  }

  storage::File socket_;
  int interrupted_;
  SSL_CTX* context_;
  std::string host_;
  Time deadline_;
  std::unique_ptr<SSL, FreeSsl> tls_;
};

/// A socket that is connected, or -1 and why in `reason`.
int connect_to(const addrinfo& address, int interrupted, Time deadline, std::string& reason) {
  const int descriptor =
      ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol);
  if (descriptor < 0) {
    reason = system_reason(errno);
    return -1;
  }
  storage::File owner(descriptor);
  if (::connect(descriptor, address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) {
      reason = system_reason(errno);
      return -1;
    }
    await(descriptor, interrupted, POLLOUT, deadline);
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      reason = system_reason(error);
      return -1;
    }
  }
  return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

}  // namespace

SmtpConnector::SmtpConnector()
    : interrupted_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), tls_(SSL_CTX_new(TLS_client_method())) {
  if (tls_ == nullptr || SSL_CTX_set_default_verify_paths(tls_) != 1) {
    SSL_CTX_free(tls_);
    throw TlsError("the system's certificates can't be read");
  }
  SSL_CTX_set_min_proto_version(tls_, TLS1_2_VERSION);
  SSL_CTX_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

SmtpConnector::~SmtpConnector() { SSL_CTX_free(tls_); }

void SmtpConnector::interrupt() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(interrupted_.descriptor(), &one, sizeof one));
}

std::unique_ptr<Wire> SmtpConnector::connect(const std::string& host, std::uint16_t port, Time deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) throw WireBroken(host + ": " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  std::string reason = "no address";
  for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
    const int socket = connect_to(*one, interrupted_.descriptor(), deadline, reason);
    if (socket >= 0) return std::make_unique<SocketWire>(socket, interrupted_.descriptor(), tls_, host, deadline);
  }
  throw WireBroken(host + " port " + std::to_string(port) + ": " + reason);
}

}  // namespace server
