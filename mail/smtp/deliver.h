#pragma once

#include <string>
#include <vector>

#include "mail/delivery.h"
#include "mail/services.h"
#include "mail/smtp/recipients.h"
#include "mail/smtp/reply.h"
#include "storage/spool.h"

namespace mail::smtp {

/// A message for accounts here, with its trace fields in front.
struct Parcel {
  std::string sender;  ///< of the envelope; empty for <>
  std::string header;  ///< of the message, with its empty line
  storage::Spool message;
  struct Recipient {
    std::string address;   ///< as it was given
    std::string original;  ///< ORCPT
    unsigned notify = 0;
    Destination destination;  ///< somebody here
  };
  std::vector<Recipient> recipients;
};

/// Delivers to each account once, all in one transaction if that works, and answers for each recipient. A member of a
/// group that can't take it, while others can, gets it by the queue.
std::vector<Reply> deliver(const Services& services, const DeliverHook& hook, const Parcel& parcel);

/// The reply for what the store has thrown; to be called where it is caught.
Reply reply_of_exception(const Settings& settings);

/// The spool of a message with something in front of it.
storage::Spool with_front(const storage::Segment& message, std::string_view front, const std::string& directory);

/// The header of a message, with its empty line, if it isn't longer than most_header.
std::string header_of(const storage::Segment& message);

}  // namespace mail::smtp
