#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mail/imap/grammar/cursor.h"
#include "mail/imap/grammar/sequence_set.h"

namespace mail::imap {

/// A condition on a message; a tree. RFC 9051 6.4.4
struct SearchKey {
  enum class Kind {
    // Of others: `keys`.
    all_of,
    any_of,
    none_of,
    // Of the numbers that the session has: `set`, `number`.
    sequence,
    uids,
    modseq,  ///< at least `number`. RFC 7162 3.1.5
    // Of the flags: `flag` and `wanted`, `text`.
    flag,
    keyword,
    recent,
    // Of the row: `day`, `number` (octets, seconds), `text` (an object's id).
    before,
    on,
    since,
    saved_before,  ///< RFC 8514 4.3
    saved_on,
    saved_since,
    larger,
    smaller,
    older,  ///< RFC 5032 2
    younger,
    email_id,  ///< RFC 8474 5.3
    thread_id,
    // Of the header: `day`; `name` and `text`.
    sent_before,
    sent_on,
    sent_since,
    header,
    // Of the octets: `text`.
    subject,
    from,
    to,
    cc,
    bcc,
    body,
    anywhere,
  };

  Kind kind = Kind::all_of;
  std::vector<SearchKey> keys;
  SequenceSet set;
  std::uint64_t number = 0;
  std::int32_t day = 0;  ///< since 1970
  unsigned flag = 0;     ///< of storage::flag
  bool wanted = true;    ///< flag, keyword, recent: whether it must be there
  std::string name;      ///< of a header field
  std::string text;      ///< UTF-8
  bool fuzzy = false;    ///< RFC 6203 3
};

/// How deep conditions can stand in each other, and how many one command can have.
constexpr std::size_t deepest_search = 50;
constexpr std::size_t most_search_keys = 2000;

/// What a SEARCH looks for.
struct SearchProgram {
  SearchKey key;
  bool uses_modseq = false;  ///< MODSEQ is in it: the answer has one too. RFC 7162 3.1.5
  bool uses_saved = false;   ///< `$` is in it
};

/// Reads `[CHARSET name SP] key key …` up to the end of the command; throws Refusal{BADCHARSET} for a charset that
/// isn't US-ASCII or UTF-8.
SearchProgram read_search_program(Cursor& cursor);

/// Reads `charset SP key key …`, as SORT and THREAD have it. RFC 5256 5 (search-criteria)
SearchProgram read_search_criteria(Cursor& cursor);

}  // namespace mail::imap
