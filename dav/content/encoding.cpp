#include "dav/content/encoding.h"

#include <array>
#include <cstdint>

namespace dav::content {

namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view hex_digits = "0123456789ABCDEF";

constexpr std::array<std::int8_t, 256> base64_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < base64_digits.size(); ++i) {
    values[static_cast<unsigned char>(base64_digits[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

/// What four digits of base64 stand for, in 24 bits; negative where one is none.
std::int32_t four_digits(const char* digits) {
  std::int32_t all = 0, signs = 0;
  for (int i = 0; i < 4; ++i) {
    const std::int32_t value = base64_values[static_cast<unsigned char>(digits[i])];
    signs |= value;
    all = all * 64 + value;
  }
  return signs < 0 ? -1 : all;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string decode_hex(std::string_view text, char mark) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
    out.append(text.substr(0, at));
    text.remove_prefix(at);
    const bool complete = text.size() > 2;
    const int high = complete ? hex_value(text[1]) : -1, low = complete ? hex_value(text[2]) : -1;
    const bool stands_for_one = high >= 0 && low >= 0;
    out += stands_for_one ? static_cast<char>(high * 16 + low) : mark;
    text.remove_prefix(stands_for_one ? 3 : 1);
  }
  return out.append(text);
}

}  // namespace

std::string encode_base64(std::string_view octets) {
  std::string out;
  out.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = octets.size() - i < 3 ? octets.size() - i : 3;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<unsigned char>(octets[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? base64_digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  std::size_t written = 0;
  std::uint32_t group = 0;
  int bits = 0;
  bool ended = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // Nearly all of it is whole groups of four.
    for (; bits == 0 && !ended && text.size() - i >= 4; i += 4) {
      const std::int32_t four = four_digits(text.data() + i);
      if (four < 0) break;
      out[written++] = static_cast<char>(four >> 16 & 0xFF);
      out[written++] = static_cast<char>(four >> 8 & 0xFF);
      out[written++] = static_cast<char>(four & 0xFF);
    }
    if (i == text.size()) break;
    const char c = text[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      ended = true;
      continue;
    }
    const int value = base64_values[static_cast<unsigned char>(c)];
    if (value < 0 || ended) return std::nullopt;
    group = (group << 6 | static_cast<std::uint32_t>(value)) & 0xFFFFFF;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[written++] = static_cast<char>(group >> bits & 0xFF);
  }
  out.resize(written);
  return out;
}

std::string decode_quoted_printable(std::string_view text) { return decode_hex(text, '='); }

std::string decode_percent(std::string_view text) { return decode_hex(text, '%'); }

std::string encode_percent(std::string_view octets, std::string_view also) {
  std::string out;
  for (const char c : octets) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain || also.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out += '%';
      out += hex_digits[octet >> 4];
      out += hex_digits[octet & 15];
    }
  }
  return out;
}

}  // namespace dav::content
