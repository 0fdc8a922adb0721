#include <algorithm>

#include "mail/imap/commands.h"
#include "mail/imap/grammar/mailbox_name.h"
#include "mail/imap/names.h"
#include "mail/mime/charset.h"
#include "mail/mime/header.h"

namespace mail::imap {

namespace {

/// Annotations are properties of the mailbox's collection; those of the server, of the account's mail home.
constexpr std::string_view property_space = "urn:x-pileus:imap-metadata";

constexpr std::size_t longest_value = 64 * 1024;
constexpr std::size_t longest_entry = 255;
constexpr std::size_t most_entries = 200;

constexpr std::string_view private_part = "/private/";
constexpr std::string_view shared_part = "/shared/";

/// `/shared/comment`, in lower case, as names of entries are compared without regard to it. RFC 5464 3.2
std::string read_entry(Cursor& cursor) {
  const std::string entry = mime::lower_case(cursor.astring());
  const bool printable = std::all_of(entry.begin(), entry.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!printable || entry.size() > longest_entry || entry.find_first_of("*%") != std::string::npos ||
      entry.find("//") != std::string::npos || entry.ends_with('/')) {
    throw SyntaxError("an entry's name is none");
  }
  if (!entry.starts_with(private_part) && !entry.starts_with(shared_part)) {
    throw SyntaxError("an entry's name begins with /private/ or /shared/");
  }
  return entry;
}

/// Each account has private entries of its own.
std::string key_of(const std::string& entry, storage::Id account) {
  return entry.starts_with(private_part) ? std::to_string(account) + entry : entry;
}

/// Properties are text: other octets are kept as hexadecimal digits.
std::string to_text(std::string_view value) {
  if (mime::is_utf8(value) && value.find('\0') == std::string_view::npos) return "t" + std::string(value);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "x";
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  return text;
}

std::string from_text(std::string_view text) {
  if (text.starts_with('t')) return std::string(text.substr(1));
  const auto digit = [](char c) { return static_cast<unsigned>(c >= 'a' ? c - 'a' + 10 : c - '0'); };
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); i += 2) {
    value += static_cast<char>(static_cast<unsigned char>(digit(text[i]) << 4 | digit(text[i + 1])));
  }
  return value;
}

/// As nstring or, with NULs, literal8.
void append_value(std::string& out, std::string_view value, Client client) {
  if (value.find('\0') == std::string_view::npos) return mime::append_string(out, value, client);
  out.append("~{").append(std::to_string(value.size())).append("}\r\n").append(value);
}

struct Options {
  std::optional<std::uint32_t> max_size;
  std::size_t depth = 0;
};

bool at_options(const Cursor& cursor) {
  const std::string next = upper_case(cursor.rest().substr(0, 9));
  return next.starts_with("(MAXSIZE ") || next.starts_with("(DEPTH ");
}

/// RFC 5464 4.2.1, 4.2.2
Options read_options(Cursor& cursor) {
  Options options;
  cursor.list(Cursor::Empty::refused, [&] {
    const std::string name = cursor.word();
    cursor.space();
    if (name == "MAXSIZE") {
      options.max_size = cursor.number();
    } else if (name == "DEPTH") {
      const std::string depth = cursor.word();
      if (depth != "0" && depth != "1" && depth != "INFINITY") throw SyntaxError("DEPTH is 0, 1 or infinity");
      options.depth = depth == "0" ? 0 : depth == "1" ? 1 : longest_entry;
    } else {
      throw SyntaxError("GETMETADATA has no option " + name.substr(0, 100));
    }
  });
  return options;
}

/// Whether an entry is the one that is asked for, or so far below it.
bool within(std::string_view entry, std::string_view wanted, std::size_t depth) {
  if (entry == wanted) return true;
  if (!entry.starts_with(wanted) || entry[wanted.size()] != '/') return false;
  return static_cast<std::size_t>(
             std::count(entry.begin() + static_cast<std::ptrdiff_t>(wanted.size()), entry.end(), '/')) <= depth;
}

/// The collection whose properties they are. Throws Refusal.
storage::Id find_holder(storage::Transaction& transaction, const Session& session, const std::string& name,
                        char right) {
  if (!name.empty()) return need_place(transaction, session.principal(), name, right).mailbox.id;
  const auto home = storage::Mail(transaction).home(session.account());
  if (!home) throw Refusal("NONEXISTENT", "There is no mail here");
  return home->id;
}

struct Entry {
  std::string name;
  std::string value;
};

/// What stands there that this account may see.
std::vector<Entry> entries_of(storage::Transaction& transaction, storage::Id holder, storage::Id account) {
  const std::string prefix = std::to_string(account);
  std::vector<Entry> entries;
  for (const storage::Property& property : transaction.properties(holder, 0)) {
    if (property.ns != property_space) continue;
    std::string_view name = property.name;
    if (!name.starts_with('/')) {
      if (!name.starts_with(prefix + '/')) continue;
      name.remove_prefix(prefix.size());
    }
    entries.push_back({std::string(name), from_text(property.xml)});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& one, const Entry& other) { return one.name < other.name; });
  return entries;
}

struct Setting {
  std::string name;
  std::optional<std::string> value;
};

std::vector<Setting> read_settings(Cursor& cursor) {
  std::vector<Setting> settings;
  cursor.list(Cursor::Empty::refused, [&] {
    if (settings.size() == most_entries) throw Refusal("METADATA TOOMANY", "There are too many entries");
    Setting setting{read_entry(cursor), {}};
    cursor.space();
    setting.value = cursor.peek() == '~' ? std::string(cursor.literal()) : cursor.nstring();
    settings.push_back(std::move(setting));
  });
  return settings;
}

}  // namespace

namespace commands {

// RFC 5464 4.2
void get_metadata(Call& call) {
  Session& session = call.session;
  Cursor& cursor = call.arguments;
  cursor.space();
  // The grammar has the options before the mailbox, the examples after it.
  Options options;
  if (cursor.peek() == '(') {
    options = read_options(cursor);
    cursor.space();
  }
  const std::string name = read_mailbox(cursor);
  cursor.space();
  if (at_options(cursor)) {
    options = read_options(cursor);
    cursor.space();
  }
  std::vector<std::string> wanted;
  const auto read_wanted = [&] {
    if (wanted.size() == most_entries) throw Refusal("LIMIT", "That is too much to ask for at once");
    wanted.push_back(read_entry(cursor));
  };
  if (cursor.peek() == '(') {
    cursor.list(Cursor::Empty::refused, read_wanted);
  } else {
    do read_wanted();
    while (cursor.skip_if(' '));
  }
  cursor.end();

  std::size_t longest = 0;
  std::string found;
  const auto entries = session.store().read([&](storage::Transaction& transaction) {
    return entries_of(transaction, find_holder(transaction, session, name, 'r'), session.account());
  });
  for (const Entry& entry : entries) {
    const bool asked = std::any_of(wanted.begin(), wanted.end(),
                                   [&](const std::string& each) { return within(entry.name, each, options.depth); });
    if (!asked) continue;
    if (options.max_size && entry.value.size() > *options.max_size) {
      longest = std::max(longest, entry.value.size());
      continue;
    }
    found.append(found.empty() ? "" : " ").append(entry.name) += ' ';
    append_value(found, entry.value, session.client());
  }
  if (!found.empty()) {
    call.out += "* METADATA ";
    append_mailbox(call.out, name, session.client());
    call.out += " (" + found + ")\r\n";
  }
  if (longest > 0) call.code = "METADATA LONGENTRIES " + std::to_string(longest);
}

// RFC 5464 4.3
void set_metadata(Call& call) {
  Session& session = call.session;
  call.arguments.space();
  const std::string name = read_mailbox(call.arguments);
  call.arguments.space();
  const std::vector<Setting> settings = read_settings(call.arguments);
  call.arguments.end();

  session.must_write();
  bool shares = false;
  for (const Setting& setting : settings) {
    if (setting.value && setting.value->size() > longest_value) {
      throw Refusal("METADATA MAXSIZE " + std::to_string(longest_value), "The value is too long");
    }
    shares = shares || setting.name.starts_with(shared_part);
  }
  if (shares && name.empty()) throw Refusal("NOPERM", "What the server says of itself is not for clients to set");
  session.store().write([&](storage::Transaction& transaction) {
    const storage::Id holder = find_holder(transaction, session, name, shares ? 'w' : 'r');
    std::size_t count = transaction.properties(holder, 0).size();
    for (const Setting& setting : settings) {
      const std::string key = key_of(setting.name, session.account());
      if (!setting.value) {
        transaction.remove_property(holder, 0, property_space, key);
        continue;
      }
      // "it MUST NOT change the values for other annotations": what is thrown undoes all.
      if (++count > most_entries) throw Refusal("METADATA TOOMANY", "There are too many entries");
      transaction.set_property(holder, 0, {std::string(property_space), key, to_text(*setting.value)});
    }
  });
}

}  // namespace commands

}  // namespace mail::imap
