#include "mail/mime/lexer.h"

#include <algorithm>

namespace mail::mime {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// The content of a comment or quoted string without the quoting of single characters. RFC 5322 3.2.1
std::string without_quoting(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    result += text[i];
  }
  return result;
}

}  // namespace

bool Lexer::skip_if(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool Lexer::skip_space() {
  const std::size_t from = at_;
  while (!at_end() && is_space(text_[at_])) ++at_;
  return at_ > from;
}

std::optional<std::size_t> Lexer::comment_end() const {
  std::size_t depth = 0;
  for (std::size_t i = at_; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == '(') {
      ++depth;
    } else if (text_[i] == ')' && --depth == 0) {
      return i;
    }
  }
  return std::nullopt;
}

void Lexer::skip_cfws(std::string* comment) {
  while (true) {
    skip_space();
    if (peek() != '(') return;
    // Where one comment has no end, a later one that begins within it may have one; but looking once is enough: the
    // rest of such a text is broken anyway.
    const auto end = no_more_comments_ ? std::nullopt : comment_end();
    if (end) {
      if (comment != nullptr) *comment = without_quoting(text_.substr(at_ + 1, *end - at_ - 1));
      at_ = *end + 1;
      continue;
    }
    no_more_comments_ = true;
    ++at_;
    const std::string_view word = until(" \t<>,;\"(");
    if (comment != nullptr) *comment = std::string(word);
  }
}

std::optional<std::string> Lexer::quoted_string() {
  if (no_more_quotes_) return std::nullopt;
  for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == '"') {
      std::string content = without_quoting(text_.substr(at_ + 1, i - at_ - 1));
      at_ = i + 1;
      return content;
    }
  }
  no_more_quotes_ = true;
  return std::nullopt;
}

std::string_view Lexer::until(std::string_view stops) {
  const std::size_t from = at_;
  at_ = std::min(text_.find_first_of(stops, at_), text_.size());
  return text_.substr(from, at_ - from);
}

}  // namespace mail::mime
