#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mail/sieve/script.h"

namespace mail::sieve {

/// What a script is made of. RFC 5228 8.1
struct Token {
  enum class Kind : std::uint8_t { identifier, tag, number, string, mark, end };

  Kind kind = Kind::end;
  Place place;
  /// An identifier or tag in lower case, without the colon; a string without its quoting; the character of a mark.
  std::string text;
  std::uint64_t number = 0;

  bool is(char mark) const { return kind == Kind::mark && text.front() == mark; }
};

/// Reads a script token by token. Lines may end with LF, too; in strings they end with CRLF. Throws ScriptError.
class Lexer {
 public:
  explicit Lexer(std::string_view script) : script_(script) {}

  Token next();

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < script_.size() ? script_[at_ + ahead] : '\0'; }
  bool at_end() const { return at_ == script_.size(); }
  void advance();
  void skip_white_space();
  void skip_bracket_comment();
  void skip_line();
  std::string word();
  Token number(Token token);
  Token quoted(Token token);
  Token multi_line(Token token);
  bool line_end();

  std::string_view script_;
  std::size_t at_ = 0;
  Place place_;
};

}  // namespace mail::sieve
