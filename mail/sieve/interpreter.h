#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mail/sieve/message.h"
#include "mail/sieve/script.h"

namespace mail::sieve {

/// What may be spent on one message.
struct RunLimits {
  std::size_t steps = 100'000;       ///< commands and tests
  std::uint64_t work = 100'000'000;  ///< octets looked at
  std::size_t actions = 32;
  std::size_t redirects = 4;
  std::size_t variables = 256;
  std::size_t variable = 16 * 1024;    ///< octets of one; more is cut off (RFC 5229 6)
  std::size_t text = 1024 * 1024;      ///< octets of a string with what its variables hold
  std::size_t header = 1024 * 1024;    ///< of a message's header, what is looked at
  std::size_t body = 4 * 1024 * 1024;  ///< the same of its body
  std::size_t includes = 32;           ///< scripts included
  std::size_t include_depth = 10;
  std::int64_t vacation_seconds = 90 * 86400;  ///< the most that :days and :seconds may say
  std::int64_t duplicate_seconds = 90 * 86400;
  ScriptLimits script;
};

/// A response to be sent, unless `key` was answered in the last `seconds`. RFC 5230
struct Vacation {
  std::string to;
  std::string from;     ///< what :from says; empty for the account's own
  std::string subject;  ///< UTF-8, on one line
  std::string reason;
  bool mime = false;         ///< the reason is a MIME entity with its header
  std::string message_id;    ///< of what is answered, with its brackets; may be empty
  std::string references;    ///< what References has to say
  std::string key;           ///< which response to whom
  std::int64_t seconds = 0;  ///< 0: it is always sent. RFC 6131 2
};

/// What is to be done with the message.
struct Action {
  enum class Kind : std::uint8_t { keep, fileinto, redirect, reject, ereject, vacation };

  Kind kind = Kind::keep;
  Place place;
  std::string target;              ///< a mailbox or an address
  bool create = false;             ///< the mailbox is made if it isn't there
  std::string special_use;         ///< what it is then made for
  std::vector<std::string> flags;  ///< of a message that is kept or filed
  std::string reason;              ///< of a refusal, UTF-8
  std::shared_ptr<const std::string>
      header;  ///< the header, with its empty line, if it is another than that which came
  std::optional<Vacation> vacation;
};

/// That the message is remembered by this key from now on. RFC 7352
struct Seen {
  std::string key;
  std::int64_t seconds = 0;
};

/// What came of a script. Without actions the message is discarded.
struct Outcome {
  std::vector<Action> actions;  ///< in their order; a mailbox or an address stands there once
  std::vector<Seen> seen;
  /// What was wrong, for who wrote the script; then the only action is to keep. RFC 5228 2.10.6
  std::string error;
};

/// Runs a script over a message. Nothing is done but what the outcome says. What `message` and `host` throw is passed
/// on.
Outcome run(const Script& script, const Message& message, Host& host, const Setting& setting,
            const RunLimits& limits = {});

}  // namespace mail::sieve
