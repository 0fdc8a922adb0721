#include "dav/content/jvalue.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "dav/content/text.h"

namespace dav::content {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

/// `19850412` → `1985-04-12`, `--0412` → `--04-12`; other forms are the same in both. RFC 7095 3.5.3
std::string extended_date(std::string_view date) {
  std::string result(date);
  if (date.size() == 8 && all_digits(date)) {
    result.insert(6, "-").insert(4, "-");
  } else if (date.size() == 6 && date.starts_with("--") && all_digits(date.substr(2))) {
    result.insert(4, "-");
  }
  return result;
}

std::string basic_date(std::string_view date) {
  std::string result(date);
  if (date.size() == 10 && date[4] == '-' && date[7] == '-') {
    result.erase(7, 1).erase(4, 1);
  } else if (date.size() == 7 && date.starts_with("--") && date[4] == '-') {
    result.erase(4, 1);
  }
  return result;
}

/// `+0100` → `+01:00`, `-053020` → `-05:30:20`. RFC 7265 3.6.14
std::string extended_offset(std::string_view offset) {
  std::string result(offset);
  const bool is_offset = offset.size() >= 5 && (offset[0] == '+' || offset[0] == '-') && all_digits(offset.substr(1));
  if (is_offset && offset.size() == 7) result.insert(5, ":");
  if (is_offset && (offset.size() == 5 || offset.size() == 7)) result.insert(3, ":");
  return result;
}

/// `232050Z` → `23:20:50Z`, `-2050` → `-20:50`. RFC 7095 3.5.4
std::string extended_time(std::string_view time) {
  const std::size_t dashes = std::min(time.find_first_not_of('-'), time.size());
  const std::size_t zone = std::min(time.find_first_of("Z+-", dashes), time.size());
  std::string clock(time.substr(0, zone));
  const auto digits = time.substr(dashes, zone - dashes);
  if (all_digits(digits) && digits.size() % 2 == 0 && digits.size() <= 6) {
    if (digits.size() == 6) clock.insert(dashes + 4, ":");
    if (digits.size() >= 4) clock.insert(dashes + 2, ":");
  }
  return clock + extended_offset(time.substr(zone));
}

std::string without_colons(std::string_view text) {
  std::string result(text);
  result.erase(std::remove(result.begin(), result.end(), ':'), result.end());
  return result;
}

/// A date, or a date and a time behind a `T`, or such a time alone.
std::string extended_date_time(std::string_view value) {
  const std::size_t mark = value.find('T');
  if (mark == std::string_view::npos) return extended_date(value);
  return extended_date(value.substr(0, mark)) + 'T' + extended_time(value.substr(mark + 1));
}

std::string basic_date_time(std::string_view value) {
  const std::size_t mark = value.find('T');
  if (mark == std::string_view::npos) return basic_date(value);
  return basic_date(value.substr(0, mark)) + 'T' + without_colons(value.substr(mark + 1));
}

using Rewrite = std::string (*)(std::string_view);

/// The text rewritten, where the reverse leads back to it; else as it is: what has no such form is kept.
std::string rewritten(std::string_view text, Rewrite rewrite, Rewrite reverse) {
  std::string result = rewrite(text);
  return reverse(result) == text ? result : std::string(text);
}

std::string date_time_to_json(std::string_view text) { return rewritten(text, extended_date_time, basic_date_time); }

std::string date_time_of_json(std::string_view text) { return rewritten(text, basic_date_time, extended_date_time); }

/// A number as JSON writes it: no plus, no zeros in front. Empty if it is no number, or one that others may not hold.
std::string json_number(std::string_view text, bool whole) {
  constexpr std::size_t longest = 18;
  if (text.starts_with('+')) text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
  if (text.size() > longest || !is_json_number(text)) return {};
  if (whole && !all_digits(text)) return {};
  return (negative ? "-" : "") + std::string(text);
}

/// A number of JSON without exponent, and a whole one without fraction: neither format has them. RFC 7095 3.5.9, 3.5.10
std::string plain_number(const Json& json, bool whole) {
  const std::string& text = json.text;
  const bool exponent = text.find_first_of("eE") != std::string::npos;
  if (!exponent && (!whole || text.find('.') == std::string::npos)) return text;
  const double value = std::strtod(text.c_str(), nullptr);
  constexpr double most = 1e15;
  if (!(std::fabs(value) < most)) throw MalformedJson(json.offset, "the number is too large");
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), whole ? "%.0f" : "%.12f", value);
  std::string result = buffer.data();
  if (whole) return result == "-0" ? "0" : result;
  result.erase(result.find_last_not_of('0') + 1);
  if (result.ends_with('.')) result += '0';
  return result;
}

void append_number_or_string(std::string& out, std::string_view text) {
  const std::string number = json_number(text, true);
  if (number.empty()) return append_json_string(out, text);
  out += number;
}

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    if (end == text.size()) return parts;
    begin = end + 1;
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return result;
}

bool is_rule_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

/// One part of a rule. RFC 7265 3.6.10, RFC 7529 9
void append_rule_part(std::string& out, std::string_view name, std::string_view value) {
  append_json_string(out, name);
  out += ':';
  if (name == "until") return append_json_string(out, date_time_to_json(value));
  if (name == "count" || name == "interval") return append_number_or_string(out, value);
  if (!name.starts_with("by")) return append_json_string(out, value);
  const auto values = parts_of(value, ',');
  if (values.size() > 1) out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    if (name == "byday") {
      append_json_string(out, values[i]);
    } else {
      append_number_or_string(out, values[i]);
    }
  }
  if (values.size() > 1) out += ']';
}

// RFC 7265 3.6.10
void append_rule(std::string& out, std::string_view value) {
  std::vector<std::pair<std::string, std::string_view>> parts;
  for (const auto part : parts_of(value, ';')) {
    const std::size_t equals = part.find('=');
    std::string name = lower(part.substr(0, equals));
    const bool plain = equals != std::string_view::npos && part.find('=', equals + 1) == std::string_view::npos;
    if (!plain || !is_rule_name(name) || parts.size() > 32) return append_json_string(out, value);
    const auto same = [&](const auto& known) { return known.first == name; };
    if (std::any_of(parts.begin(), parts.end(), same)) return append_json_string(out, value);
    parts.emplace_back(std::move(name), part.substr(equals + 1));
  }
  out += '{';
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += ',';
    append_rule_part(out, parts[i].first, parts[i].second);
  }
  out += '}';
}

std::string rule_value(std::string_view name, const Json& json) {
  if (json.is(Json::Kind::number)) return plain_number(json, true);
  if (!json.is(Json::Kind::string)) throw MalformedJson(json.offset, "a part of a rule is text, a number or a list");
  const std::string& text = checked(json, LineEnds::refused);
  if (text.find_first_of(";=") != std::string::npos) throw MalformedJson(json.offset, "bad part of a rule");
  return name == "until" ? date_time_of_json(text) : text;
}

std::string rule_of_json(const Json& json) {
  if (json.is(Json::Kind::string)) return checked(json, LineEnds::refused);
  if (!json.is(Json::Kind::object)) throw MalformedJson(json.offset, "a rule is an object");
  // "the FREQ rule part MUST be the first rule part specified" for old readers (RFC 5545 3.3.10); but for RSCALE (RFC
  // 7529 4.1).
  std::string first, rest;
  for (std::size_t i = 0; i < json.keys.size(); ++i) {
    const std::string& key = json.keys[i];
    if (!is_rule_name(key)) throw MalformedJson(json.offset, "bad name of a part of a rule");
    const Json& value = json.items[i];
    std::string part = upper(key) + '=';
    if (value.is(Json::Kind::array)) {
      for (std::size_t n = 0; n < value.items.size(); ++n) part += (n > 0 ? "," : "") + rule_value(key, value.items[n]);
    } else {
      part += rule_value(key, value);
    }
    std::string& where = key == "freq" || (key == "rscale" && first.empty() && rest.empty()) ? first : rest;
    where += (where.empty() ? "" : ";") + part;
  }
  return first.empty() || rest.empty() ? first + rest : first + ';' + rest;
}

// RFC 7265 3.6.9
void append_period(std::string& out, std::string_view value) {
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos) return append_json_string(out, value);
  const auto end = value.substr(slash + 1);
  out += '[';
  append_json_string(out, date_time_to_json(value.substr(0, slash)));
  out += ',';
  append_json_string(out, end.find('P') != std::string_view::npos ? std::string(end) : date_time_to_json(end));
  out += ']';
}

/// Also as one string, which is how an example of RFC 7265 B.2.2 has it.
std::string period_of_json(const Json& json) {
  const auto basic = [](std::string_view text) {
    return text.find('P') == std::string_view::npos ? date_time_of_json(text) : std::string(text);
  };
  if (json.is(Json::Kind::string)) {
    const std::string& text = checked(json, LineEnds::refused);
    const std::size_t slash = text.find('/');
    return slash == std::string::npos ? text : basic(text.substr(0, slash)) + '/' + basic(text.substr(slash + 1));
  }
  const bool two = json.is(Json::Kind::array) && json.items.size() == 2;
  if (!two || !json.items[0].is(Json::Kind::string) || !json.items[1].is(Json::Kind::string)) {
    throw MalformedJson(json.offset, "a period is a start and an end");
  }
  return basic(checked(json.items[0], LineEnds::refused)) + '/' + basic(checked(json.items[1], LineEnds::refused));
}

}  // namespace

bool is_date_type(std::string_view type) {
  return type == "date-time" || type == "date" || type == "date-and-or-time" || type == "timestamp";
}

void append_json_value(std::string& out, std::string_view type, std::string_view value) {
  if (type == "text") return append_json_string(out, unescape_text(value));
  if (is_date_type(type)) return append_json_string(out, date_time_to_json(value));
  if (type == "time") return append_json_string(out, rewritten(value, extended_time, without_colons));
  if (type == "utc-offset") return append_json_string(out, rewritten(value, extended_offset, without_colons));
  if (type == "recur") return append_rule(out, value);
  if (type == "period") return append_period(out, value);
  if (type == "integer" || type == "float") {
    const std::string number = json_number(value, type == "integer");
    if (number.empty()) return append_json_string(out, value);
    out += number;
    return;
  }
  if (type == "boolean" && (equal_ignoring_case(value, "TRUE") || equal_ignoring_case(value, "FALSE"))) {
    out += equal_ignoring_case(value, "TRUE") ? "true" : "false";
    return;
  }
  append_json_string(out, value);
}

const std::string& checked(const Json& json, LineEnds line_ends) {
  for (const char c : json.text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet != 0x7F) continue;
    if (c == '\t' || (line_ends == LineEnds::allowed && (c == '\n' || c == '\r'))) continue;
    throw MalformedJson(json.offset, "a control character");
  }
  if (!is_utf8(json.text)) throw MalformedJson(json.offset, "a character that may not stand in text");
  return json.text;
}

std::string value_of_json(std::string_view type, const Json& json) {
  using Kind = Json::Kind;
  if (type == "recur") return rule_of_json(json);
  if (type == "period") return period_of_json(json);
  if (json.is(Kind::number)) return plain_number(json, type == "integer");
  if (json.is(Kind::boolean)) return upper(json.text);
  if (!json.is(Kind::string)) throw MalformedJson(json.offset, "a value of type " + std::string(type) + " is none");
  if (type == "text") return escape_text(checked(json, LineEnds::allowed));
  const std::string& text = checked(json, LineEnds::refused);
  if (is_date_type(type)) return date_time_of_json(text);
  if (type == "time") return rewritten(text, without_colons, extended_time);
  if (type == "utc-offset") return rewritten(text, without_colons, extended_offset);
  return text;
}

}  // namespace dav::content
