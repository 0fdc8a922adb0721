#include "dav/xml.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_set>

namespace dav::xml {

namespace {

struct Prefix {
  std::string_view ns;
  std::string_view prefix;
};

constexpr std::array<Prefix, 5> prefixes{{
    {"DAV:", "D"},
    {"urn:ietf:params:xml:ns:caldav", "C"},
    {"urn:ietf:params:xml:ns:carddav", "A"},
    {"http://calendarserver.org/ns/", "CS"},
    {"http://apple.com/ns/ical/", "ICAL"},
}};

std::string_view known_prefix(std::string_view ns) {
  for (const auto& row : prefixes) {
    if (row.ns == ns) return row.prefix;
  }
  return {};
}

/// A value longer than this is text, not a list of qualified names.
constexpr std::size_t longest_name_value = 4096;

/// What may stand before a qualified name in a value.
constexpr std::string_view delimiters = " \t\r\n\"'(,[{";

bool continues(unsigned char c) { return (c & 0xC0) == 0x80; }

/// The length of the well-formed UTF-8 sequence at the front that is an XML character; 0 where there is none.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(0);
  if (lead >= 0xC2 && lead <= 0xDF && continues(static_cast<unsigned char>(byte(1)))) return 2;
  const bool two = continues(static_cast<unsigned char>(byte(1))) && continues(static_cast<unsigned char>(byte(2)));
  if ((lead & 0xF0) == 0xE0 && two) {
    const unsigned code = (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    return code >= 0x800 && !(code >= 0xD800 && code <= 0xDFFF) && code < 0xFFFE ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4 && two && continues(static_cast<unsigned char>(byte(3)))) {
    const unsigned code = (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12;
    return code >= 0x10000 && code <= 0x10FFFF ? 4 : 0;
  }
  return 0;
}

constexpr std::array<bool, 256> plain_table() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c <= 0x7F; ++c) plain[c] = true;
  plain['\t'] = plain['\n'] = true;
  plain['&'] = plain['<'] = plain['>'] = false;
  return plain;
}

constexpr auto is_plain = plain_table();

/// Whether the next eight octets are there, and all plain; a tab or the end of a line counts as none. Texts have photos
/// in them.
bool is_plain_word(std::string_view text) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  std::uint64_t word = 0;
  if (text.size() < sizeof word) return false;
  std::memcpy(&word, text.data(), sizeof word);
  // An octet of the difference has its high bit where that octet of the word, or one below it that borrows, is less.
  const auto less = [](std::uint64_t octets, std::uint64_t than) { return octets - ones * than; };
  const std::uint64_t ampersands = word ^ ones * '&';
  const std::uint64_t angles = (word | ones * 2) ^ ones * '>';  // '<' differs by that bit
  return ((word | less(word, 0x20) | less(ampersands, 1) | less(angles, 1)) & highs) == 0;
}

/// Appends what stands for the character at the front of `text`; returns how many octets that was.
std::size_t append_special(std::string& out, std::string_view text) {
  switch (const auto c = static_cast<unsigned char>(text[0]); c) {
    case '&':
      out += "&amp;";
      return 1;
    case '<':
      out += "&lt;";
      return 1;
    case '>':
      out += "&gt;";
      return 1;
    // A bare CR would be read as LF (XML 1.0 2.11), and CRLF of calendar data must arrive as it is.
    case '\r':
      out += "&#13;";
      return 1;
    default:
      if (c < 0x20) return 1;
      if (const auto length = sequence(text)) {
        out.append(text, 0, length);
        return length;
      }
      out += "\xEF\xBF\xBD";
      return 1;
  }
}

class Writer {
 public:
  explicit Writer(const Element& root) : root_(root) {}

  std::string run() {
    find_needed(root_);
    write(root_);
    return std::move(out_);
  }

 private:
  /// Notes every prefix that the subtree uses, in names or at the start of a value, and does not declare in itself
  /// first.
  void find_needed(const Element& element) {
    need(element.prefix);
    for (const auto& attribute : element.attributes) {
      if (!attribute.prefix.empty()) need(attribute.prefix);
      need_in_value(attribute.value);
    }
    for (const auto& node : element.nodes) {
      if (const auto* child = std::get_if<std::unique_ptr<Element>>(&node)) {
        find_needed(**child);
      } else {
        need_in_value(std::get<std::string>(node));
      }
    }
  }

  /// A value like "ex:thing" may be a qualified name; its prefix keeps its meaning only if it stays declared.
  void need_in_value(std::string_view value) {
    if (value.size() > longest_name_value) return;
    std::size_t start = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i] == ':' && i > start) need(value.substr(start, i - start));
      if (value[i] == ':' || delimiters.find(value[i]) != std::string_view::npos) start = i + 1;
    }
  }

  void need(std::string_view prefix) {
    if (!seen_.insert(prefix).second) return;
    for (const auto* scope = &root_; scope; scope = scope->parent) {
      for (const auto& declaration : scope->declarations) {
        if (declaration.prefix == prefix) return needed_.push_back(declaration);
      }
    }
  }

  void declare(const Declaration& declaration) {
    out_ += declaration.prefix.empty() ? " xmlns" : " xmlns:";
    out_.append(declaration.prefix).append("=\"");
    escape_attribute(out_, declaration.name);
    out_ += '"';
  }

  void tag(const Element& element) {
    if (!element.prefix.empty()) out_.append(element.prefix).append(":");
    out_ += element.name;
  }

  void write(const Element& element) {
    out_ += '<';
    tag(element);
    bool has_lang = false;
    for (const auto& declaration : &element == &root_ ? needed_ : element.declarations) declare(declaration);
    for (const auto& attribute : element.attributes) {
      out_ += ' ';
      if (!attribute.prefix.empty()) out_.append(attribute.prefix).append(":");
      out_.append(attribute.name).append("=\"");
      escape_attribute(out_, attribute.value);
      out_ += '"';
      has_lang = has_lang || (attribute.prefix == "xml" && attribute.name == "lang");
    }
    if (&element == &root_ && !has_lang && !element.lang.empty()) {
      out_ += " xml:lang=\"";
      escape_attribute(out_, element.lang);
      out_ += '"';
    }
    if (element.nodes.empty()) {
      out_ += "/>";
      return;
    }
    out_ += '>';
    for (const auto& node : element.nodes) {
      if (const auto* child = std::get_if<std::unique_ptr<Element>>(&node)) {
        write(**child);
      } else {
        escape(out_, std::get<std::string>(node));
      }
    }
    out_ += "</";
    tag(element);
    out_ += '>';
  }

  const Element& root_;
  std::unordered_set<std::string_view> seen_;  // into the tree
  std::vector<Declaration> needed_;
  std::string out_;
};

}  // namespace

const std::string_view root_namespaces =
    "xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:A=\"urn:ietf:params:xml:ns:carddav\" "
    "xmlns:CS=\"http://calendarserver.org/ns/\" xmlns:ICAL=\"http://apple.com/ns/ical/\"";

const Element* Element::child(std::string_view in_ns, std::string_view named) const {
  for (const auto& node : nodes) {
    const auto* element = std::get_if<std::unique_ptr<Element>>(&node);
    if (element && (*element)->is(in_ns, named)) return element->get();
  }
  return nullptr;
}

std::vector<const Element*> Element::children() const {
  std::vector<const Element*> all;
  for (const auto& node : nodes) {
    if (const auto* element = std::get_if<std::unique_ptr<Element>>(&node)) all.push_back(element->get());
  }
  return all;
}

std::string Element::whole_text() const {
  std::string all;
  for (const auto& node : nodes) {
    if (const auto* text = std::get_if<std::string>(&node)) all += *text;
  }
  return all;
}

std::string Element::text() const {
  const auto all = whole_text();
  const auto first = all.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return all.substr(first, all.find_last_not_of(" \t\r\n") - first + 1);
}

std::string_view Element::attribute(std::string_view named) const {
  for (const auto& attribute : attributes) {
    if (attribute.ns.empty() && attribute.name == named) return attribute.value;
  }
  return {};
}

std::size_t count_elements(const Element& element) {
  std::size_t count = 1;
  for (const auto& node : element.nodes) {
    if (const auto* child = std::get_if<std::unique_ptr<Element>>(&node)) count += count_elements(**child);
  }
  return count;
}

void escape(std::string& out, std::string_view text) {
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (is_plain_word(text.substr(i))) {
      i += sizeof(std::uint64_t);
      continue;
    }
    for (const std::size_t end = std::min(i + sizeof(std::uint64_t), text.size()); i < end;) {
      if (is_plain[static_cast<unsigned char>(text[i])]) {
        ++i;
        continue;
      }
      out.append(text, start, i - start);
      i += append_special(out, text.substr(i));
      start = i;
    }
  }
  out.append(text, start);
}

void escape_attribute(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    // XML 1.0 3.3.3: white space in a value would be read as a space.
    switch (text[i]) {
      case '"':
        out += "&quot;";
        ++i;
        break;
      case '\t':
        out += "&#9;";
        ++i;
        break;
      case '\n':
        out += "&#10;";
        ++i;
        break;
      default:
        if (is_plain[static_cast<unsigned char>(text[i])]) {
          out += text[i++];
        } else {
          i += append_special(out, text.substr(i, 4));
        }
    }
  }
}

std::string serialize(const Element& element) { return Writer(element).run(); }

void open_tag(std::string& out, std::string_view ns, std::string_view name) {
  out += '<';
  if (const auto prefix = known_prefix(ns); !prefix.empty()) {
    out.append(prefix).append(":").append(name).append(">");
  } else if (ns.empty()) {
    out.append(name).append(">");
  } else {
    out.append("X:").append(name).append(" xmlns:X=\"");
    escape_attribute(out, ns);
    out += "\">";
  }
}

void close_tag(std::string& out, std::string_view ns, std::string_view name) {
  out += "</";
  const auto prefix = known_prefix(ns);
  if (!ns.empty()) out.append(prefix.empty() ? "X" : prefix).append(":");
  out.append(name).append(">");
}

void empty_tag(std::string& out, std::string_view ns, std::string_view name) {
  open_tag(out, ns, name);
  out.insert(out.size() - 1, 1, '/');
}

}  // namespace dav::xml
