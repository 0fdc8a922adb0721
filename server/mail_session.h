#pragma once

#include <memory>

#include "mail/connection.h"
#include "server/http_gate.h"
#include "server/loop.h"

namespace server {

/// Lets a protocol of mail/ speak on the connections of a Loop.
class MailProtocol : public Protocol {
 public:
  explicit MailProtocol(std::shared_ptr<mail::Protocol> protocol) : protocol_(std::move(protocol)) {}

  void attached(Loop& loop) override;
  std::unique_ptr<Session> open(const Peer& peer) override;

 private:
  std::shared_ptr<mail::Protocol> protocol_;
  Gate efforts_;
};

}  // namespace server
