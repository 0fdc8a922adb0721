#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/spool.h"
#include "storage/store.h"
#include "storage/types.h"

namespace mail {

/// A message that is about to come into an account.
struct Arriving {
  const storage::Account& account;
  std::string_view sender;        ///< of the envelope; empty for <>
  std::string_view recipient;     ///< the address that was written to, with its detail
  std::string_view detail;        ///< what follows the '+' in it. RFC 5233
  std::string_view header;        ///< of the message, with its empty line, as it will be stored
  const storage::Spool& message;  ///< all of it
};

/// A mailbox that a message goes into.
struct Filing {
  std::string mailbox;      ///< its full name, as LIST has it; empty for INBOX
  std::string special_use;  ///< goes first, where the account has a mailbox of that use: "\Junk"
  bool create = false;      ///< makes the mailbox where it isn't there; otherwise the message goes into INBOX
  unsigned flags = 0;
  std::vector<std::string> keywords;
};

/// A message that is to be sent: a redirected one, an answer.
struct Departing {
  std::string sender;  ///< of the envelope; empty for <>
  std::vector<std::string> recipients;
  storage::Spool message;
};

/// What is to be done with a message for one account. As it is made: into INBOX.
struct Verdict {
  std::vector<Filing> filings{Filing{}};   ///< none: it is discarded
  std::optional<std::string> rejection;    ///< why it is refused; then nothing else counts
  std::optional<storage::Spool> replaced;  ///< what is stored in its place
  std::vector<Departing> departing;
  /// Runs in the transaction that delivers, which may be run again: to remember what must be remembered with it.
  std::function<void(storage::Transaction&)> also;
};

/// Decides over a message for an account. It may read the store; it is called outside of any transaction. What it
/// throws defers the message.
using DeliverHook = std::function<Verdict(const Arriving&)>;

}  // namespace mail
