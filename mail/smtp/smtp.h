#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "mail/connection.h"
#include "mail/delivery.h"
#include "mail/services.h"

namespace mail::smtp {

enum class Role {
  lmtp,        ///< takes mail for accounts here, answering for each recipient. RFC 2033
  submission,  ///< takes mail from accounts here, for anybody. RFC 6409
};

/// What all who handle mail share. Safe for use by many threads.
class Office {
 public:
  /// `may_deliver` says of an address whether it may deliver by LMTP; this machine may.
  using MayDeliver = std::function<bool(const std::string& address)>;
  Office(const Services& services, DeliverHook hook, MayDeliver may_deliver);

  const Services& services() const { return services_; }
  const Settings& settings() const { return services_.settings.smtp; }
  const DeliverHook& hook() const { return hook_; }
  bool may_deliver(const Peer& peer) const;

  /// Whether an account may write to one more recipient now; counts it.
  bool admit(storage::Id account);

  /// Something has been queued.
  void queued() const;
  /// Who is told of it; set before the first session, and taken away when none is left.
  void on_queued(std::function<void()> wake);

 private:
  struct Spent {
    std::chrono::steady_clock::time_point since;
    std::size_t recipients = 0;
  };

  const Services& services_;
  DeliverHook hook_;
  MayDeliver may_deliver_;
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::map<storage::Id, Spent> spent_;
};

/// The server of either; `office` outlives it.
std::shared_ptr<Protocol> smtp(Office& office, Role role);

}  // namespace mail::smtp
