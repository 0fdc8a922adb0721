#include "mail/mime/charset.h"

#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>

#include "mail/mime/header.h"

namespace mail::mime {

namespace {

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};

/// Sets whose name stands in mail for a larger one, in lower case.
struct Alias {
  std::string_view name;
  const char* meant;
};
constexpr Alias aliases[] = {
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"8859-1", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"iso-8859-11", "windows-874"},
    {"tis-620", "windows-874"},
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"gbk", "gb18030"},
    {"cp936", "gb18030"},
    {"ks_c_5601-1987", "windows-949"},
    {"ks_c_5601", "windows-949"},
    {"euc-kr", "windows-949"},
    {"shift_jis", "windows-31j"},
    {"shift-jis", "windows-31j"},
    {"sjis", "windows-31j"},
    {"x-sjis", "windows-31j"},
    {"iso-8859-8-i", "iso-8859-8"},
    {"iso-8859-8-e", "iso-8859-8"},
    {"x-mac-roman", "macintosh"},
    {"unicode-1-1-utf-7", "utf-7"},
    {"utf-7-imap", "utf-7"},
    {"iso-2022-jp-ms", "iso-2022-jp-2"},
    {"x-gbk", "gb18030"},
};

/// Sets that say nothing.
constexpr std::string_view unsaid[] = {"",        "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown",
                                       "default", "7bit",     "8bit"};

/// Names as IANA gives them: short, and nothing in them that ICU takes for an option or the name of a file.
bool is_plain_name(std::string_view name) {
  return name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':';
         });
}

/// Empty if the set is unknown, or if there is no character in the octets.
std::string converted(std::string_view octets, const std::string& charset) {
  octets = octets.substr(0, std::numeric_limits<std::int32_t>::max() / 4);
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, CloseConverter> converter(ucnv_open(charset.c_str(), &status));
  if (U_FAILURE(status)) return {};
  const icu::UnicodeString text(octets.data(), static_cast<std::int32_t>(octets.size()), converter.get(), status);
  std::string result;
  if (U_SUCCESS(status)) text.toUTF8String(result);
  return result;
}

/// The number of octets that follow this first one in a character; -1 if it is no first one.
int following(unsigned char first) {
  if (first < 0x80) return 0;
  if (first >= 0xC2 && first <= 0xDF) return 1;
  if (first >= 0xE0 && first <= 0xEF) return 2;
  if (first >= 0xF0 && first <= 0xF4) return 3;
  return -1;
}

/// Whether the second octet of a character is possible after the first: no overlong form, surrogate or too large
/// number.
bool second_fits(unsigned char first, unsigned char second) {
  if (first == 0xE0 && second < 0xA0) return false;
  if (first == 0xED && second > 0x9F) return false;
  if (first == 0xF0 && second < 0x90) return false;
  return first != 0xF4 || second <= 0x8F;
}

/// Whether there is a character of several octets in what else may be no UTF-8.
bool has_utf8_character(std::string_view octets) {
  for (std::size_t at = 0; at < octets.size(); ++at) {
    const int more = following(static_cast<unsigned char>(octets[at]));
    if (more > 0 && is_utf8(octets.substr(at, static_cast<std::size_t>(more) + 1))) return true;
  }
  return false;
}

}  // namespace

bool is_ascii(std::string_view octets) {
  std::size_t at = 0;
  for (; at + 8 <= octets.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets.data() + at, 8);
    if ((word & 0x8080808080808080ULL) != 0) return false;
  }
  return std::all_of(octets.begin() + static_cast<std::ptrdiff_t>(at), octets.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_utf8(std::string_view octets, Tail tail) {
  for (std::size_t at = 0; at < octets.size();) {
    const auto first = static_cast<unsigned char>(octets[at++]);
    const int more = following(first);
    if (more < 0) return false;
    for (int i = 0; i < more; ++i, ++at) {
      if (at == octets.size()) return tail == Tail::may_be_cut;
      const auto octet = static_cast<unsigned char>(octets[at]);
      if (octet < 0x80 || octet > 0xBF || (i == 0 && !second_fits(first, octet))) return false;
    }
  }
  return true;
}

std::string guessed_utf8(std::string_view octets) {
  if (octets.find("\x1B$") != std::string_view::npos && is_ascii(octets)) {
    std::string text = converted(octets, "iso-2022-jp");
    // Escapes alone are no text.
    if (!text.empty()) return text;
  }
  if (is_ascii(octets) || is_utf8(octets)) return std::string(octets);
  if (has_utf8_character(octets) && is_utf8(octets, Tail::may_be_cut)) {
    // Cut in a character: that one is left out.
    std::size_t end = octets.size();
    while (end > 0 && (static_cast<unsigned char>(octets[end - 1]) & 0xC0) == 0x80) --end;
    return std::string(octets.substr(0, end == 0 ? 0 : end - 1));
  }
  return converted(octets, "windows-1252");
}

std::string to_utf8(std::string_view octets, std::string_view charset) {
  std::string name = lower_case(trimmed(charset));
  if (std::find(std::begin(unsaid), std::end(unsaid), name) != std::end(unsaid) || !is_plain_name(name)) {
    return guessed_utf8(octets);
  }
  if (name == "utf-8" || name == "utf8") {
    if (is_utf8(octets)) return std::string(octets);
    return has_utf8_character(octets) ? converted(octets, "utf-8") : guessed_utf8(octets);
  }
  for (const Alias& alias : aliases) {
    if (name == alias.name) name = alias.meant;
  }
  std::string result = converted(octets, name);
  return result.empty() ? guessed_utf8(octets) : result;
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
    if (count == 0) break;
    --count;
  }
  return text.substr(0, at);
}

}  // namespace mail::mime
