#include "mail/smtp/smtp.h"

#include "mail/smtp/session.h"

namespace mail::smtp {

namespace {

class Server final : public Protocol {
 public:
  Server(Office& office, Role role) : office_(office), role_(role) {}
  std::unique_ptr<Dialogue> open(const Peer&) override { return std::make_unique<Session>(office_, role_); }

 private:
  Office& office_;
  Role role_;
};

}  // namespace

Office::Office(const Services& services, DeliverHook hook, MayDeliver may_deliver)
    : services_(services), hook_(std::move(hook)), may_deliver_(std::move(may_deliver)) {}

bool Office::may_deliver(const Peer& peer) const {
  return peer.loopback || (may_deliver_ && may_deliver_(peer.address));
}

bool Office::admit(storage::Id account) {
  const std::size_t most = settings().recipients_per_hour;
  if (most == 0) return true;
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  Spent& spent = spent_[account];
  if (now - spent.since >= std::chrono::hours(1)) spent = {now, 0};
  if (spent.recipients >= most) return false;
  ++spent.recipients;
  return true;
}

void Office::queued() const {
  const std::lock_guard lock(mutex_);
  if (wake_) wake_();
}

void Office::on_queued(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

std::shared_ptr<Protocol> smtp(Office& office, Role role) { return std::make_shared<Server>(office, role); }

}  // namespace mail::smtp
