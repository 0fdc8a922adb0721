#include "mail/mime/subject.h"

#include <algorithm>
#include <optional>

#include "mail/mime/encoded_word.h"
#include "mail/mime/header.h"

namespace mail::mime {

namespace {

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && same_word(text.substr(0, word.size()), word);
}

std::string_view without_leading_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

/// What follows the blob (`[…]` and white space) that a text begins with; nothing if it doesn't.
std::optional<std::string_view> after_blob(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  const auto end = text.find_first_of("[]", 1);
  if (end == std::string_view::npos || text[end] != ']') return std::nullopt;
  return without_leading_spaces(text.substr(end + 1));
}

/// What follows the subj-refwd that a text begins with: `("re" / ("fw" ["d"])) *WSP [subj-blob] ":"`.
std::optional<std::string_view> after_refwd(std::string_view text) {
  for (const std::string_view word : {"re", "fwd", "fw"}) {
    if (!starts_with_word(text, word)) continue;
    std::string_view rest = without_leading_spaces(text.substr(word.size()));
    if (const auto after = after_blob(rest)) rest = *after;
    if (rest.starts_with(':')) return rest.substr(1);
  }
  return std::nullopt;
}

/// Steps (3) to (5). Blobs are looked at once: where no subj-refwd follows a run of them, step (4) takes them one by
/// one.
void remove_prefixes(std::string_view& text, bool& is_reply) {
  while (true) {
    text = without_leading_spaces(text);
    std::string_view rest = text;
    std::string_view last_blob = text;
    while (const auto after = after_blob(rest)) {
      last_blob = rest;
      rest = *after;
    }
    if (const auto after = after_refwd(rest)) {
      text = *after;
      is_reply = true;
      continue;
    }
    // "removing that prefix leaves a non-empty subj-base"
    text = rest.empty() ? last_blob : rest;
    return;
  }
}

/// Step (2).
void remove_trailers(std::string_view& text, bool& is_reply) {
  constexpr std::string_view forwarded = "(fwd)";
  while (true) {
    if (text.ends_with(' ')) {
      text.remove_suffix(1);
    } else if (text.size() >= forwarded.size() && same_word(text.substr(text.size() - forwarded.size()), forwarded)) {
      text.remove_suffix(forwarded.size());
      is_reply = true;
    } else {
      return;
    }
  }
}

/// Step (1).
std::string one_line(std::string_view subject) {
  std::string decoded = decode_words(subject);
  std::replace_if(
      decoded.begin(), decoded.end(), [](char c) { return c == '\t' || c == '\r' || c == '\n'; }, ' ');
  decoded.erase(std::unique(decoded.begin(), decoded.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
                decoded.end());
  return decoded;
}

}  // namespace

// RFC 5256 2.1
BaseSubject base_subject(std::string_view subject) {
  constexpr std::string_view header = "[fwd:";
  BaseSubject result;
  const std::string line = one_line(subject);
  std::string_view text = line;
  while (true) {
    remove_trailers(text, result.is_reply);
    remove_prefixes(text, result.is_reply);
    // Step (6).
    if (!starts_with_word(text, header) || !text.ends_with(']')) break;
    text = text.substr(header.size(), text.size() - header.size() - 1);
    result.is_reply = true;
  }
  result.text = std::string(text);
  return result;
}

}  // namespace mail::mime
