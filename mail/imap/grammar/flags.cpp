#include "mail/imap/grammar/flags.h"

#include <algorithm>

#include "mail/mime/header.h"
#include "storage/mail.h"

namespace mail::imap {

namespace {

struct SystemFlag {
  std::string_view name;
  unsigned bit;
};
// RFC 9051 2.3.2
constexpr SystemFlag system_flags[] = {
    {"\\Answered", storage::flag::answered}, {"\\Flagged", storage::flag::flagged},
    {"\\Deleted", storage::flag::deleted},   {"\\Seen", storage::flag::seen},
    {"\\Draft", storage::flag::draft},
};

void read_flag(Cursor& cursor, Flags& flags) {
  if (!cursor.skip_if('\\')) {
    std::string keyword = read_keyword(cursor);
    const bool known = std::any_of(flags.keywords.begin(), flags.keywords.end(),
                                   [&](const std::string& each) { return mime::same_word(each, keyword); });
    if (known) return;
    if (flags.keywords.size() == most_keywords) throw Refusal("LIMIT", "that many keywords can't be set at once");
    flags.keywords.push_back(std::move(keyword));
    return;
  }
  const std::string name = "\\" + std::string(cursor.atom());
  if (mime::same_word(name, "\\Recent")) return;
  const unsigned bit = system_flag(name);
  if (bit == 0) throw SyntaxError("there is no system flag " + name);
  flags.system |= bit;
}

}  // namespace

unsigned system_flag(std::string_view name) {
  const auto row = std::find_if(std::begin(system_flags), std::end(system_flags),
                                [&](const SystemFlag& each) { return mime::same_word(each.name, name); });
  return row == std::end(system_flags) ? 0 : row->bit;
}

std::string read_keyword(Cursor& cursor) {
  const std::string_view keyword = cursor.atom();
  if (keyword.size() > longest_keyword) throw Refusal("LIMIT", "the keyword is too long");
  return std::string(keyword);
}

Flags read_flag_list(Cursor& cursor) {
  Flags flags;
  cursor.list(Cursor::Empty::allowed, [&] { read_flag(cursor, flags); });
  return flags;
}

Flags read_flags(Cursor& cursor) {
  if (cursor.peek() == '(') return read_flag_list(cursor);
  Flags flags;
  do read_flag(cursor, flags);
  while (cursor.skip_if(' '));
  return flags;
}

std::string flags_text(unsigned system, std::string_view keywords, Recent recent) {
  std::string text;
  for (const SystemFlag& row : system_flags) {
    if ((system & row.bit) != 0) text.append(text.empty() ? "" : " ").append(row.name);
  }
  if (!keywords.empty()) text.append(text.empty() ? "" : " ").append(keywords);
  if (recent == Recent::yes) text.append(text.empty() ? "" : " ").append("\\Recent");
  return text;
}

bool has_keyword(std::string_view keywords, std::string_view keyword) {
  while (!keywords.empty()) {
    const std::size_t space = std::min(keywords.find(' '), keywords.size());
    if (mime::same_word(keywords.substr(0, space), keyword)) return true;
    keywords.remove_prefix(std::min(space + 1, keywords.size()));
  }
  return false;
}

}  // namespace mail::imap
