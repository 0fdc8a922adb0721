#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "mail/hooks/hook.h"

namespace mail::hooks {

/// A connection to a filter; closed at its end.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Throws Failed where it can't all be sent by the deadline.
  virtual void send(std::string_view octets, Deadline deadline) = 0;

  /// Waits for some octets and returns their number; 0: the other end is closed. Throws Failed at the deadline.
  virtual std::size_t receive(char* buffer, std::size_t size, Deadline deadline) = 0;
};

/// Makes a connection. Throws Failed.
using Dial = std::function<std::unique_ptr<Channel>(Deadline)>;

/// A filter that speaks the protocol of Sendmail's milters, as rspamd and OpenDKIM do: each message has a connection of
/// its own. A refused recipient refuses the message. While it says that it makes progress it may take up to ten times
/// the time.
struct Milter {
  Dial dial;
  std::string host_name;  ///< of this server, macro j
};

Function milter_client(Milter filter);

}  // namespace mail::hooks
