#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/queue.h"

namespace mail::smtp {

/// What a report tells of recipients. RFC 3464 2.3.3
enum class Action { failed, delayed, delivered, relayed };

struct ReportedRecipient {
  storage::QueuedRecipient recipient;
  std::string status;
  std::string reason;
  bool remote_reply = false;  ///< `reason` is what another server said
};

struct Report {
  Action action = Action::failed;
  std::string own_name;
  std::string boundary;  ///< random; also names the report
  std::int64_t now = 0;
  std::int64_t give_up = 0;   ///< of delayed ones: when
  std::string_view original;  ///< the message, or its header
  bool whole = false;         ///< it is the message
};

/// A delivery status notification, with its header. RFC 3464, RFC 6522; with addresses beyond ASCII, RFC 6533.
std::string make_report(const Report& report, const storage::QueuedMessage& message,
                        const std::vector<ReportedRecipient>& recipients);

/// Whether the sender wants to be told. RFC 3461 4.1: of failure and delay, unless something else was said.
bool wants(const storage::QueuedRecipient& recipient, Action action);

}  // namespace mail::smtp
