#include "mail/mime/header.h"

#include <algorithm>

namespace mail::mime {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// The first line of a text, with its end.
std::string_view first_line(std::string_view text) {
  const auto end = text.find('\n');
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

}  // namespace

bool is_blank_line(std::string_view line) { return line == "\r\n" || line == "\n"; }

std::optional<std::size_t> field_name_length(std::string_view line) {
  // RFC 5322 2.1.1: no line is longer, much less a name.
  line = line.substr(0, 998);
  std::size_t length = 0;
  while (length < line.size() && line[length] > ' ' && line[length] < '\x7F' && line[length] != ':') ++length;
  if (length == 0) return std::nullopt;
  // RFC 5322 4.5: white space may stand before the colon.
  std::size_t at = length;
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  if (at == line.size() || line[at] != ':') return std::nullopt;
  return length;
}

std::optional<Field> FieldReader::next() {
  std::string_view line = first_line(rest_);
  if (line.empty() || is_blank_line(line)) return std::nullopt;
  Field field;
  std::size_t value_at = 0;
  if (const auto length = field_name_length(line)) {
    field.name = line.substr(0, *length);
    value_at = line.find(':', *length) + 1;
  }
  std::size_t size = line.size();
  while (true) {
    line = first_line(rest_.substr(size));
    if (line.empty() || is_blank_line(line) || field_name_length(line)) break;
    size += line.size();
  }
  field.whole = rest_.substr(0, size);
  field.value = field.whole.substr(value_at);
  if (field.value.ends_with('\n')) field.value.remove_suffix(1);
  if (field.value.ends_with('\r')) field.value.remove_suffix(1);
  rest_.remove_prefix(size);
  return field;
}

std::string unfold(std::string_view value) {
  std::string result;
  result.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\0') continue;
    if (c != '\r' && c != '\n') {
      result += c;
      continue;
    }
    // A line that should have been indented, or a CR that ends no line: the words on both sides stay apart.
    const char after = i + 1 < value.size() ? value[i + 1] : ' ';
    if (!is_space(after) && !result.empty() && !is_space(result.back())) result += ' ';
  }
  const std::string_view text = trimmed(result);
  return text.size() == result.size() ? result : std::string(text);
}

std::optional<std::string> first_value(std::string_view header, std::string_view name) {
  FieldReader reader(header);
  while (const auto field = reader.next()) {
    if (same_word(field->name, name)) return unfold(field->value);
  }
  return std::nullopt;
}

std::vector<std::string> all_values(std::string_view header, std::string_view name) {
  std::vector<std::string> values;
  FieldReader reader(header);
  while (const auto field = reader.next()) {
    if (same_word(field->name, name)) values.push_back(unfold(field->value));
  }
  return values;
}

bool same_word(std::string_view one, std::string_view other) {
  return one.size() == other.size() &&
         std::equal(one.begin(), one.end(), other.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace mail::mime
