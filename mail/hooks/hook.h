#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "storage/spool.h"

namespace mail::hooks {

enum class Direction {
  in,   ///< to accounts here
  out,  ///< from accounts here
};

/// A message as it passes, with its envelope.
struct Passing {
  Direction direction = Direction::in;
  std::string id;                       ///< names it in the log
  std::string client;                   ///< the peer's address as text; "local" or empty where it has none
  std::string hello;                    ///< how the peer has called itself
  bool tls = false;                     ///< it came over TLS
  std::string account;                  ///< who has logged in; empty for nobody
  std::string sender;                   ///< empty for <>
  std::vector<std::string> recipients;  ///< addresses, without brackets
  storage::Spool message;               ///< with CRLF at its line ends
};

/// What is to be done with the header.
struct HeaderChange {
  enum class Kind {
    insert,   ///< before the field at `index` of all, counted from 0; beyond the last: at the end
    replace,  ///< the `index`th field of that name, counted from 1; where there is none, it is added at the end
    remove,   ///< the `index`th field of that name; where there is none, nothing
  };
  /// As an `index` of insert: at the end.
  static constexpr std::uint32_t at_end = 0xFFFFFFFF;

  Kind kind = Kind::insert;
  std::uint32_t index = 0;
  std::string name;
  std::string value;  ///< what follows the colon, with the space there

  friend bool operator==(const HeaderChange&, const HeaderChange&) = default;
};

enum class Outcome {
  accept,
  reject,      ///< refused for good, as the sender is told
  defer,       ///< refused for now
  discard,     ///< taken, and thrown away
  quarantine,  ///< taken, into Junk; for what goes out: held in the queue
};

/// "accept", "reject" …, as they are called in answers, the log and metrics.
std::string_view name_of(Outcome outcome);
std::optional<Outcome> outcome_of(std::string_view name);

/// What a hook says of a message.
struct Verdict {
  Outcome outcome = Outcome::accept;
  int code = 0;                       ///< of SMTP, for reject (5xx) and defer (4xx); 0: the usual one
  std::string text;                   ///< for the sender, or why it is quarantined; may begin with an enhanced status
  std::vector<HeaderChange> changes;  ///< in order, each on what the one before has left
  std::optional<std::string> body;    ///< in place of the one that came
  std::optional<std::string> sender;
  std::vector<std::string> added_recipients;
  std::vector<std::string> removed_recipients;
};

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// A hook that gives no verdict: it can't be reached, takes too long, says what can't be understood. what() is for the
/// log.
class Failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Looks at a message and gives its verdict. Called on a thread of the hooks, where it may wait until the deadline;
/// what it throws is a failure. Several threads may call it at once.
using Function = std::function<Verdict(const Passing&, Deadline)>;

/// A hook as it is configured.
struct Hook {
  std::string name;  ///< in the log and metrics
  bool in = true;
  bool out = true;
  std::chrono::milliseconds time{30'000};  ///< for one message
  bool fail_open = false;                  ///< where it fails the message passes; otherwise it is deferred
  Function run;
};

}  // namespace mail::hooks
