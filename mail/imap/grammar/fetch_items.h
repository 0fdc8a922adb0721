#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/imap/grammar/cursor.h"
#include "mail/imap/grammar/sequence_set.h"
#include "mail/mime/section.h"

namespace mail::imap {

/// One thing that FETCH asks for.
struct FetchItem {
  enum class What {
    flags,
    uid,
    internal_date,
    size,
    envelope,
    body,  ///< BODY without brackets: the structure without extension data
    body_structure,
    section,  ///< BODY[…], RFC822, RFC822.HEADER, RFC822.TEXT
    binary,   ///< RFC 9051 6.4.5
    binary_size,
    modseq,     ///< RFC 7162 3.1.5
    preview,    ///< RFC 8970 3
    email_id,   ///< RFC 8474 5.1
    thread_id,  ///< RFC 8474 5.2
    save_date,  ///< RFC 8514 4.2
  };

  What what = What::flags;
  mime::Section section;
  /// \Seen stays as it is.
  bool peek = true;
  /// `<origin.count>`
  struct Part {
    std::uint64_t origin = 0;
    std::uint64_t count = 0;
    bool operator==(const Part&) const = default;
  };
  std::optional<Part> part;
  /// PREVIEW (LAZY)
  bool lazy = false;
  /// What the answer calls it: `FLAGS`, `BODY[1.MIME]<0>`, `RFC822.TEXT`.
  std::string label;
};

/// How many items one command can ask for.
constexpr std::size_t most_fetch_items = 1000;

/// Reads one item, a macro (ALL, FAST, FULL) or a list of items. What is asked for twice is answered twice only where
/// it is a section.
std::vector<FetchItem> read_fetch_items(Cursor& cursor);

/// What may stand after the items. RFC 7162 3.1.4.1 and 3.2.6, RFC 9394 3.3
struct FetchModifiers {
  std::optional<std::uint64_t> changed_since;
  bool vanished = false;
  std::optional<PartialRange> partial;
};
/// Reads ` (CHANGEDSINCE 5 VANISHED)`, or nothing at the end of the command. Whether VANISHED and PARTIAL are allowed
/// is for the command to say.
FetchModifiers read_fetch_modifiers(Cursor& cursor);

}  // namespace mail::imap
