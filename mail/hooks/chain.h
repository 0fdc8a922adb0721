#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mail/dkim/keyring.h"
#include "mail/hooks/hook.h"

namespace mail::hooks {

/// What all hooks together have said of a message.
struct Passed {
  Outcome outcome = Outcome::accept;
  int code = 250;        ///< of SMTP, where it is refused
  std::string enhanced;  ///< "5.7.1". RFC 3463
  std::string text;      ///< one line, printable
  bool refused() const { return outcome == Outcome::reject || outcome == Outcome::defer; }
};

/// A verdict, for the log and metrics. Views hold during the call.
struct Event {
  std::string_view hook;
  const Passing& passing;
  std::string_view verdict;  ///< of name_of(Outcome), or "failed"
  std::string_view reason;   ///< why it failed or was refused
  std::chrono::microseconds time;
};
using Observe = std::function<void(const Event&)>;

/// The hooks in their order, and what mail that goes out is signed with after them all. Safe for use by many threads.
class Chain {
 public:
  Chain(std::vector<Hook> hooks, dkim::Keyring keys, std::string spool_directory, Observe observe);

  /// Whether there is anything to be done for mail of that direction.
  bool any(Direction direction) const;

  /// Has each hook look at the message in turn; what one changes the next one sees. The first that refuses or discards
  /// it ends this; the message may have been changed until then. Waits for the hooks. Throws only what storage throws.
  Passed pass(Passing& passing) const;

 private:
  Verdict ask(const Hook& hook, Passing& passing) const;

  std::vector<Hook> hooks_;
  std::string spool_directory_;
  Observe observe_;
};

}  // namespace mail::hooks
