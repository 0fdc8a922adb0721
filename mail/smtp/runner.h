#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "mail/smtp/client.h"
#include "mail/smtp/smtp.h"
#include "mail/smtp/wire.h"

namespace mail::smtp {

/// What came of a recipient, for the log.
struct Sending {
  const storage::QueuedMessage& message;
  const storage::QueuedRecipient& recipient;
  const RelayOutcome& outcome;
};

/// Sends what is queued: to accounts here, and to the relay. Of several processes one sends each message.
class Runner {
 public:
  using Log = std::function<void(const Sending&)>;
  using Trouble = std::function<void(const std::string& reason)>;
  Runner(Office& office, Connector& connector, Relay relay, Log log, Trouble trouble);
  /// Ends the threads; breaks off what is being sent, which is tried again later.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

 private:
  void work();
  bool send_one();
  void rest(std::uint64_t seen);

  Office& office_;
  Connector& connector_;
  Relay relay_;
  Log log_;
  Trouble trouble_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t changes_ = 0;
  std::atomic<bool> stopping_{false};
  std::array<std::thread, 4> threads_;
};

}  // namespace mail::smtp
