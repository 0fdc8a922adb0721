#include "server/basic.h"

#include <algorithm>
#include <cstdint>

#include "server/utf8.h"

namespace server {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// RFC 4648 4, strictly: padded, no other characters, no bits that are thrown away.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xFFU);
  }
  if ((bits & ((1U << held) - 1U)) != 0) return std::nullopt;
  return out;
}

bool has_scheme(std::string_view field) {
  static constexpr std::string_view scheme = "basic ";
  return field.size() > scheme.size() && std::ranges::equal(field.substr(0, scheme.size()), scheme, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
         });
}

}  // namespace

std::optional<BasicCredentials> parse_basic(std::string_view field) {
  if (!has_scheme(field)) return std::nullopt;
  field.remove_prefix(5);
  field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
  const auto decoded = decode_base64(field);
  if (!decoded || !is_utf8(*decoded)) return std::nullopt;
  // RFC 7617 2: "The user-id and password MUST NOT contain any control characters".
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(*decoded, is_control)) return std::nullopt;
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  return BasicCredentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

}  // namespace server
