#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mail::mime {

/// Reads the lexical parts of a structured field (RFC 5322 3.2), tolerantly: what is not closed ends with the text.
/// Works on unfolded text, moves only forwards.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  /// The next character; NUL at the end.
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  /// Where the next character is, and a part of the text from a place before it.
  std::size_t at() const { return at_; }
  std::string_view since(std::size_t from) const { return text_.substr(from, at_ - from); }

  /// Passes over one character; nothing at the end.
  void skip() { at_ += at_end() ? 0 : 1; }
  /// Passes over that character if it is the next.
  bool skip_if(char c);
  /// Passes over white space and comments; the content of the last comment is kept in `comment`, if given. A comment
  /// that isn't closed is only its first word, so that what follows is not lost. RFC 7103 7.1.4
  void skip_cfws(std::string* comment = nullptr);
  /// Passes over white space. Whether there was any.
  bool skip_space();

  /// A quoted string, its first character being a quote: its content without quoting. Nothing, and nothing passed over,
  /// if it isn't closed. RFC 5322 3.2.4
  std::optional<std::string> quoted_string();
  /// The characters up to one of `stops`, or the end.
  std::string_view until(std::string_view stops);

 private:
  std::optional<std::size_t> comment_end() const;

  std::string_view text_;
  std::size_t at_ = 0;
  bool no_more_quotes_ = false;
  bool no_more_comments_ = false;
};

}  // namespace mail::mime
