#include "mail/mime/section.h"

#include <algorithm>
#include <charconv>

#include "mail/mime/header.h"
#include "mail/mime/lexer.h"

namespace mail::mime {

namespace {

/// Nobody has a message in that many messages, or asks for that many fields.
constexpr std::size_t longest_path = 1000;
constexpr std::size_t most_names = 1000;

struct Word {
  std::string_view text;
  Section::What what;
};
constexpr Word words[] = {
    {"HEADER", Section::What::header},
    {"HEADER.FIELDS", Section::What::fields},
    {"HEADER.FIELDS.NOT", Section::What::fields_not},
    {"MIME", Section::What::mime},
    {"TEXT", Section::What::text},
};

/// Takes the numbers at the beginning of a section; false for a number that is none.
bool take_path(std::string_view& text, std::vector<std::uint32_t>& path) {
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number == 0 || text.front() == '0' || path.size() == longest_path) return false;
    path.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return true;
    if (text.front() != '.' || text.size() == 1) return false;
    text.remove_prefix(1);
  }
  return true;
}

/// `(name name)`, a name being an atom or a quoted string.
bool read_names(std::string_view text, std::vector<std::string>& names) {
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return false;
  Lexer lexer(text.substr(1, text.size() - 2));
  do {
    auto name = lexer.peek() == '"' ? lexer.quoted_string() : std::string(lexer.until(" \"()\\"));
    if (!name || name->empty() || names.size() == most_names) return false;
    names.push_back(std::move(*name));
  } while (lexer.skip_if(' '));
  return lexer.at_end();
}

/// The part with that number in a multipart; in any other the only one, itself.
std::optional<std::uint32_t> numbered(const Layout& layout, std::uint32_t part, std::uint32_t number) {
  if (layout[part].kind != PartKind::multipart) return number == 1 ? std::optional(part) : std::nullopt;
  const auto list = children(layout, part);
  return number >= 1 && number <= list.size() ? std::optional(list[number - 1]) : std::nullopt;
}

/// The message in a part, or the message itself.
std::optional<std::uint32_t> message_of(const Layout& layout, const Section& section) {
  const auto part = find_part(layout, section.path);
  if (!part || section.path.empty()) return part;
  return layout[*part].kind == PartKind::message ? std::optional(*part + 1) : std::nullopt;
}

}  // namespace

std::optional<Section> parse_section(std::string_view text) {
  Section section;
  if (!take_path(text, section.path)) return std::nullopt;
  if (text.empty()) return section;
  const std::size_t space = text.find(' ');
  const auto word = std::find_if(std::begin(words), std::end(words),
                                 [&](const Word& row) { return same_word(row.text, text.substr(0, space)); });
  if (word == std::end(words)) return std::nullopt;
  section.what = word->what;
  // "The MIME part specifier MUST be prefixed by one or more numeric part specifiers."
  if (section.what == Section::What::mime && section.path.empty()) return std::nullopt;
  const bool has_names = section.what == Section::What::fields || section.what == Section::What::fields_not;
  if (has_names != (space != std::string_view::npos)) return std::nullopt;
  if (has_names && !read_names(text.substr(space + 1), section.names)) return std::nullopt;
  return section;
}

std::optional<std::uint32_t> find_part(const Layout& layout, const std::vector<std::uint32_t>& path) {
  if (layout.empty()) return std::nullopt;
  std::uint32_t part = 0;
  bool first = true;
  for (const std::uint32_t number : path) {
    // A part that is a message "also has nested part numbers, referring to parts of the MESSAGE
    // part's body."
    if (!first) {
      if (layout[part].kind == PartKind::leaf) return std::nullopt;
      if (layout[part].kind == PartKind::message) ++part;
    }
    const auto next = numbered(layout, part, number);
    if (!next) return std::nullopt;
    part = *next;
    first = false;
  }
  return part;
}

std::optional<Range> find_section(const Layout& layout, const Section& section) {
  using What = Section::What;
  if (section.what == What::content || section.what == What::mime) {
    const auto part = find_part(layout, section.path);
    if (!part) return std::nullopt;
    const Extent& extent = layout[*part];
    if (section.what == What::mime) return Range{extent.header_begin, extent.body_begin};
    return Range{section.path.empty() ? extent.header_begin : extent.body_begin, extent.body_end};
  }
  const auto message = message_of(layout, section);
  if (!message) return std::nullopt;
  const Extent& extent = layout[*message];
  if (section.what == What::text) return Range{extent.body_begin, extent.body_end};
  return Range{extent.header_begin, extent.body_begin};
}

std::vector<Range> select_fields(std::string_view header, std::uint64_t begin, const Section& section) {
  std::vector<Range> ranges;
  const auto add = [&](std::uint64_t from, std::uint64_t to) {
    if (!ranges.empty() && ranges.back().end == from) {
      ranges.back().end = to;
    } else if (to > from) {
      ranges.push_back({from, to});
    }
  };
  std::vector<std::string> names;
  for (const std::string& name : section.names) names.push_back(lower_case(name));
  std::sort(names.begin(), names.end());
  const bool wanted = section.what == Section::What::fields;
  FieldReader reader(header);
  std::uint64_t at = begin;
  while (const auto field = reader.next()) {
    const std::uint64_t end = at + field->whole.size();
    if (std::binary_search(names.begin(), names.end(), lower_case(field->name)) == wanted) add(at, end);
    at = end;
  }
  // "the blank line is included in all header fetches"
  add(at, begin + header.size());
  return ranges;
}

std::vector<Range> partial(const std::vector<Range>& ranges, std::uint64_t origin, std::uint64_t count) {
  std::vector<Range> result;
  for (const Range& range : ranges) {
    if (origin >= range.size()) {
      origin -= range.size();
      continue;
    }
    if (count == 0) break;
    const std::uint64_t from = range.begin + origin;
    const std::uint64_t size = std::min(count, range.end - from);
    result.push_back({from, from + size});
    count -= size;
    origin = 0;
  }
  return result;
}

}  // namespace mail::mime
