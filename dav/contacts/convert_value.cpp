#include "dav/contacts/convert_value.h"

#include <algorithm>

#include "dav/contacts/convert_tables.h"
#include "dav/content/encoding.h"
#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::equal_ignoring_case;

constexpr std::string_view uri_mark = "X-VCARD4-VALUE";

bool is_value_kind(const Line& line, std::string_view kind) {
  return equal_ignoring_case(line.parameter("VALUE"), kind);
}

bool all_of(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           also.find(c) != std::string_view::npos;
  });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `-05:00` or `-0500` with the colon or without it; empty if it is no offset.
std::string offset(std::string_view text, bool colon) {
  const bool has_colon = text.size() == 6 && text[3] == ':';
  if ((text.size() != 5 && !has_colon) || (text[0] != '+' && text[0] != '-')) return {};
  std::string digits(text.substr(1, 2));
  digits += text.substr(has_colon ? 4 : 3);
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) return {};
  return text[0] + digits.substr(0, 2) + (colon ? ":" : "") + digits.substr(2);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::any_of(text.begin(), text.end(), is_digit) &&
         text.find_first_not_of("+-0123456789.") == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

void uri_or_text_to_v4(Line& line) {
  if (line.find("VALUE") == nullptr && !is_uri(line.value)) line.set("VALUE", "text");
}

void uri_or_text_to_v3(Line& line) {
  if (is_value_kind(line, is_uri(line.value) ? "uri" : "text")) line.remove("VALUE");
}

bool is_gender(std::string_view value) {
  if (value.empty()) return false;
  if (std::string_view("MFONUmfonu").find(value.front()) != std::string_view::npos) value.remove_prefix(1);
  return value.empty() || value.front() == ';';
}

std::string name_from(std::string_view formatted_name) {
  return content::escape_text(content::unescape_text(formatted_name)) + ";;;;";
}

std::string carried(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '"' || c == '\n' || c == '\r') {
      out += content::encode_percent({&c, 1}, "");
    } else {
      out += c;
    }
  }
  return out;
}

std::string uncarried(std::string_view text) {
  std::string decoded = content::decode_percent(text);
  return is_clean(decoded) ? decoded : std::string(text);
}

bool is_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon < 2) return false;
  const char first = text.front();
  return !is_digit(first) && all_of(text.substr(0, 1), "") && all_of(text.substr(0, colon), "+-.") &&
         text.find_first_of(" \\\"<>") == std::string_view::npos;
}

bool is_clean(std::string_view text) {
  return content::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           const auto octet = static_cast<unsigned char>(c);
           return (octet < 0x20 && c != '\n' && c != '\t') || octet == 0x7F;
         });
}

void time_zone_to_v4(Line& line) {
  const bool is_text = is_value_kind(line, "text");
  if (is_text) line.remove("VALUE");
  const std::string basic = is_text ? "" : offset(line.value, false);
  if (basic.empty()) return;
  line.value = basic;
  line.set("VALUE", "utc-offset");
}

void time_zone_to_v3(Line& line) {
  const std::string extended = offset(line.value, true);
  const bool is_offset = is_value_kind(line, "utc-offset") && !extended.empty();
  if (is_offset) {
    line.value = extended;
    line.remove("VALUE");
  } else if (line.find("VALUE") == nullptr) {
    line.set("VALUE", "text");
  }
}

bool position_to_v4(Line& line) {
  const std::string_view value = line.value;
  const auto separator = value.find(';');
  if (separator == std::string_view::npos) return false;
  const auto latitude = trimmed(value.substr(0, separator)), longitude = trimmed(value.substr(separator + 1));
  if (!is_number(latitude) || !is_number(longitude)) return false;
  line.value = "geo:" + std::string(latitude) + ',' + std::string(longitude);
  return true;
}

bool position_to_v3(Line& line) {
  const std::string_view value = line.value;
  const auto separator = value.find(',');
  if (separator == std::string_view::npos || !equal_ignoring_case(value.substr(0, 4), "geo:")) return false;
  const auto latitude = value.substr(4, separator - 4), longitude = value.substr(separator + 1);
  if (!is_number(latitude) || !is_number(longitude)) return false;
  line.value = std::string(latitude) + ';' + std::string(longitude);
  if (is_value_kind(line, "uri")) line.remove("VALUE");
  return true;
}

void telephone_to_v4(Line& line) {
  if (is_value_kind(line, "phone-number") || is_value_kind(line, "text")) line.remove("VALUE");
  if (line.parameter(uri_mark) != "uri") return;
  line.remove(uri_mark);
  const std::string number = content::unescape_text(line.value);
  // Somebody may have written another number into it.
  if (!all_of(number, "+-.()*#;=%:_~!&/?@,'$")) return;
  line.value = "tel:" + number;
  line.set("VALUE", "uri");
}

void telephone_to_v3(Line& line) {
  const std::string kind = line.parameter("VALUE");
  if (equal_ignoring_case(kind, "text")) line.remove("VALUE");
  if (!kind.empty() && !equal_ignoring_case(kind, "uri")) return;
  if (!equal_ignoring_case(std::string_view(line.value).substr(0, 4), "tel:")) return;
  line.value = content::escape_text(std::string_view(line.value).substr(4));
  line.remove("VALUE");
  line.set(uri_mark, "uri");
}

void components_to_v4(Line& line, std::size_t components) {
  if (line.find(components_mark) == nullptr) return;
  const std::string rest = uncarried(line.parameter(components_mark));
  line.remove(components_mark);
  const std::size_t present = content::split(line.value, ';').size();
  if (present > components || rest.find('\n') != std::string::npos) return;
  line.value.append(components - present + 1, ';');
  line.value += rest;
}

void components_to_v3(Line& line, std::size_t components) {
  const auto parts = content::split(line.value, ';');
  if (parts.size() <= components) return;
  const auto at = static_cast<std::size_t>(parts[components].data() - line.value.data());
  const std::string rest = line.value.substr(at);
  line.value.resize(at - 1);
  if (rest.find_first_not_of(';') != std::string::npos) line.set(components_mark, carried(rest));
}

}  // namespace dav::contacts
