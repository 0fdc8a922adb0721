#include "dav/content/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace dav::content {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The octets a UTF-8 sequence that begins with this one should have; 0 if none begins so.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

/// Whether the sequence of two or more octets at the front is well-formed.
bool is_sequence(std::string_view octets, std::size_t length) {
  if (octets.size() < length) return false;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(octets[i])) return false;
  }
  const auto first = static_cast<unsigned char>(octets[0]);
  const auto second = static_cast<unsigned char>(octets[1]);
  if (first == 0xE0 && second < 0xA0) return false;  // overlong
  if (first == 0xED && second > 0x9F) return false;  // surrogates
  if (first == 0xF0 && second < 0x90) return false;  // overlong
  if (first == 0xF4 && second > 0x8F) return false;  // beyond U+10FFFF
  return octets.substr(0, 3) != "\xEF\xBF\xBE" && octets.substr(0, 3) != "\xEF\xBF\xBF";
}

/// The length of the folds (line ends, one or several as the reader takes them, and one white space) at the front; 0 if
/// there is none.
std::size_t folds_length(std::string_view octets) {
  std::size_t length = 0;
  for (;;) {
    const std::size_t space = octets.find_first_not_of("\r\n", length);
    if (space == length || space == octets.npos || (octets[space] != ' ' && octets[space] != '\t')) return length;
    length = space + 1;
  }
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(),
                                                   [](char a, char b) { return a == b || lower(a) == lower(b); });
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return result;
}

bool is_utf8(std::string_view octets) {
  while (!octets.empty()) {
    std::uint64_t word = 0;
    if (octets.size() >= sizeof word) {
      std::memcpy(&word, octets.data(), sizeof word);
      if ((word & 0x8080808080808080) == 0) {
        octets.remove_prefix(sizeof word);
        continue;
      }
    }
    const std::size_t length = sequence_length(static_cast<unsigned char>(octets.front()));
    if (length == 0 || (length > 1 && !is_sequence(octets, length))) return false;
    octets.remove_prefix(length);
  }
  return true;
}

std::string unescape_text(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return std::string(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    const char next = text[i + 1];
    if (next == 'n' || next == 'N') {
      result += '\n';
    } else if (next == '\\' || next == ';' || next == ',') {
      result += next;
    } else {
      result += '\\';
      continue;
    }
    ++i;
  }
  return result;
}

std::string escape_text(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' || c == ';' || c == ',') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') result += "\\n";
    } else {
      result += c;
    }
  }
  return result;
}

std::string_view take_part(std::string_view& rest, char separator, bool& is_last) {
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\\') {
      ++i;
    } else if (rest[i] == separator) {
      const auto part = rest.substr(0, i);
      rest.remove_prefix(i + 1);
      is_last = false;
      return part;
    }
  }
  is_last = true;
  return std::exchange(rest, {});
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (bool is_last = false; !is_last;) parts.push_back(take_part(text, separator, is_last));
  return parts;
}

std::string decode_parameter(std::string_view raw) {
  std::string result;
  result.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '"') continue;
    if (raw[i] != '^' || i + 1 == raw.size()) {
      result += raw[i];
      continue;
    }
    const char next = raw[i + 1];
    if (next == 'n') {
      result += '\n';
    } else if (next == '^') {
      result += '^';
    } else if (next == '\'') {
      result += '"';
    } else {
      // "treat both the "^" and the following character literally"; RFC 6868 3.2
      result += '^';
      continue;
    }
    ++i;
  }
  return result;
}

std::string encode_parameter(std::string_view value) {
  std::string result;
  bool needs_quotes = false;
  for (const char c : value) {
    if (c == '^') {
      result += "^^";
    } else if (c == '\n') {
      result += "^n";
    } else if (c == '"') {
      result += "^'";
    } else if (c != '\r') {
      needs_quotes = needs_quotes || c == ';' || c == ':' || c == ',';
      result += c;
    }
  }
  return needs_quotes ? '"' + result + '"' : result;
}

void append_folded(std::string& out, std::string_view line) {
  std::size_t room = 75;
  while (line.size() > room) {
    std::size_t length = room;
    while (length > 1 && is_continuation(line[length])) --length;
    out.append(line.substr(0, length));
    out += "\r\n ";
    line.remove_prefix(length);
    room = 74;  // the white space counts
  }
  out.append(line);
  out += "\r\n";
}

void append_raw(std::string& out, std::string_view raw) {
  out.append(raw);
  if (!raw.ends_with('\n') && !raw.ends_with('\r')) out += "\r\n";
}

std::string mend_folds(std::string text) {
  if (is_utf8(text)) return text;
  const std::string_view octets = text;
  std::string out;
  out.reserve(octets.size());
  std::size_t i = 0;
  while (i < octets.size()) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(octets[i]));
    std::string sequence(1, octets[i++]);
    std::string folds;
    while (sequence.size() < length) {
      const std::size_t length_of_folds = folds_length(octets.substr(i));
      folds.append(octets.substr(i, length_of_folds));
      i += length_of_folds;
      if (i == octets.size() || !is_continuation(octets[i])) break;
      sequence += octets[i++];
    }
    out += folds;
    out += sequence;
  }
  return out;
}

}  // namespace dav::content
