#include "mail/mime/transfer.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "mail/mime/header.h"

namespace mail::mime {

namespace {

constexpr std::int8_t other = -1;
constexpr std::int8_t padding = -2;

/// What each octet stands for: its place in the alphabet.
using Values = std::array<std::int8_t, 256>;

constexpr Values values_in(std::string_view alphabet) {
  Values values{};
  values.fill(other);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr Values base64_values = [] {
  Values values = values_in("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  values['='] = padding;
  return values;
}();

std::int8_t value_of(char c) { return base64_values[static_cast<unsigned char>(c)]; }

constexpr Values hex_values = [] {
  Values values = values_in("0123456789ABCDEF");
  for (unsigned char c = 'A'; c <= 'F'; ++c) values[c + 32U] = values[c];
  return values;
}();

/// The value of the two hexadecimal digits behind `at`; negative if there are none.
int hex_octet(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return other;
  const int high = hex_values[static_cast<unsigned char>(text[at + 1])];
  const int low = hex_values[static_cast<unsigned char>(text[at + 2])];
  return (high | low) < 0 ? other : high * 16 + low;
}

/// White space at the end of a line is held back until it is known whether the line ends there; this much of it.
constexpr std::size_t most_held = 200;

/// What an octet of a quoted-printable text may be the beginning of.
enum class Role : std::uint8_t { plain, blank, line_end, special };

constexpr std::array<Role, 256> make_roles() {
  std::array<Role, 256> roles{};
  roles[' '] = Role::blank;
  roles['\t'] = Role::blank;
  roles['\n'] = Role::line_end;
  roles['\r'] = Role::special;
  roles['='] = Role::special;
  return roles;
}

constexpr std::array<Role, 256> roles_of_octets = make_roles();

Role role_of(char c) { return roles_of_octets[static_cast<unsigned char>(c)]; }

/// Where the next octet is that doesn't simply stand for itself. White space between words does.
std::size_t next_special(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at) {
    const Role role = role_of(text[at]);
    if (role == Role::special) break;
    if (role != Role::blank) continue;
    if (at + 1 == text.size() || role_of(text[at + 1]) != Role::plain) break;
  }
  return at;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

Encoding encoding_named(std::string_view name) {
  struct Row {
    std::string_view name;
    Encoding encoding;
  };
  static constexpr Row rows[] = {
      {"7bit", Encoding::seven_bit},  {"7-bit", Encoding::seven_bit},
      {"7bits", Encoding::seven_bit}, {"8bit", Encoding::eight_bit},
      {"8-bit", Encoding::eight_bit}, {"8bits", Encoding::eight_bit},
      {"binary", Encoding::binary},   {"quoted-printable", Encoding::quoted_printable},
      {"base64", Encoding::base64},   {"", Encoding::seven_bit},
  };
  for (const Row& row : rows) {
    if (same_word(name, row.name)) return row.encoding;
  }
  return Encoding::unknown;
}

bool is_identity(Encoding encoding) { return encoding != Encoding::quoted_printable && encoding != Encoding::base64; }

void TransferDecoder::add(std::string_view piece, std::string& out) { decode(piece, out, false); }

void TransferDecoder::finish(std::string& out) { decode({}, out, true); }

void TransferDecoder::decode(std::string_view piece, std::string& out, bool last) {
  const std::size_t from = out.size();
  switch (encoding_) {
    case Encoding::base64:
      add_base64(piece, out);
      if (last) end_group(out);
      break;
    case Encoding::quoted_printable:
      if (held_.empty()) {
        add_quoted_printable(piece, out, last);
      } else {
        std::string text = std::move(held_);
        held_.clear();
        text += piece;
        add_quoted_printable(text, out, last);
      }
      break;
    default:
      out += piece;
  }
  if (ends_ == LineEnds::crlf) mend_line_ends(out, from);
}

void TransferDecoder::add_base64(std::string_view piece, std::string& out) {
  std::size_t at = 0;
  while (at < piece.size()) {
    // Whole groups, which is nearly everything.
    while (characters_ == 0 && at + 4 <= piece.size()) {
      const std::int8_t a = value_of(piece[at]);
      const std::int8_t b = value_of(piece[at + 1]);
      const std::int8_t c = value_of(piece[at + 2]);
      const std::int8_t d = value_of(piece[at + 3]);
      if ((a | b | c | d) < 0) break;
      const auto bits = static_cast<std::uint32_t>((a << 18) | (b << 12) | (c << 6) | d);
      const char octets[] = {static_cast<char>(bits >> 16), static_cast<char>(bits >> 8), static_cast<char>(bits)};
      out.append(octets, 3);
      at += 4;
    }
    if (at == piece.size()) break;
    const std::int8_t value = value_of(piece[at++]);
    if (value == padding) end_group(out);
    if (value < 0) continue;
    bits_ = (bits_ << 6) | static_cast<std::uint32_t>(value);
    if (++characters_ < 4) continue;
    const char octets[] = {static_cast<char>(bits_ >> 16), static_cast<char>(bits_ >> 8), static_cast<char>(bits_)};
    out.append(octets, 3);
    characters_ = 0;
    bits_ = 0;
  }
}

void TransferDecoder::end_group(std::string& out) {
  if (characters_ == 3) out += static_cast<char>(bits_ >> 10);
  if (characters_ == 3) out += static_cast<char>(bits_ >> 2);
  if (characters_ == 2) out += static_cast<char>(bits_ >> 4);
  characters_ = 0;
  bits_ = 0;
}

void TransferDecoder::add_quoted_printable(std::string_view text, std::string& out, bool last) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t special = next_special(text, at);
    out.append(text, at, special - at);
    at = special;
    if (at == text.size()) return;
    const int octet = text[at] == '=' ? hex_octet(text, at) : other;
    if (octet >= 0) {
      out += static_cast<char>(octet);
      at += 3;
      continue;
    }
    // '=' or nothing, white space, and then the end of the line or not. RFC 2045 6.7 (3), (5)
    std::size_t after = text[at] == '=' ? at + 1 : at;
    while (after < text.size() && after - at < most_held && is_blank(text[after])) ++after;
    const bool cr = after < text.size() && text[after] == '\r';
    const std::size_t line_end = cr ? after + 1 : after;
    const bool may_go_on = line_end == text.size() || (text[at] == '=' && at + 2 >= text.size());
    if (may_go_on && !last) {
      held_ = text.substr(at);
      return;
    }
    const bool ends_line = line_end < text.size() ? text[line_end] == '\n' : last && !cr;
    if (text[at] == '=' && ends_line) {
      at = std::min(line_end + 1, text.size());
    } else if (ends_line) {
      out += text.substr(after, line_end + 1 - after);
      at = std::min(line_end + 1, text.size());
    } else {
      const std::size_t next = std::max(after, at + 1);
      out += text.substr(at, next - at);
      at = next;
    }
  }
}

void TransferDecoder::mend_line_ends(std::string& out, std::size_t from) {
  char before = last_;
  std::size_t missing = 0;
  for (std::size_t at = out.find('\n', from); at != std::string::npos; at = out.find('\n', at + 1)) {
    if ((at == from ? before : out[at - 1]) != '\r') ++missing;
  }
  if (out.size() > from) last_ = out.back();
  if (missing == 0) return;
  std::size_t source = out.size();
  out.resize(out.size() + missing);
  std::size_t target = out.size();
  while (source > from) {
    const char c = out[--source];
    out[--target] = c;
    if (c == '\n' && (source == from ? before : out[source - 1]) != '\r') out[--target] = '\r';
  }
}

std::string encode_base64(std::string_view octets) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::size_t here = std::min<std::size_t>(3, octets.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = (bits << 8) | (j < here ? static_cast<unsigned char>(octets[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) out += j <= here ? digits[(bits >> (18 - 6 * j)) & 63] : '=';
  }
  return out;
}

std::string decode_base64(std::string_view text) {
  TransferDecoder decoder(Encoding::base64, LineEnds::as_they_are);
  std::string out;
  decoder.add(text, out);
  decoder.finish(out);
  return out;
}

std::string decode_hex(std::string_view text, char mark) {
  std::string octets;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int octet = text[at] == mark ? hex_octet(text, at) : other;
    octets += octet < 0 ? text[at] : static_cast<char>(octet);
    if (octet >= 0) at += 2;
  }
  return octets;
}

}  // namespace mail::mime
