#include "mail/imap/grammar/cursor.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "mail/mime/charset.h"
#include "mail/mime/header.h"

namespace mail::imap {

namespace {

/// How deep lists may stand in each other where nobody reads them.
constexpr std::size_t deepest_value = 50;
constexpr std::uint64_t most_number64 = std::numeric_limits<std::int64_t>::max();

// RFC 9051 9 (ATOM-CHAR)
bool is_atom_char(char c) {
  return c > ' ' && c < 0x7f && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
}

// "ASTRING-CHAR = ATOM-CHAR / resp-specials". RFC 9051 9
bool is_astring_char(char c) { return is_atom_char(c) || c == ']'; }

std::size_t count_while(std::string_view text, bool (*is)(char)) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is) - text.begin());
}

/// Takes `{5}`, `{5+}` or `~{5}` from the beginning of a text; nothing, and nothing taken, if there is none.
std::optional<LiteralHead> take_literal_head(std::string_view& text) {
  std::string_view rest = text;
  LiteralHead head;
  if (rest.starts_with('~')) {
    head.binary = true;
    rest.remove_prefix(1);
  }
  if (!rest.starts_with('{')) return std::nullopt;
  rest.remove_prefix(1);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), head.size);
  if (error != std::errc() || head.size > most_number64) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (rest.starts_with('+')) {
    head.synchronizing = false;
    rest.remove_prefix(1);
  }
  if (!rest.starts_with('}')) return std::nullopt;
  rest.remove_prefix(1);
  text = rest;
  return head;
}

}  // namespace

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return upper;
}

std::optional<LiteralHead> literal_at_end(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  std::size_t brace = line.rfind('{');
  if (brace == std::string_view::npos) return std::nullopt;
  if (brace > 0 && line[brace - 1] == '~') --brace;
  line.remove_prefix(brace);
  const auto head = take_literal_head(line);
  return line.empty() ? head : std::nullopt;
}

bool Cursor::skip_if(char c) {
  if (at_end() || octets_[at_] != c) return false;
  ++at_;
  return true;
}

bool Cursor::skip_word(std::string_view word) {
  const std::string_view next = rest().substr(0, count_while(rest(), is_atom_char));
  if (!mime::same_word(next, word)) return false;
  at_ += next.size();
  return true;
}

bool Cursor::skip_space_and_word(std::string_view word) {
  const std::size_t before = at_;
  if (skip_if(' ') && skip_word(word)) return true;
  at_ = before;
  return false;
}

void Cursor::expect(char c) {
  if (skip_if(c)) return;
  const std::string wanted = c == ' ' ? "a space" : std::string("'") + c + "'";
  throw SyntaxError(at_end() ? "the command ends where " + wanted + " should follow" : wanted + " is missing");
}

void Cursor::end() const {
  if (!at_end()) throw SyntaxError("something follows the end of the command");
}

std::string_view Cursor::atom() {
  const std::size_t size = count_while(rest(), is_atom_char);
  if (size == 0) throw SyntaxError(at_end() ? "the command is not complete" : "an atom is missing");
  at_ += size;
  return octets_.substr(at_ - size, size);
}

std::string Cursor::word() { return upper_case(atom()); }

std::string Cursor::word_until(std::string_view stops) {
  const std::size_t begin = at_;
  while (!at_end() && is_atom_char(octets_[at_]) && stops.find(octets_[at_]) == std::string_view::npos) ++at_;
  if (at_ == begin) throw SyntaxError(at_end() ? "the command is not complete" : "a word is missing");
  return upper_case(since(begin));
}

std::string_view Cursor::tag() {
  const std::size_t begin = at_;
  while (!at_end() && is_astring_char(octets_[at_]) && octets_[at_] != '+') ++at_;
  if (at_ == begin) throw SyntaxError("the command has no tag");
  return since(begin);
}

std::string Cursor::astring() {
  const std::size_t size = count_while(rest(), is_astring_char);
  if (size == 0) return string();
  at_ += size;
  return std::string(octets_.substr(at_ - size, size));
}

std::string Cursor::string() {
  if (peek() == '"') return quoted();
  if (peek() != '{') throw SyntaxError(at_end() ? "the command is not complete" : "a string is missing");
  const std::string_view octets = literal();
  // "CHAR8 = any OCTET except NUL". RFC 9051 9
  if (octets.find('\0') != std::string_view::npos) throw SyntaxError("a NUL may stand only in a literal8");
  return std::string(octets);
}

std::string Cursor::quoted() {
  std::string text;
  std::size_t at = at_ + 1;
  for (;; ++at) {
    if (at >= octets_.size()) throw SyntaxError("a quoted string is not closed");
    char c = octets_[at];
    if (c == '"') break;
    if (c == '\\') {
      c = ++at < octets_.size() ? octets_[at] : '\0';
      if (c != '"' && c != '\\') throw SyntaxError("only a quote and a backslash can follow a backslash in a string");
    } else if (c == '\r' || c == '\n' || c == '\0') {
      throw SyntaxError("a quoted string has a line end or NUL in it; send a literal");
    }
    text += c;
  }
  at_ = at + 1;
  if (!mime::is_ascii(text)) {
    // RFC 3501 9 has only ASCII there; RFC 9051 4.3 has UTF-8.
    if (client_ == Client::rev1) throw SyntaxError("UTF-8 in quoted strings has not been enabled; send a literal");
    if (!mime::is_utf8(text)) throw SyntaxError("a quoted string is not UTF-8");
  }
  return text;
}

std::optional<std::string> Cursor::nstring() {
  if (peek() == '"' || peek() == '{') return string();
  if (!skip_word("NIL")) throw SyntaxError("a string or NIL is missing");
  return std::nullopt;
}

std::string_view Cursor::literal() {
  std::string_view text = rest();
  const auto head = take_literal_head(text);
  if (!head) throw SyntaxError("a literal is missing");
  const std::size_t line_end = text.starts_with("\r\n") ? 2 : text.starts_with('\n') ? 1 : 0;
  if (line_end == 0 || head->size > text.size() - line_end) throw SyntaxError("a literal is not complete");
  const std::string_view octets = text.substr(line_end, static_cast<std::size_t>(head->size));
  at_ = octets_.size() - text.size() + line_end + octets.size();
  return octets;
}

LiteralHead Cursor::literal_head() {
  std::string_view text = rest();
  const auto head = take_literal_head(text);
  if (!head) throw SyntaxError("a literal is missing");
  at_ = octets_.size() - text.size();
  skip_if('\r');
  skip_if('\n');
  return *head;
}

std::string_view Cursor::digits() {
  const std::size_t size = count_while(rest(), [](char c) { return c >= '0' && c <= '9'; });
  if (size == 0) throw SyntaxError("a number is missing");
  at_ += size;
  return octets_.substr(at_ - size, size);
}

std::uint64_t Cursor::number64() {
  const std::string_view text = digits();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number > most_number64) throw SyntaxError("a number is too large");
  return number;
}

std::uint32_t Cursor::number() {
  const std::uint64_t number = number64();
  if (number > std::numeric_limits<std::uint32_t>::max()) throw SyntaxError("a number is too large");
  return static_cast<std::uint32_t>(number);
}

std::uint32_t Cursor::nz_number() {
  const std::uint32_t read = number();
  if (read == 0) throw SyntaxError("0 stands where numbers begin with 1");
  return read;
}

std::uint64_t Cursor::nz_number64() {
  const std::uint64_t read = number64();
  if (read == 0) throw SyntaxError("0 stands where numbers begin with 1");
  return read;
}

void Cursor::skip_value() {
  std::size_t depth = 0;
  for (;;) {
    if (skip_if('(')) {
      if (++depth > deepest_value) throw SyntaxError("lists stand too deep in each other");
      if (peek() != ')') continue;
    } else if (peek() == '"' || peek() == '{') {
      string();
    } else {
      // Sequence sets have an asterisk, which atoms don't.
      const std::size_t size = count_while(rest(), [](char c) { return is_astring_char(c) || c == '*'; });
      if (size == 0) throw SyntaxError("a value is missing");
      at_ += size;
    }
    while (depth > 0 && skip_if(')')) --depth;
    if (depth == 0) return;
    space();
  }
}

void append_astring(std::string& out, std::string_view text, Client client) {
  const bool is_atom =
      !text.empty() && count_while(text, is_astring_char) == text.size() && !mime::same_word(text, "NIL");
  if (is_atom) {
    out += text;
  } else {
    mime::append_string(out, text, client);
  }
}

}  // namespace mail::imap
