#include "mail/sieve/header_fields.h"

#include <algorithm>

#include "mail/mime/charset.h"
#include "mail/mime/encoded_word.h"
#include "mail/mime/header.h"
#include "mail/mime/transfer.h"

namespace mail::sieve {

namespace {

constexpr std::size_t line = 78;

/// The text in encoded words, none of which splits a character. RFC 2047 5, 8
std::string encoded_words(std::string_view text, std::size_t used) {
  constexpr std::string_view begin = "=?utf-8?B?";
  constexpr std::size_t octets = 42;  // 56 characters of base64: a word of at most 68
  std::string out;
  // The first line may be too short for a word.
  if (used + 24 > line) out += "\r\n ";
  std::size_t room = used + 24 > line ? octets : std::min<std::size_t>(octets, (line - used - 12) / 4 * 3);
  while (!text.empty()) {
    std::size_t end = std::min(room, text.size());
    while (end > 1 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    if (!out.empty() && out.back() != ' ') out += "\r\n ";
    out += std::string(begin) + mime::encode_base64(text.substr(0, end)) + "?=";
    text.remove_prefix(end);
    room = octets;
  }
  return out;
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return std::string(mime::trimmed(out));
}

std::string encode_text(std::string_view text, std::size_t used) {
  if (!mime::is_ascii(text)) return encoded_words(text, used);
  std::string out;
  std::size_t column = used;
  while (!text.empty()) {
    // A piece is the spaces before a word, and the word.
    const std::size_t word = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t end = std::min(text.find(' ', word), text.size());
    if (column + end > line && word > 0 && end > word) {
      out += "\r\n";
      column = 0;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(end);
  }
  return out;
}

HeaderFields::HeaderFields(std::string_view header) {
  mime::FieldReader reader(header);
  while (const auto field = reader.next()) {
    entries_.push_back({std::string(field->name), std::string(field->value), std::string(field->whole)});
  }
}

std::vector<std::size_t> HeaderFields::named(std::string_view name) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!name.empty() && mime::same_word(entries_[i].name, name)) out.push_back(i);
  }
  return out;
}

std::string HeaderFields::text(const Entry& entry) {
  return std::string(mime::trimmed(mime::decode_words(mime::unfold(entry.value))));
}

std::optional<std::string> HeaderFields::first(std::string_view name) const {
  const auto found = named(name);
  if (found.empty()) return std::nullopt;
  return text(entries_[found.front()]);
}

void HeaderFields::add(std::string_view name, std::string_view value, bool last) {
  Entry entry;
  entry.name = name;
  entry.value = " " + encode_text(one_line(value), name.size() + 2);
  entry.whole = entry.name + ":" + entry.value + "\r\n";
  entries_.insert(last ? entries_.end() : entries_.begin(), std::move(entry));
  changed_ = true;
  whole_.reset();
}

void HeaderFields::remove(std::size_t index) {
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
  changed_ = true;
  whole_.reset();
}

std::shared_ptr<const std::string> HeaderFields::changed() {
  if (changed_ && !whole_) {
    std::string out;
    for (const Entry& one : entries_) {
      out += one.whole;
      if (!out.ends_with('\n')) out += "\r\n";
    }
    out += "\r\n";
    whole_ = std::make_shared<const std::string>(std::move(out));
  }
  return whole_;
}

}  // namespace mail::sieve
