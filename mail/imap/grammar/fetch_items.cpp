#include "mail/imap/grammar/fetch_items.h"

#include <algorithm>

namespace mail::imap {

namespace {

using What = FetchItem::What;

struct Word {
  std::string_view name;
  What what;
};
constexpr Word words[] = {
    // RFC 9051 6.4.5
    {"FLAGS", What::flags},
    {"UID", What::uid},
    {"INTERNALDATE", What::internal_date},
    {"RFC822.SIZE", What::size},
    {"ENVELOPE", What::envelope},
    {"BODY", What::body},
    {"BODYSTRUCTURE", What::body_structure},
    // RFC 7162 3.1.5
    {"MODSEQ", What::modseq},
    // RFC 8970 3
    {"PREVIEW", What::preview},
    // RFC 8474 5
    {"EMAILID", What::email_id},
    {"THREADID", What::thread_id},
    // RFC 8514 4.2
    {"SAVEDATE", What::save_date},
};

/// What is followed by a section in brackets.
struct Sectioned {
  std::string_view name;
  What what;
  bool peek;
};
constexpr Sectioned sectioned[] = {
    {"BODY", What::section, false},      {"BODY.PEEK", What::section, true},       {"BINARY", What::binary, false},
    {"BINARY.PEEK", What::binary, true}, {"BINARY.SIZE", What::binary_size, true},
};

/// Other names of sections. RFC 3501 6.4.5
struct Old {
  std::string_view name;
  mime::Section::What what;
  bool peek;
};
constexpr Old old_names[] = {
    {"RFC822", mime::Section::What::content, false},
    {"RFC822.HEADER", mime::Section::What::header, true},
    {"RFC822.TEXT", mime::Section::What::text, false},
};

/// RFC 9051 6.4.5: "ALL: Macro equivalent to: (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)" …
struct Macro {
  std::string_view name;
  std::size_t items;
};
constexpr std::string_view macro_items[] = {"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"};
constexpr Macro macros[] = {{"FAST", 3}, {"ALL", 4}, {"FULL", 5}};

template <typename Rows>
auto find_row(const Rows& rows, std::string_view name) {
  const auto row = std::find_if(std::begin(rows), std::end(rows), [&](const auto& each) { return each.name == name; });
  return row == std::end(rows) ? nullptr : &*row;
}

std::string section_text(const mime::Section& section) {
  std::string text;
  for (const std::uint32_t number : section.path) text.append(text.empty() ? "" : ".").append(std::to_string(number));
  using Kind = mime::Section::What;
  if (section.what == Kind::content) return text;
  if (!text.empty()) text += '.';
  switch (section.what) {
    case Kind::header:
      return text + "HEADER";
    case Kind::mime:
      return text + "MIME";
    case Kind::text:
      return text + "TEXT";
    default:
      break;
  }
  text += section.what == Kind::fields ? "HEADER.FIELDS (" : "HEADER.FIELDS.NOT (";
  for (const std::string& name : section.names) {
    if (!text.ends_with('(')) text += ' ';
    append_astring(text, name, Client::rev1);
  }
  return text + ')';
}

constexpr std::size_t most_field_names = 1000;

/// `HEADER.FIELDS (From {2}…)`: the names may be any astring, so they are read here and the rest by parse_section.
mime::Section read_section(Cursor& cursor) {
  cursor.expect('[');
  const std::size_t begin = cursor.at();
  std::string spec;
  while (!cursor.at_end() && cursor.peek() != ']' && cursor.peek() != ' ') {
    spec += cursor.peek();
    cursor.skip_if(cursor.peek());
  }
  std::vector<std::string> names;
  if (cursor.skip_if(' ')) {
    cursor.list(Cursor::Empty::refused, [&] {
      if (names.size() == most_field_names) throw SyntaxError("too many header fields are asked for");
      names.push_back(cursor.astring());
    });
    // Any name will do here; the true ones are put in below.
    spec += " (X)";
  }
  cursor.expect(']');
  auto section = mime::parse_section(spec);
  if (!section) throw SyntaxError("there is no section " + std::string(cursor.since(begin).substr(0, 100)));
  section->names = std::move(names);
  return *section;
}

std::optional<FetchItem::Part> read_part(Cursor& cursor) {
  if (!cursor.skip_if('<')) return std::nullopt;
  FetchItem::Part part;
  part.origin = cursor.number64();
  cursor.expect('.');
  part.count = cursor.nz_number64();
  cursor.expect('>');
  return part;
}

FetchItem read_sectioned(Cursor& cursor, const Sectioned& row) {
  FetchItem item;
  item.what = row.what;
  item.peek = row.peek;
  item.section = read_section(cursor);
  if (row.what != What::section && item.section.what != mime::Section::What::content) {
    throw SyntaxError("BINARY has only numbers in its brackets");
  }
  if (row.what != What::binary_size) item.part = read_part(cursor);
  item.label = row.what == What::section ? "BODY[" : row.what == What::binary ? "BINARY[" : "BINARY.SIZE[";
  item.label += section_text(item.section) + ']';
  // "BODY[]<0.2048> … is returned as BODY[]<0>". RFC 9051 6.4.5
  if (item.part) item.label += '<' + std::to_string(item.part->origin) + '>';
  return item;
}

/// `(LAZY)` after PREVIEW; other modifiers are none. RFC 8970 4
void read_preview_modifiers(Cursor& cursor, FetchItem& item) {
  if (!cursor.rest().starts_with(" (")) return;
  cursor.space();
  cursor.list(Cursor::Empty::refused, [&] {
    if (!cursor.skip_word("LAZY")) throw SyntaxError("PREVIEW has no such modifier");
    item.lazy = true;
  });
}

FetchItem read_item(Cursor& cursor) {
  const std::string name = cursor.word_until("[<");
  if (cursor.peek() == '[') {
    const Sectioned* row = find_row(sectioned, name);
    if (row == nullptr) throw SyntaxError("FETCH has no " + name + "[]");
    return read_sectioned(cursor, *row);
  }
  FetchItem item;
  item.label = name;
  if (const Word* word = find_row(words, name)) {
    item.what = word->what;
    if (item.what == What::preview) read_preview_modifiers(cursor, item);
    return item;
  }
  const Old* old = find_row(old_names, name);
  if (old == nullptr) throw SyntaxError("FETCH has no " + name);
  item.what = What::section;
  item.section.what = old->what;
  item.peek = old->peek;
  return item;
}

/// Where the same is asked for twice, once is enough: what has the same label may differ in what it does to \Seen and
/// how far it goes.
void add_item(std::vector<FetchItem>& items, FetchItem item) {
  const bool known = std::any_of(items.begin(), items.end(), [&](const FetchItem& each) {
    return each.label == item.label && each.part == item.part && each.peek == item.peek;
  });
  if (known) return;
  if (items.size() == most_fetch_items) throw SyntaxError("too many things are asked for");
  items.push_back(std::move(item));
}

}  // namespace

std::vector<FetchItem> read_fetch_items(Cursor& cursor) {
  std::vector<FetchItem> items;
  if (cursor.peek() == '(') {
    cursor.list(Cursor::Empty::refused, [&] { add_item(items, read_item(cursor)); });
    return items;
  }
  for (const Macro& macro : macros) {
    if (!cursor.skip_word(macro.name)) continue;
    for (std::size_t i = 0; i < macro.items; ++i) {
      FetchItem item;
      item.label = macro_items[i];
      item.what = find_row(words, item.label)->what;
      items.push_back(std::move(item));
    }
    return items;
  }
  items.push_back(read_item(cursor));
  return items;
}

FetchModifiers read_fetch_modifiers(Cursor& cursor) {
  FetchModifiers modifiers;
  if (!cursor.skip_if(' ')) return modifiers;
  cursor.list(Cursor::Empty::refused, [&] {
    const std::string name = cursor.word();
    if (name == "CHANGEDSINCE" && !modifiers.changed_since) {
      cursor.space();
      modifiers.changed_since = cursor.nz_number64();
    } else if (name == "VANISHED" && !modifiers.vanished) {
      modifiers.vanished = true;
    } else if (name == "PARTIAL" && !modifiers.partial) {
      cursor.space();
      modifiers.partial = read_partial_range(cursor);
    } else {
      throw SyntaxError("FETCH has no modifier " + name + ", or it is there twice");
    }
  });
  return modifiers;
}

}  // namespace mail::imap
