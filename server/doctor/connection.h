#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/spool.h"

namespace server {

/// What a server's certificate says of itself.
struct TlsFacts {
  std::string fault;             ///< why nobody would trust it; empty where all is well
  std::chrono::seconds left{0};  ///< until it expires
};

/// A connection such as a client makes: to the first of the addresses that takes it, with a bound on each wait.
class Connection {
 public:
  /// Nothing where no address takes it.
  static std::optional<Connection> open(const std::vector<std::string>& addresses, std::uint16_t port);

  /// TLS for that name. `ca` is a PEM file with what else is trusted; empty for the system's store alone. Goes on with
  /// a certificate that isn't trusted, so that the rest can be looked at; nothing where no TLS is spoken.
  std::optional<TlsFacts> start_tls(const std::string& name, const std::string& ca);

  /// All octets; false where the other end doesn't take them.
  bool send(std::string_view octets);

  /// What comes until the end of the line, or, where `to_end`, of the connection; at most 64 KiB.
  std::string receive(bool to_end);

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  explicit Connection(int descriptor) : socket_(std::make_unique<storage::File>(descriptor)) {}

  std::unique_ptr<storage::File> socket_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
};

/// An answer of HTTP.
struct HttpAnswer {
  int status = 0;  ///< 0 where none came
  std::string head;
  std::string body;

  std::string field(std::string_view name) const;  ///< all values of that name, joined by ", "
};

/// Asks over a connection that has been opened for it, and closes it.
HttpAnswer http_ask(Connection connection, std::string_view method, const std::string& authority,
                    const std::string& target);

}  // namespace server
