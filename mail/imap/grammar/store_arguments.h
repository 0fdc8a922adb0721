#pragma once

#include <cstdint>
#include <optional>

#include "mail/imap/grammar/cursor.h"
#include "mail/imap/grammar/flags.h"
#include "mail/imap/grammar/sequence_set.h"

namespace mail::imap {

/// What STORE does, after its sequence set. RFC 9051 6.4.6, RFC 7162 3.1.3
struct StoreArguments {
  enum class Way { replace, add, remove } way = Way::replace;
  bool silent = false;
  Flags flags;
  std::optional<std::uint64_t> unchanged_since;
};
StoreArguments read_store_arguments(Cursor& cursor);

/// What a client that knows the mailbox from before says of it. RFC 7162 3.2.5
struct Qresync {
  std::uint32_t uid_validity = 0;
  std::uint64_t modseq = 0;
  std::optional<NumberSet> known_uids;
  /// Message numbers and their UIDs, equally many.
  std::optional<NumberSet> sequence_numbers;
  NumberSet sequence_uids;
};

/// What may stand after the mailbox of SELECT and EXAMINE.
struct SelectOptions {
  bool condstore = false;
  std::optional<Qresync> qresync;
};
/// Reads ` (CONDSTORE)`, or nothing at the end of the command.
SelectOptions read_select_options(Cursor& cursor);

}  // namespace mail::imap
