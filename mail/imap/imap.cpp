#include "mail/imap/imap.h"

#include "mail/imap/session.h"

namespace mail::imap {

namespace {

class Imap final : public Protocol {
 public:
  explicit Imap(const Services& services) : shared_(std::make_shared<Shared>(services)) {}

  std::unique_ptr<Dialogue> open(const Peer&) override { return std::make_unique<Session>(shared_); }

 private:
  std::shared_ptr<Shared> shared_;  // its sessions may outlive it
};

}  // namespace

std::shared_ptr<Protocol> imap(const Services& services) { return std::make_shared<Imap>(services); }

}  // namespace mail::imap
