#pragma once

#include <vector>

#include "mail/smtp/client.h"
#include "mail/smtp/recipients.h"
#include "mail/smtp/report.h"
#include "mail/smtp/smtp.h"
#include "storage/queue.h"

namespace mail::smtp {

/// One attempt to send a message that is leased.
class Attempt {
 public:
  Attempt(Office& office, Connector& connector, const Relay& relay, const storage::QueuedMessage& message,
          const storage::Segment& octets)
      : office_(office), connector_(connector), relay_(relay), message_(message), octets_(octets) {}

  /// What comes of each recipient, in their order.
  std::vector<RelayOutcome> send() const;

  /// Writes it into the queue, with the reports that are due for it. What `broken_off` has left is tried again at once.
  void settle(const std::vector<RelayOutcome>& outcomes, bool broken_off) const;

 private:
  void deliver_here(const std::vector<std::size_t>& which, const std::vector<Destination>& destinations,
                    std::vector<RelayOutcome>& outcomes) const;
  void relay_away(const std::vector<std::size_t>& which, std::vector<RelayOutcome>& outcomes) const;
  std::string report(Action action, const std::vector<ReportedRecipient>& recipients, storage::Timestamp now) const;

  Office& office_;
  Connector& connector_;
  const Relay& relay_;
  const storage::QueuedMessage& message_;
  const storage::Segment& octets_;
};

/// How long after its n-th attempt a message is tried again.
std::chrono::seconds retry_delay(const Settings& settings, std::int64_t attempts);

}  // namespace mail::smtp
