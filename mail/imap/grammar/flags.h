#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/imap/grammar/cursor.h"

namespace mail::imap {

/// Flags as a command names them: system flags as bits of storage::flag, and keywords as spelled, each once.
struct Flags {
  unsigned system = 0;
  std::vector<std::string> keywords;
  bool operator==(const Flags&) const = default;
};

/// How many keywords one command, and one message, can have; and how long one can be.
constexpr std::size_t most_keywords = 200;
constexpr std::size_t longest_keyword = 100;

/// Reads `(\Seen $Junk)`. \Recent, which nobody can set, is passed over; other unknown system flags are refused.
Flags read_flag_list(Cursor& cursor);
/// Reads a list as above or, as STORE may have them, flags without parentheses.
Flags read_flags(Cursor& cursor);
/// Reads one keyword: an atom of bounded length, without a backslash.
std::string read_keyword(Cursor& cursor);

/// The bit of a system flag (`\seen`), 0 for none.
unsigned system_flag(std::string_view name);

/// What stands between the parentheses of FLAGS: system flags, keywords (as storage has them), \Recent last.
enum class Recent { no, yes };
std::string flags_text(unsigned system, std::string_view keywords, Recent recent = Recent::no);

/// Whether storage's keywords of a message, separated by spaces, have this one, in any case.
bool has_keyword(std::string_view keywords, std::string_view keyword);

}  // namespace mail::imap
