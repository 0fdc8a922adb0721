#include "mail/mime/text.h"

#include <algorithm>

#include "mail/mime/charset.h"
#include "mail/mime/encoded_word.h"
#include "mail/mime/header.h"
#include "mail/mime/html.h"

namespace mail::mime {

namespace {

constexpr std::size_t piece_size = 64 * 1024;

/// A PREVIEW is made from no more than this of a part, and of no more parts than that.
constexpr std::size_t preview_octets = 64 * 1024;
constexpr int preview_parts = 5;
constexpr std::size_t preview_characters = 200;

/// The decoded octets of a part, the first ones.
std::string decoded(const Extent& extent, const ReadOctets& read, std::size_t limit) {
  std::string out;
  TransferDecoder decoder(extent.encoding, extent.line_ends);
  std::uint64_t at = extent.body_begin;
  while (at < extent.body_end && out.size() < limit) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, extent.body_end - at));
    const std::string piece = read(at, size);
    if (piece.empty()) break;
    decoder.add(std::string_view(piece).substr(0, size), out);
    at += std::min(piece.size(), size);
  }
  decoder.finish(out);
  if (out.size() > limit) out.resize(limit);
  return out;
}

void append_line(std::string& out, std::string_view text, std::size_t& room) {
  if (text.size() > room) {
    // Not within a character.
    std::size_t end = room;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  if (text.empty()) return;
  if (!out.empty()) out += '\n';
  out += text;
  room -= text.size();
}

std::optional<Disposition> disposition_of(const Description& description) {
  const auto value = first_value(description.header, "Content-Disposition");
  return value ? parse_disposition(*value) : std::nullopt;
}

/// The place of a field in a SearchText.
std::string SearchText::*place_of(std::string_view name) {
  if (same_word(name, "Subject")) return &SearchText::subject;
  if (same_word(name, "From")) return &SearchText::from;
  if (same_word(name, "To") || same_word(name, "Cc") || same_word(name, "Bcc")) return &SearchText::to;
  return &SearchText::headers;
}

/// Characters that are there to be not seen: soft hyphens, joiners, marks of direction, the byte order mark.
bool is_invisible(std::string_view character) {
  static constexpr std::string_view list[] = {"\xC2\xAD",     "\xCD\x8F",     "\xE2\x80\x8B",
                                              "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x80\x8E",
                                              "\xE2\x80\x8F", "\xE2\x81\xA0", "\xEF\xBB\xBF"};
  return std::find(std::begin(list), std::end(list), character) != std::end(list);
}

/// Puts the words of a line behind what is there, a space between.
void append_words(std::string& out, std::string_view line) {
  bool space = !out.empty();
  while (!line.empty()) {
    std::string_view character = first_characters(line, 1);
    line.remove_prefix(character.size());
    if (character == "\xC2\xA0") character = " ";
    const auto c = static_cast<unsigned char>(character.front());
    if (c <= ' ' || c == 0x7F) {
      space = !out.empty();
    } else if (!is_invisible(character)) {
      if (space) out += ' ';
      space = false;
      out += character;
    }
  }
}

enum class Quotes { left_out, taken };

std::string preview_with(std::string_view text, Quotes quotes) {
  std::string out;
  while (!text.empty() && first_characters(out, preview_characters).size() == out.size()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = first_characters(text.substr(0, end), preview_characters * 8);
    text.remove_prefix(std::min(end + 1, text.size()));
    // What follows is the sender's signature. RFC 3676 4.3
    if (line == "-- " || line == "-- \r") break;
    if (quotes == Quotes::left_out && line.starts_with('>')) continue;
    append_words(out, line);
  }
  out.resize(first_characters(out, preview_characters).size());
  return out;
}

}  // namespace

std::string part_text(const Structure& structure, std::uint32_t part, const ReadOctets& read, std::size_t limit) {
  const MediaType& type = structure.descriptions[part].type;
  const std::string octets = decoded(structure.layout[part], read, limit);
  std::string charset = parameter(type.parameters, "charset").value_or("");
  const bool html = type.is("text", "html");
  if (html && charset.empty()) charset = html_charset(octets);
  std::string text = to_utf8(octets, charset);
  std::erase(text, '\0');
  return html ? html_to_text(text, limit) : text;
}

std::string file_name(const Description& description) {
  const auto disposition = disposition_of(description);
  const auto name = disposition ? shown_parameter(disposition->parameters, "filename") : std::nullopt;
  if (name && !name->empty()) return *name;
  return shown_parameter(description.type.parameters, "name").value_or("");
}

bool is_attachment(const Description& description) {
  const auto disposition = disposition_of(description);
  if (disposition) return !same_word(disposition->type, "inline") || parameter(disposition->parameters, "filename");
  return shown_parameter(description.type.parameters, "name").has_value();
}

SearchText search_text(const Structure& structure, const ReadOctets& read, TextLimits limits) {
  SearchText result;
  std::size_t room = limits.all;
  for (std::uint32_t part = 0; part < structure.layout.size(); ++part) {
    const Description& description = structure.descriptions[part];
    const Extent& extent = structure.layout[part];
    FieldReader reader(description.header);
    while (const auto field = reader.next()) {
      const auto place = part == 0 ? place_of(field->name) : &SearchText::headers;
      append_line(result.*place, decode_words(unfold(field->value)), room);
    }
    append_line(result.attachments, file_name(description), room);
    if (extent.kind == PartKind::leaf && description.type.is("text") && room > 0) {
      append_line(result.body, part_text(structure, part, read, std::min(limits.part, room)), room);
    }
  }
  return result;
}

std::string preview_of(std::string_view text) {
  std::string out = preview_with(text, Quotes::left_out);
  return out.empty() ? preview_with(text, Quotes::taken) : out;
}

std::string preview(const Structure& structure, const ReadOctets& read) {
  int tried = 0;
  for (std::uint32_t part = 0; part < structure.layout.size() && tried < preview_parts; ++part) {
    const Description& description = structure.descriptions[part];
    const bool shown = description.type.is("text", "plain") || description.type.is("text", "html");
    if (structure.layout[part].kind != PartKind::leaf || !shown || is_attachment(description)) continue;
    ++tried;
    std::string text = preview_of(part_text(structure, part, read, preview_octets));
    if (!text.empty()) return text;
  }
  return {};
}

}  // namespace mail::mime
