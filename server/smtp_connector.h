#pragma once

#include <memory>

#include "mail/smtp/wire.h"
#include "storage/spool.h"

struct ssl_ctx_st;

namespace server {

/// Connections to the relay, over sockets and OpenSSL. What is verified is verified by the system's certificates.
class SmtpConnector final : public mail::smtp::Connector {
 public:
  /// Throws TlsError where there are no such certificates.
  SmtpConnector();
  ~SmtpConnector() override;
  SmtpConnector(const SmtpConnector&) = delete;
  SmtpConnector& operator=(const SmtpConnector&) = delete;

  std::unique_ptr<mail::smtp::Wire> connect(const std::string& host, std::uint16_t port,
                                            std::chrono::steady_clock::time_point deadline) override;
  void interrupt() override;

 private:
  storage::File interrupted_;  ///< an eventfd: readable from then on
  ssl_ctx_st* tls_;
};

}  // namespace server
