#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.h"
#include "storage/types.h"

namespace storage {

/// Somebody who is to get a queued message.
struct QueuedRecipient {
  Id id = 0;
  std::string address;
  std::string original;  ///< ORCPT, or empty. RFC 3461 4.2
  unsigned notify = 0;   ///< bits of mail/smtp/command.h
  std::string status;    ///< what came of the last attempt, "4.4.1"; empty before the first
  std::string reason;    ///< the same in words
  bool told = false;     ///< the sender has been told that it takes long
};

/// A message on its way out, and those who have not got it yet.
struct QueuedMessage {
  Id id = 0;
  Id account = 0;      ///< whose it is; 0 for the server's own
  std::string sender;  ///< of the envelope; empty for <>
  std::string envelope_id;
  int returned = 0;  ///< mail::smtp::Return
  bool eight_bit = false;
  bool utf8 = false;
  Id blob = 0;
  std::int64_t size = 0;
  Timestamp created = 0;
  Timestamp next_attempt = 0;
  Timestamp lease = 0;  ///< set while somebody is sending it: until then it is theirs
  std::int64_t attempts = 0;
  bool held = false;
  std::vector<QueuedRecipient> recipients;
};

/// What an attempt has left of a recipient.
struct QueueOutcome {
  Id recipient = 0;
  bool done = false;  ///< delivered, or given up: it leaves the queue
  std::string status;
  std::string reason;
  bool told = false;
};

struct QueueFigures {
  std::int64_t messages = 0;
  std::int64_t recipients = 0;
  std::int64_t held = 0;
  Timestamp oldest = 0;  ///< 0 where there is none
};

/// The verbs of the queue, on a transaction. A writing verb on a reading transaction throws std::logic_error, trouble
/// is a Failure. A message is in the queue until its last recipient is done; what becomes of it then is written in the
/// same transaction (sync-rules 22).
class Queue {
 public:
  explicit Queue(Transaction& transaction) : transaction_(transaction) {}

  /// Puts a message in: `message` without id and blob, with recipients. Nothing is queued where there are none.
  Id add(const QueuedMessage& message, const StagedBlob& blob);

  /// When the next message is due; nothing where none is.
  std::optional<Timestamp> next_due();

  /// A message that is due, for whoever calls, until that time; of several accounts' that of the one that was served
  /// least lately. A lease that ends without `settle` makes it due again.
  std::optional<QueuedMessage> lease(Timestamp until);
  /// Ends all leases: for the one process that sends what is queued, when it begins. Nothing where there may be others.
  void end_leases();

  /// Writes what has come of a leased message. False, and nothing is written, where the lease isn't the caller's any
  /// more.
  bool settle(const QueuedMessage& message, std::span<const QueueOutcome> outcomes, Timestamp next_attempt);

  /// A message's octets, from memory or as an open file.
  Segment octets(const QueuedMessage& message);

  std::optional<QueuedMessage> message(Id id);
  /// In order of id, with recipients.
  std::vector<QueuedMessage> messages(std::optional<Id> account);
  bool hold(Id id, bool held);  ///< false where there is no such message
  bool retry(Id id);            ///< makes it due now
  bool drop(Id id);             ///< takes it out; nobody is told

  QueueFigures figures();

  /// Whether the account has got this message before, by a hash of its message id; remembers that it has now.
  bool seen(Id account, std::string_view hash, Timestamp forget_before);

 private:
  void need_writing() const;
  void remove(Id id, Id blob);
  std::vector<QueuedRecipient> recipients(Id message);

  Transaction& transaction_;
};

}  // namespace storage
