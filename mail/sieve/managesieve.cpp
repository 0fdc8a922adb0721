#include "mail/sieve/managesieve.h"

#include "mail/sieve/session.h"

namespace mail::sieve {

namespace {

class ManageSieve final : public Protocol {
 public:
  explicit ManageSieve(const Services& services) : services_(services) {}
  std::unique_ptr<Dialogue> open(const Peer&) override { return std::make_unique<Session>(services_); }

 private:
  Services services_;
};

}  // namespace

std::shared_ptr<Protocol> managesieve(const Services& services) { return std::make_shared<ManageSieve>(services); }

}  // namespace mail::sieve
