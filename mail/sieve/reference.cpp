#include "mail/sieve/reference.h"

#include <algorithm>
#include <cstdint>

#include "mail/mime/header.h"

namespace mail::sieve {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

std::optional<unsigned> hex_digit(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10;
  return std::nullopt;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto add = [&](std::uint32_t octet) { out += static_cast<char>(octet); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | (c >> 6));
    add(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    add(0xE0 | (c >> 12));
    add(0x80 | ((c >> 6) & 0x3F));
    add(0x80 | (c & 0x3F));
  } else {
    add(0xF0 | (c >> 18));
    add(0x80 | ((c >> 12) & 0x3F));
    add(0x80 | ((c >> 6) & 0x3F));
    add(0x80 | (c & 0x3F));
  }
}

/// What is between the colon and the brace of an encoded character.
enum class Encoded { octets, unicode };
enum class Result { decoded, left, wrong };

Result decode_sequence(std::string_view digits, Encoded kind, std::string& out) {
  std::size_t at = 0;
  bool any = false;
  for (;;) {
    while (at < digits.size() && std::string_view(" \t\r\n").find(digits[at]) != std::string_view::npos) ++at;
    if (at == digits.size()) return any ? Result::decoded : Result::left;
    std::uint32_t value = 0;
    const std::size_t begin = at;
    for (; at < digits.size(); ++at) {
      const auto digit = hex_digit(digits[at]);
      if (!digit) break;
      value = std::min<std::uint32_t>(value * 16 + *digit, 0x110000);
    }
    if (at == begin || (kind == Encoded::octets && at - begin > 2)) return Result::left;
    if (at < digits.size() && std::string_view(" \t\r\n").find(digits[at]) == std::string_view::npos) {
      return Result::left;
    }
    if (kind == Encoded::octets) {
      out += static_cast<char>(value);
    } else if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
      return Result::wrong;
    } else {
      append_utf8(out, value);
    }
    any = true;
  }
}

}  // namespace

bool is_identifier(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

std::optional<std::size_t> Reference::number() const {
  if (!name_space.empty() || !is_number(name)) return std::nullopt;
  std::size_t out = 0;
  for (const char c : name) out = std::min<std::size_t>(out * 10 + static_cast<std::size_t>(c - '0'), 1000);
  return out;
}

std::optional<Reference> reference_at(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) != "${") return std::nullopt;
  std::size_t end = at + 2;
  std::size_t dot = std::string_view::npos;
  std::size_t begin = end;
  for (; end < text.size() && text[end] != '}'; ++end) {
    if (text[end] == '.') {
      const std::string_view piece = text.substr(begin, end - begin);
      if (!is_identifier(piece) && (dot == std::string_view::npos || !is_number(piece))) return std::nullopt;
      dot = end;
      begin = end + 1;
    } else if (!is_letter(text[end]) && !is_digit(text[end])) {
      return std::nullopt;
    }
  }
  if (end == text.size()) return std::nullopt;
  const std::string_view name = text.substr(begin, end - begin);
  if (!is_identifier(name) && !is_number(name)) return std::nullopt;
  Reference out;
  out.name = name;
  if (dot != std::string_view::npos) out.name_space = text.substr(at + 2, dot - at - 2);
  out.length = end + 1 - at;
  return out;
}

std::optional<std::string> decode_characters(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = std::min(text.find("${", at), text.size());
    out.append(text.substr(at, next - at));
    at = next;
    if (at == text.size()) break;
    const std::size_t colon = text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", at + 2);
    const std::string_view kind = text.substr(at + 2, std::min(colon, text.size()) - at - 2);
    const bool unicode = mime::same_word(kind, "unicode");
    if (colon >= text.size() || text[colon] != ':' || (!unicode && !mime::same_word(kind, "hex"))) {
      out += text[at++];
      continue;
    }
    const std::size_t end = text.find_first_not_of("0123456789abcdefABCDEF \t\r\n", colon + 1);
    std::string decoded;
    Result result = Result::left;
    if (end < text.size() && text[end] == '}') {
      result = decode_sequence(text.substr(colon + 1, end - colon - 1), unicode ? Encoded::unicode : Encoded::octets,
                               decoded);
    }
    if (result == Result::wrong) return std::nullopt;
    if (result == Result::left) {
      out += text[at++];
      continue;
    }
    out += decoded;
    at = end + 1;
  }
  return out;
}

}  // namespace mail::sieve
