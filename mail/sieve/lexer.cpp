#include "mail/sieve/lexer.h"

#include "mail/mime/header.h"

namespace mail::sieve {

namespace {

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void Lexer::advance() {
  const char c = script_[at_++];
  if (c == '\n') {
    ++place_.line;
    place_.column = 1;
  } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
    ++place_.column;
  }
  if (c == '\0') throw ScriptError(place_, "NUL can't be in a script");
}

/// Passes over a line end. RFC 5228 8.1: "CR and LF can only appear in CRLF pairs"; LF alone is taken, too.
bool Lexer::line_end() {
  if (peek() == '\n') {
    advance();
    return true;
  }
  if (peek() != '\r') return false;
  if (peek(1) != '\n') throw ScriptError(place_, "a CR without its LF");
  at_ += 1;
  advance();
  return true;
}

void Lexer::skip_line() {
  while (!at_end() && !line_end()) advance();
}

void Lexer::skip_bracket_comment() {
  const Place begin = place_;
  advance();
  advance();
  while (!(peek() == '*' && peek(1) == '/')) {
    if (at_end()) throw ScriptError(begin, "this comment is not closed");
    advance();
  }
  advance();
  advance();
}

void Lexer::skip_white_space() {
  for (;;) {
    if (peek() == ' ' || peek() == '\t') {
      advance();
    } else if (peek() == '#') {
      skip_line();
    } else if (peek() == '/' && peek(1) == '*') {
      skip_bracket_comment();
    } else if (at_end() || !line_end()) {
      return;
    }
  }
}

std::string Lexer::word() {
  const std::size_t begin = at_;
  while (is_alpha(peek()) || is_digit(peek())) advance();
  return mime::lower_case(script_.substr(begin, at_ - begin));
}

/// RFC 5228 2.4.1: numbers up to 2 147 483 647 must be taken.
Token Lexer::number(Token token) {
  constexpr std::uint64_t most = std::uint64_t{1} << 40;
  token.kind = Token::Kind::number;
  while (is_digit(peek())) {
    token.number = token.number * 10 + static_cast<std::uint64_t>(peek() - '0');
    if (token.number > most) throw ScriptError(token.place, "this number is too large");
    advance();
  }
  unsigned shift = 0;
  switch (peek()) {
    case 'k':
    case 'K':
      shift = 10;
      break;
    case 'm':
    case 'M':
      shift = 20;
      break;
    case 'g':
    case 'G':
      shift = 30;
      break;
    default:
      break;
  }
  if (shift != 0) {
    advance();
    if (token.number > (most >> shift)) throw ScriptError(token.place, "this number is too large");
    token.number <<= shift;
  }
  if (is_alpha(peek()) || is_digit(peek())) throw ScriptError(token.place, "a number ends with K, M, G or a digit");
  return token;
}

Token Lexer::quoted(Token token) {
  token.kind = Token::Kind::string;
  advance();
  while (peek() != '"' || at_end()) {
    if (at_end()) throw ScriptError(token.place, "this string is not closed");
    if (line_end()) {
      token.text += "\r\n";
      continue;
    }
    if (peek() == '\\') {
      advance();
      if (at_end() || peek() == '\r' || peek() == '\n') continue;
    }
    token.text += peek();
    advance();
  }
  advance();
  return token;
}

Token Lexer::multi_line(Token token) {
  token.kind = Token::Kind::string;
  advance();
  while (peek() == ' ' || peek() == '\t') advance();
  if (peek() == '#') {
    skip_line();
  } else if (at_end() || !line_end()) {
    throw ScriptError(place_, "text: is followed by a line end");
  }
  for (;;) {
    if (at_end()) throw ScriptError(token.place, "this text is not ended by a line with a dot alone");
    if (peek() == '.') {
      advance();
      if (at_end() || line_end()) return token;
      // "Remove a leading '.' if followed by another '.'." One that is followed by something else stays.
      if (peek() != '.') token.text += '.';
    }
    while (!at_end() && !line_end()) {
      token.text += peek();
      advance();
    }
    token.text += "\r\n";
  }
}

Token Lexer::next() {
  skip_white_space();
  Token token;
  token.place = place_;
  if (at_end()) return token;
  const char c = peek();
  if (is_alpha(c)) {
    token.text = word();
    if (token.text == "text" && peek() == ':') {
      token.text.clear();
      return multi_line(std::move(token));
    }
    token.kind = Token::Kind::identifier;
    return token;
  }
  if (is_digit(c)) return number(std::move(token));
  if (c == '"') return quoted(std::move(token));
  if (c == ':') {
    advance();
    if (!is_alpha(peek())) throw ScriptError(place_, "a colon is followed by the name of a tagged argument");
    token.kind = Token::Kind::tag;
    token.text = word();
    return token;
  }
  if (std::string_view("[](){},;").find(c) == std::string_view::npos) {
    throw ScriptError(place_, "this character can't stand here");
  }
  advance();
  token.kind = Token::Kind::mark;
  token.text = c;
  return token;
}

}  // namespace mail::sieve
