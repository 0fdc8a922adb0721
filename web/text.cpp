#include "web/text.h"

#include <cstdint>
#include <optional>

namespace web {

namespace {

constexpr std::size_t most_fields = 64;

/// The octets of the character that the text begins with; 0 where that is none. RFC 3629 4
std::size_t character(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = octet(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 && first <= 0xF4 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (size == 0 || first > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && octet(1) < 0xA0) || (first == 0xF0 && octet(1) < 0x90);
  const bool nothing = (first == 0xED && octet(1) > 0x9F) || (first == 0xF4 && octet(1) > 0x8F);
  // XML 1.0 2.2 has no room for these two.
  const bool no_xml = first == 0xEF && octet(1) == 0xBF && octet(2) >= 0xBE;
  return overlong || nothing || no_xml ? 0 : size;
}

template <class Append>
void for_each_character(std::string_view text, Append&& append) {
  while (!text.empty()) {
    const std::size_t size = character(text);
    if (size > 0) append(text.substr(0, size));
    text.remove_prefix(size > 0 ? size : 1);
  }
}

std::optional<unsigned> hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%' && i + 2 < text.size() && hex_value(text[i + 1]) && hex_value(text[i + 2])) {
      out += static_cast<char>(*hex_value(text[i + 1]) << 4U | *hex_value(text[i + 2]));
      i += 2;
    } else {
      out += c == '+' ? ' ' : c;
    }
  }
  return out;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for_each_character(text, [&](std::string_view one) {
    const char c = one.front();
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if (one.size() > 1 || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F)) {
      out += one;
    }
  });
  return out;
}

std::string json_string(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for_each_character(text, [&](std::string_view one) {
    const auto octet = static_cast<unsigned char>(one.front());
    if (one == "\"" || one == "\\") {
      out.append("\\").append(one);
    } else if (octet < 0x20) {
      out.append("\\u00").append(1, digits[octet >> 4U]).append(1, digits[octet & 15U]);
    } else {
      out += one;
    }
  });
  return out + "\"";
}

std::map<std::string, std::string, std::less<>> form_fields(std::string_view text) {
  std::map<std::string, std::string, std::less<>> fields;
  while (!text.empty() && fields.size() < most_fields) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    const auto equals = pair.find('=');
    if (!pair.empty()) {
      fields.emplace(decoded(pair.substr(0, equals)),
                     equals == std::string_view::npos ? std::string() : decoded(pair.substr(equals + 1)));
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return fields;
}

std::string base64(std::string_view octets) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      bits = bits << 8U | (j < octets.size() ? static_cast<unsigned char>(octets[j]) : 0U);
    }
    for (unsigned j = 0; j < 4; ++j) {
      out += i + j > octets.size() ? '=' : alphabet[bits >> (18U - 6U * j) & 63U];
    }
  }
  return out;
}

}  // namespace web
