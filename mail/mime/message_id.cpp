#include "mail/mime/message_id.h"

#include "mail/mime/header.h"

namespace mail::mime {

namespace {

/// A header may hold any number of ids; the last ones are those nearest to the message.
constexpr std::size_t most_ids = 1000;

/// An id without brackets, white space and needless quoting; nothing if it has no '@' with something before it.
std::optional<std::string> normalized(std::string_view text) {
  std::string result;
  bool quoted = false;
  bool has_at = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '\\' && quoted && i + 1 < text.size()) {
      result += text[++i];
    } else if (quoted || (c != ' ' && c != '\t')) {
      has_at = has_at || (c == '@' && !quoted && !result.empty());
      result += c;
    }
  }
  if (!has_at) return std::nullopt;
  return result;
}

}  // namespace

std::vector<std::string> parse_message_ids(std::string_view value) {
  std::vector<std::string> ids;
  std::size_t at = value.find('<');
  while (at != std::string_view::npos) {
    const auto end = value.find_first_of("<>", at + 1);
    if (end == std::string_view::npos) break;
    if (value[end] == '>') {
      if (auto id = normalized(value.substr(at + 1, end - at - 1))) ids.push_back(std::move(*id));
    }
    at = value.find('<', end);
  }
  if (ids.size() > most_ids) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(most_ids));
  return ids;
}

std::optional<std::string> parse_message_id(std::string_view value) {
  auto ids = parse_message_ids(value);
  if (!ids.empty()) return std::move(ids.front());
  const std::string_view text = trimmed(value);
  const auto end = text.find_first_of(" \t<>");
  return normalized(text.substr(0, end));
}

std::vector<std::string> reference_ids(std::string_view header) {
  if (const auto references = first_value(header, "References")) {
    auto ids = parse_message_ids(*references);
    if (!ids.empty()) return ids;
  }
  const auto reply = first_value(header, "In-Reply-To");
  if (!reply) return {};
  auto ids = parse_message_ids(*reply);
  if (ids.size() > 1) ids.resize(1);
  return ids;
}

}  // namespace mail::mime
