#include "mail/imap/grammar/utf7.h"

#include <cstdint>

#include "mail/mime/charset.h"

namespace mail::imap {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool is_printable(char c) { return c >= 0x20 && c <= 0x7e; }

void append_utf8(std::string& out, std::uint32_t c) {
  const auto add = [&](std::uint32_t octet) { out += static_cast<char>(static_cast<unsigned char>(octet)); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xc0 | c >> 6);
    add(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    add(0xe0 | c >> 12);
    add(0x80 | (c >> 6 & 0x3f));
    add(0x80 | (c & 0x3f));
  } else {
    add(0xf0 | c >> 18);
    add(0x80 | (c >> 12 & 0x3f));
    add(0x80 | (c >> 6 & 0x3f));
    add(0x80 | (c & 0x3f));
  }
}

/// Appends what the base64 between & and - says; false if it isn't what to_utf7 would have written.
bool append_shifted(std::string& out, std::string_view base64) {
  std::uint32_t bits = 0;
  unsigned count = 0;
  std::uint32_t high = 0;  // the first of two surrogates
  for (const char digit : base64) {
    const std::size_t value = alphabet.find(digit);
    if (value == std::string_view::npos) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 16) continue;
    count -= 16;
    const std::uint32_t unit = bits >> count & 0xffff;
    bits &= (1U << count) - 1;
    const bool is_low = unit >= 0xdc00 && unit < 0xe000;
    if (is_low != (high != 0)) return false;
    if (is_low) {
      append_utf8(out, 0x10000 + ((high & 0x3ff) << 10 | (unit & 0x3ff)));
      high = 0;
    } else if (unit >= 0xd800 && unit < 0xdc00) {
      high = unit;
    } else if (unit < 0x20 || unit == 0x7f) {
      return false;
    } else if (unit <= 0x7e) {
      // "Modified BASE64 MUST NOT be used to represent any printing US-ASCII character". RFC 3501 5.1.3
      return false;
    } else {
      append_utf8(out, unit);
    }
  }
  return high == 0 && count < 6 && bits == 0;
}

/// The next character of UTF-8, U+FFFD for an octet that begins none.
std::uint32_t take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const std::string_view octets = text.substr(0, size);
  if (octets.size() < size || !mime::is_utf8(octets)) {
    text.remove_prefix(1);
    return 0xfffd;
  }
  std::uint32_t c = size == 1 ? first : first & (0xffU >> (size + 1));
  for (const char octet : octets.substr(1)) c = c << 6 | (static_cast<unsigned char>(octet) & 0x3fU);
  text.remove_prefix(size);
  return c;
}

/// Writes UTF-16 as modified base64, without its marks.
class Shifted {
 public:
  explicit Shifted(std::string& out) : out_(out) {}
  void unit(std::uint32_t unit) {
    bits_ = bits_ << 16 | unit;
    count_ += 16;
    while (count_ >= 6) {
      count_ -= 6;
      out_ += alphabet[bits_ >> count_ & 0x3f];
    }
    bits_ &= (1U << count_) - 1;
  }
  void finish() {
    if (count_ > 0) out_ += alphabet[bits_ << (6 - count_) & 0x3f];
  }

 private:
  std::string& out_;
  std::uint32_t bits_ = 0;
  unsigned count_ = 0;
};

}  // namespace

std::optional<std::string> from_utf7(std::string_view text) {
  std::string utf8;
  bool after_shift = false;  // what was before ended in base64
  while (!text.empty()) {
    const char c = text.front();
    if (!is_printable(c)) return std::nullopt;
    if (c != '&') {
      utf8 += c;
      text.remove_prefix(1);
      after_shift = false;
      continue;
    }
    const std::size_t end = text.find('-');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view base64 = text.substr(1, end - 1);
    // "superfluous shifts" would give one name two spellings: `&AAA-&AAA-`. RFC 3501 5.1.3
    if (!base64.empty() && (after_shift || !append_shifted(utf8, base64))) return std::nullopt;
    if (base64.empty()) utf8 += '&';
    after_shift = !base64.empty();
    text.remove_prefix(end + 1);
  }
  return utf8;
}

std::string to_utf7(std::string_view text) {
  std::string utf7;
  while (!text.empty()) {
    if (is_printable(text.front())) {
      utf7 += text.front();
      if (text.front() == '&') utf7 += '-';
      text.remove_prefix(1);
      continue;
    }
    utf7 += '&';
    Shifted shifted(utf7);
    while (!text.empty() && !is_printable(text.front())) {
      const std::uint32_t c = take_character(text);
      if (c >= 0x10000) {
        shifted.unit(0xd800 | (c - 0x10000) >> 10);
        shifted.unit(0xdc00 | ((c - 0x10000) & 0x3ff));
      } else {
        shifted.unit(c);
      }
    }
    shifted.finish();
    utf7 += '-';
  }
  return utf7;
}

}  // namespace mail::imap
