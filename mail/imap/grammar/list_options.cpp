#include "mail/imap/grammar/list_options.h"

#include <algorithm>

#include "mail/imap/grammar/mailbox_name.h"

namespace mail::imap {

namespace {

struct StatusWord {
  std::string_view name;
  StatusItem item;
};
constexpr StatusWord status_words[] = {
    // RFC 9051 6.3.11
    {"MESSAGES", StatusItem::messages},
    {"UIDNEXT", StatusItem::uid_next},
    {"UIDVALIDITY", StatusItem::uid_validity},
    {"UNSEEN", StatusItem::unseen},
    {"DELETED", StatusItem::deleted},
    {"SIZE", StatusItem::size},
    // RFC 3501 6.3.10
    {"RECENT", StatusItem::recent},
    // RFC 7162 3.1.7
    {"HIGHESTMODSEQ", StatusItem::highest_modseq},
    // RFC 8474 4.3
    {"MAILBOXID", StatusItem::mailbox_id},
    // RFC 7889 4
    {"APPENDLIMIT", StatusItem::append_limit},
    // RFC 9208 4.1.4
    {"DELETED-STORAGE", StatusItem::deleted_storage},
};

/// Reads `(SUBSCRIBED RECURSIVEMATCH)`.
void read_selection(Cursor& cursor, ListArguments& list) {
  cursor.list(Cursor::Empty::allowed, [&] {
    const std::string name = cursor.word();
    if (name == "SUBSCRIBED") {
      list.subscribed = true;
    } else if (name == "REMOTE") {
      list.remote = true;
    } else if (name == "RECURSIVEMATCH") {
      list.recursive_match = true;
    } else if (name == "SPECIAL-USE") {
      list.special_use = true;
    } else {
      throw SyntaxError("LIST has no selection option " + name.substr(0, 100));
    }
  });
  // "the server MUST return the tagged BAD response" for one without a base option. RFC 5258 3.1
  if (list.recursive_match && !list.subscribed) throw SyntaxError("RECURSIVEMATCH needs SUBSCRIBED");
}

/// Reads `(CHILDREN STATUS (UNSEEN))`.
void read_return(Cursor& cursor, ListArguments& list) {
  cursor.list(Cursor::Empty::allowed, [&] {
    const std::string name = cursor.word();
    if (name == "SUBSCRIBED") {
      list.return_subscribed = true;
    } else if (name == "CHILDREN") {
      list.return_children = true;
    } else if (name == "SPECIAL-USE") {
      list.return_special_use = true;
    } else if (name == "MYRIGHTS") {
      list.return_my_rights = true;
    } else if (name == "STATUS") {
      cursor.space();
      list.return_status = read_status_items(cursor);
    } else {
      throw SyntaxError("LIST has no return option " + name.substr(0, 100));
    }
  });
}

/// list-mailbox: an atom in which wildcards and `]` may stand, or a string. RFC 9051 9
std::string read_pattern(Cursor& cursor) {
  if (cursor.peek() == '"' || cursor.peek() == '{') return mailbox_from_client(cursor.string(), cursor.client());
  const std::size_t begin = cursor.at();
  const auto is_list_char = [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("(){\"\\").find(c) == std::string_view::npos;
  };
  while (!cursor.at_end() && is_list_char(cursor.peek())) cursor.skip_if(cursor.peek());
  if (cursor.at() == begin) throw SyntaxError("a pattern is missing");
  return mailbox_from_client(cursor.since(begin), cursor.client());
}

}  // namespace

std::string_view status_name(StatusItem item) {
  const auto row = std::find_if(std::begin(status_words), std::end(status_words),
                                [&](const StatusWord& each) { return each.item == item; });
  return row->name;
}

std::vector<StatusItem> read_status_items(Cursor& cursor) {
  std::vector<StatusItem> items;
  cursor.list(Cursor::Empty::refused, [&] {
    const std::string name = cursor.word();
    const auto row = std::find_if(std::begin(status_words), std::end(status_words),
                                  [&](const StatusWord& each) { return each.name == name; });
    if (row == std::end(status_words)) throw SyntaxError("STATUS has no item " + name.substr(0, 100));
    if (std::find(items.begin(), items.end(), row->item) == items.end()) items.push_back(row->item);
  });
  return items;
}

ListArguments read_list_arguments(Cursor& cursor) {
  ListArguments list;
  if (cursor.peek() == '(') {
    list.extended = true;
    read_selection(cursor, list);
    cursor.space();
  }
  list.reference = read_mailbox(cursor);
  cursor.space();
  if (cursor.peek() == '(') {
    list.extended = true;
    cursor.list(Cursor::Empty::refused, [&] {
      if (list.patterns.size() == most_patterns) throw Refusal("LIMIT", "there are too many patterns");
      list.patterns.push_back(read_pattern(cursor));
    });
  } else {
    list.patterns.push_back(read_pattern(cursor));
  }
  if (cursor.skip_space_and_word("RETURN")) {
    list.extended = true;
    cursor.space();
    read_return(cursor, list);
  }
  cursor.end();
  return list;
}

}  // namespace mail::imap
