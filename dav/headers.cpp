#include "dav/headers.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "dav/error.h"

namespace dav {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes the part before `separator` off the front, leaving separators within quotes alone.
std::string_view next_part(std::string_view& rest, char separator) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size(); ++end) {
    if (rest[end] == '"') quoted = !quoted;
    if (quoted && rest[end] == '\\') ++end;
    if (!quoted && rest[end] == separator) break;
  }
  const auto part = trim(rest.substr(0, std::min(end, rest.size())));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::string unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string plain;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

void apply_preference(std::string_view preference, Preferences& out) {
  const auto head = next_part(preference, ';');  // parameters of preferences mean nothing to us
  const auto equals = head.find('=');
  const auto name = trim(head.substr(0, equals));
  const auto value = equals == std::string_view::npos ? std::string() : unquote(trim(head.substr(equals + 1)));
  if (same(name, "return")) {
    // RFC 7240 4.2: the two are mutually exclusive; the first one counts (RFC 7240 2).
    if (out.minimal || out.representation) return;
    out.minimal = same(value, "minimal");
    out.representation = same(value, "representation");
  } else if (same(name, "return-minimal")) {  // the drafts' spelling, still sent by older clients
    out.minimal = !out.representation;
  } else if (same(name, "depth-noroot")) {
    out.depth_noroot = true;
  }
}

}  // namespace

std::optional<Depth> depth(const Headers& headers) {
  const auto value = headers.find("Depth");
  if (!value) return std::nullopt;
  const auto text = trim(*value);
  if (text == "0") return Depth::zero;
  if (text == "1") return Depth::one;
  if (same(text, "infinity")) return Depth::infinity;
  throw Error{condition::bad_request, "Depth is 0, 1 or infinity"};
}

Preferences preferences(const Headers& headers) {
  Preferences result;
  if (const auto prefer = headers.joined("Prefer")) {
    std::string_view rest = *prefer;
    while (!rest.empty()) apply_preference(next_part(rest, ','), result);
  }
  const auto brief = headers.find("Brief");
  if (brief && same(trim(*brief), "t") && !result.representation) {
    result.brief = !result.minimal;
    result.minimal = true;
  }
  return result;
}

void apply_preferences(const Preferences& asked, bool minimal_applied, bool noroot_applied, Headers& answer) {
  std::string applied;
  if (asked.minimal && !asked.brief && minimal_applied) applied = "return=minimal";
  if (asked.depth_noroot && noroot_applied) applied += applied.empty() ? "depth-noroot" : ", depth-noroot";
  if (!applied.empty()) answer.set("Preference-Applied", applied);
  answer.set("Vary", "Brief, Prefer");
}

bool overwrite(const Headers& headers) {
  const auto value = headers.find("Overwrite");
  if (!value || same(trim(*value), "T")) return true;
  if (same(trim(*value), "F")) return false;
  throw Error{condition::bad_request, "Overwrite is T or F"};
}

std::optional<std::int64_t> timeout(const Headers& headers) {
  const auto value = headers.joined("Timeout");
  if (!value) return std::nullopt;
  std::string_view rest = *value;
  while (!rest.empty()) {
    auto part = next_part(rest, ',');
    if (same(part, "Infinite")) return infinite_timeout;
    if (part.size() < 8 || !same(part.substr(0, 7), "Second-")) continue;
    part.remove_prefix(7);
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), seconds);
    if (end != part.data() + part.size() || seconds < 0) continue;
    if (error == std::errc::result_out_of_range) return infinite_timeout;
    if (error == std::errc()) return seconds;
  }
  return std::nullopt;
}

std::string media_type(std::string_view content_type) {
  std::string type(next_part(content_type, ';'));
  std::transform(type.begin(), type.end(), type.begin(), lower);
  return type;
}

std::string media_parameter(std::string_view content_type, std::string_view name) {
  next_part(content_type, ';');
  while (!content_type.empty()) {
    const auto part = next_part(content_type, ';');
    const auto equals = part.find('=');
    if (equals != std::string_view::npos && same(trim(part.substr(0, equals)), name))
      return unquote(trim(part.substr(equals + 1)));
  }
  return {};
}

}  // namespace dav
