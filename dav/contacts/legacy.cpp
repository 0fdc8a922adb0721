#include "dav/contacts/legacy.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/content/charset.h"
#include "dav/content/encoding.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::equal_ignoring_case;

constexpr std::string_view windows_latin = "windows-1252";

/// How a property's value is made of text.
enum class Shape { text, structured, list, media, other };

struct ShapeRow {
  std::string_view name;
  Shape shape;
};

// RFC 2426 3.1 to 3.7
constexpr std::array shapes{
    ShapeRow{"N", Shape::structured},    ShapeRow{"ADR", Shape::structured}, ShapeRow{"ORG", Shape::structured},
    ShapeRow{"CATEGORIES", Shape::list}, ShapeRow{"NICKNAME", Shape::list},  ShapeRow{"PHOTO", Shape::media},
    ShapeRow{"LOGO", Shape::media},      ShapeRow{"SOUND", Shape::media},    ShapeRow{"KEY", Shape::media},
    ShapeRow{"FN", Shape::text},         ShapeRow{"NOTE", Shape::text},      ShapeRow{"TITLE", Shape::text},
    ShapeRow{"ROLE", Shape::text},       ShapeRow{"LABEL", Shape::text},     ShapeRow{"TEL", Shape::text},
    ShapeRow{"EMAIL", Shape::text},      ShapeRow{"MAILER", Shape::text},    ShapeRow{"UID", Shape::text},
    ShapeRow{"PRODID", Shape::text},     ShapeRow{"CLASS", Shape::text},     ShapeRow{"SORT-STRING", Shape::text}};

Shape shape_of(const Line& line) {
  for (const ShapeRow& row : shapes) {
    if (line.is(row.name)) return row.shape;
  }
  return Shape::other;
}

bool is_base64(std::string_view encoding) {
  return equal_ignoring_case(encoding, "BASE64") || equal_ignoring_case(encoding, "B");
}

/// What the octets of a text are, without the control characters that no content line can have.
std::string text_of(std::string_view octets, const std::string& charset) {
  std::string text(octets);
  const bool says = !charset.empty() && !equal_ignoring_case(charset, "UTF-8");
  if (says || !content::is_utf8(octets)) {
    auto read = says ? content::to_utf8(octets, charset) : std::nullopt;
    if (!read && !content::is_utf8(octets)) read = content::to_utf8(octets, windows_latin);
    if (read) text = std::move(*read);
  }
  if (!content::is_utf8(text)) text = content::to_utf8(text, windows_latin).value_or("");
  std::erase_if(text, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return (octet < 0x20 && c != '\t' && c != '\n' && c != '\r') || octet == 0x7F;
  });
  return text;
}

std::string escaped_parts(std::string_view text, char separator) {
  std::string out;
  bool first = true;
  for (const std::string_view part : content::split(text, separator)) {
    if (!first) out += separator;
    first = false;
    out += content::escape_text(content::unescape_text(part));
  }
  return out;
}

void set_text(Line& line, const std::string& text) {
  switch (shape_of(line)) {
    case Shape::structured:
      line.value = escaped_parts(text, ';');
      return;
    case Shape::list:
      line.value = escaped_parts(text, ',');
      return;
    case Shape::text:
      line.value = content::escape_text(content::unescape_text(text));
      return;
    case Shape::media:
    case Shape::other:
      break;
  }
  // Who knows what it is made of; a line end can't stand in it.
  line.value.clear();
  for (const char c : text) {
    if (c == '\n') line.value += "\\n";
    if (c != '\n' && c != '\r') line.value += c;
  }
}

/// The value of VALUE that a bare parameter stands for; nothing where it is none. vCard 2.1
std::string_view value_kind(std::string_view word) {
  if (equal_ignoring_case(word, "INLINE")) return "binary";
  for (const std::string_view reference : {"URL", "CONTENT-ID", "CID"}) {
    if (equal_ignoring_case(word, reference)) return "uri";
  }
  return {};
}

void set_value_kind(Line& line, std::string_view kind) {
  line.remove("VALUE");
  if (kind == "uri") line.set("VALUE", "uri");
}

void modernize_media(Line& line) {
  for (const std::string_view word : {"INLINE", "URL", "CONTENT-ID", "CID"}) {
    if (line.remove_type(word)) set_value_kind(line, value_kind(word));
  }
  if (const auto kind = value_kind(line.parameter("VALUE")); !kind.empty()) set_value_kind(line, kind);
  const std::string encoding = line.parameter("ENCODING");
  line.remove("CHARSET");
  if (encoding.empty()) return;
  line.remove("ENCODING");
  if (is_base64(encoding)) {
    std::erase_if(line.value, [](char c) { return c == ' ' || c == '\t'; });
    line.set("ENCODING", "b");
  } else if (equal_ignoring_case(encoding, "QUOTED-PRINTABLE")) {
    line.value = content::encode_base64(content::decode_quoted_printable(line.value));
    line.set("ENCODING", "b");
  }
}

void modernize(Line& line) {
  if (shape_of(line) == Shape::media) return modernize_media(line);
  const std::string encoding = line.parameter("ENCODING"), charset = line.parameter("CHARSET");
  std::string octets = line.value;
  if (is_base64(encoding)) {
    // Of what isn't known nothing says that it is text.
    if (shape_of(line) == Shape::other) {
      line.set("ENCODING", "b");
      return;
    }
    octets = content::decode_base64(line.value).value_or(line.value);
  } else if (equal_ignoring_case(encoding, "QUOTED-PRINTABLE")) {
    octets = content::decode_quoted_printable(line.value);
  }
  line.remove("ENCODING");
  line.remove("CHARSET");
  // A value that stood as it is has been read by its CHARSET already.
  set_text(line, text_of(octets, octets == line.value ? "" : charset));
  // "LONG LAT ordering" and a comma; RFC 2426 3.4.2 has it the other way round.
  if (line.is("GEO")) {
    if (const auto comma = line.value.find(','); comma != std::string::npos) {
      line.value = line.value.substr(comma + 1) + ';' + line.value.substr(0, comma);
    }
  }
}

/// What the head of a line says of the lines that follow.
struct Head {
  std::string charset;
  bool base64 = false;
};

Head read_head(std::string_view line) {
  Head head;
  const std::string_view text = line.substr(0, line.find(':'));
  for (const std::string_view part : content::split(text, ';')) {
    const auto equals = part.find('=');
    const bool bare = equals == std::string_view::npos;
    const auto name = part.substr(0, equals);
    if (!bare && equal_ignoring_case(name, "CHARSET")) head.charset = part.substr(equals + 1);
    if (bare ? equal_ignoring_case(name, "BASE64")
             : equal_ignoring_case(name, "ENCODING") && is_base64(part.substr(equals + 1))) {
      head.base64 = true;
    }
  }
  return head;
}

bool is_base64_text(std::string_view line) {
  return !line.empty() && std::all_of(line.begin(), line.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '=';
  });
}

}  // namespace

bool is_encoding(std::string_view parameter) {
  static constexpr std::array<std::string_view, 5> known{"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"};
  return std::any_of(known.begin(), known.end(),
                     [&](std::string_view each) { return equal_ignoring_case(each, parameter); });
}

void decode_legacy_text(Line& line) {
  const std::string encoding = line.parameter("ENCODING");
  const bool quoted = equal_ignoring_case(encoding, "QUOTED-PRINTABLE");
  if (!quoted && !(is_base64(encoding) && shape_of(line) != Shape::other)) return;
  modernize(line);
}

MendedText mend_legacy(std::string_view text) {
  MendedText mended;
  mended.text.reserve(text.size() + text.size() / 64);
  Head head;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    std::string_view line = text.substr(0, end);
    std::size_t next = end;
    if (next < text.size()) next += text.substr(next).starts_with("\r\n") ? 2 : 1;
    const std::string_view line_end = text.substr(end, next - end);
    text.remove_prefix(next);
    const bool continues = line.starts_with(' ') || line.starts_with('\t');
    if (head.base64 && is_base64_text(line)) {
      mended.text += ' ';
    } else if (!continues && line.find(':') != std::string_view::npos) {
      head = read_head(line);
    }
    const bool shifted = line.find('\x1B') != std::string_view::npos && !head.charset.empty();
    if (!shifted && content::is_utf8(line)) {
      mended.text += line;
    } else {
      auto read = head.charset.empty() ? std::nullopt : content::to_utf8(line, head.charset);
      if (!read) {
        read = content::to_utf8(line, windows_latin);
        mended.guessed = true;
      }
      mended.text += read.value_or("");
    }
    mended.text += line_end;
  }
  return mended;
}

std::string from_legacy(const content::Component& card) {
  std::vector<Line> lines = read_lines(card, Version::v3);
  for (Line& line : lines) {
    if (line.is("AGENT")) continue;
    modernize(line);
  }
  return write_card(lines, Version::v3);
}

}  // namespace dav::contacts
