#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "storage/mail.h"
#include "storage/store.h"

namespace storage {

/// A stored value that is not what the stored bytes say it should be.
struct Difference {
  std::string where;  ///< "member 17 (ada/calendar/lunch.ics)", "blob 3", "account ada"
  std::string what;   ///< "etag is 12…, should be 9f…"
};

/// What the protocols derive from an object's bytes; storage itself knows no iCalendar. Nothing where the bytes can't
/// be read.
using DeriveFacts = std::function<std::optional<ObjectFacts>(CollectionKind kind, const std::string& bytes)>;

/// The same of a message.
using DeriveMessage = std::function<MessageFacts(const Segment& octets)>;

struct CheckReport {
  std::int64_t accounts = 0;
  std::int64_t collections = 0;
  std::int64_t members = 0;
  std::int64_t blobs = 0;
  std::int64_t octets = 0;  ///< of all blobs, read and hashed
  std::int64_t differences = 0;
};

/// Recomputes every derived column from the stored bytes, in one snapshot, and calls `each` for every difference:
/// sizes, hashes, entity tags, uses of blobs, UIDs and components, quota used, counters, the order of changes,
/// tombstones, and what refers to nothing (sync-rules 19). Changes nothing; may run while the store is in use.
/// `release` names the time zones that `derive` goes by: when objects are is compared if the store goes by the same;
/// and what they say, if it goes by the same edition of the rules for that. Without derive_message nothing that is
/// derived of messages is compared.
CheckReport check(Store& store, const DeriveFacts& derive, std::string_view release,
                  const std::function<void(const Difference&)>& each, std::string_view text_edition = {},
                  const DeriveMessage& derive_message = {});

}  // namespace storage
