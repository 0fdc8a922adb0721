#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mail/imap/grammar/cursor.h"
#include "mail/imap/grammar/sequence_set.h"

namespace mail::imap {

/// What a search shall answer. RFC 9051 6.4.4, RFC 4731 3.1
struct SearchReturn {
  bool extended = false;  ///< RETURN was there: the answer is ESEARCH
  bool min = false;
  bool max = false;
  bool all = false;  ///< also for `RETURN ()`
  bool count = false;
  bool save = false;
  bool relevancy = false;  ///< RFC 6203 4
  bool context = false;    ///< RFC 5267 4.2
  bool update = false;     ///< RFC 5267 4.3
  std::optional<PartialRange> partial;
};

/// Reads `RETURN (MIN COUNT) `, or nothing if that isn't there; what follows is the next thing.
SearchReturn read_search_return(Cursor& cursor);

/// A key of SORT.
enum class SortBy { arrival, cc, date, from, size, subject, to, display_from, display_to, relevancy };
struct SortCriterion {
  SortBy by = SortBy::arrival;
  bool reverse = false;
  bool operator==(const SortCriterion&) const = default;
};
/// Reads `(REVERSE DATE SUBJECT)`. RFC 5256 3, RFC 5957 4
std::vector<SortCriterion> read_sort_criteria(Cursor& cursor);

/// How THREAD makes its trees. RFC 5256 3; REFS is REFERENCES without merging by subject, threads by their newest
/// message.
enum class ThreadBy { ordered_subject, references, refs };
ThreadBy read_thread_algorithm(Cursor& cursor);

/// Which mailboxes. RFC 5465 6 (filter-mailboxes), RFC 7377 2.2
struct MailboxFilter {
  enum class Which { selected, selected_delayed, inboxes, personal, subscribed, subtree, subtree_one, mailboxes };
  Which which = Which::selected;
  std::vector<std::string> names;  ///< of subtree, subtree_one and mailboxes
};
MailboxFilter read_mailbox_filter(Cursor& cursor);

/// Reads `IN (filter filter …) `, or nothing if that isn't there: the selected mailbox then. RFC 7377 2.2
std::vector<MailboxFilter> read_search_sources(Cursor& cursor);

}  // namespace mail::imap
