#include "mail/sieve/command_reader.h"

#include <algorithm>
#include <utility>

namespace mail::sieve {

namespace {

using Kind = ManageCommand::Argument::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// RFC 5804 4: ATOM-CHAR
bool is_atom(char c) { return c > ' ' && c < '\x7f' && std::string_view("(){\"\\").find(c) == std::string_view::npos; }

}  // namespace

void CommandReader::fail(const char* why) {
  if (command_.fault.empty()) command_.fault = why;
}

ManageCommand CommandReader::take() {
  state_ = State::between;
  line_ = 0;
  spaced_ = true;
  return std::exchange(command_, {});
}

std::size_t CommandReader::feed(std::string_view octets, std::uint64_t most_literal) {
  std::size_t used = 0;
  while (used < octets.size() && state_ != State::complete && state_ != State::hopeless) {
    if (state_ == State::literal || state_ == State::skipped) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, octets.size() - used));
      if (state_ == State::literal) command_.arguments.back().text.append(octets.substr(used, count));
      used += count;
      left_ -= count;
      if (left_ == 0) state_ = State::between;
      continue;
    }
    if (++line_ > most_line) {
      state_ = State::hopeless;
      break;
    }
    character(octets[used++], most_literal);
  }
  return used;
}

void CommandReader::character(char c, std::uint64_t most_literal) {
  switch (state_) {
    case State::between:
      return between(c);
    case State::word:
      if (is_atom(c)) {
        command_.arguments.back().text += c;
      } else {
        end_word();
        between(c);
      }
      return;
    case State::quoted:
      if (c == '"') {
        state_ = State::between;
      } else if (c == '\\') {
        state_ = State::escaped;
      } else if (c == '\n') {
        fail("a quoted string can't have a line end");
        end_line();
      } else if (c == '\r' || c == '\0') {
        fail("a quoted string can't have this character");
      } else {
        command_.arguments.back().text += c;
      }
      return;
    case State::escaped:
      if (c != '"' && c != '\\') fail("a backslash stands before a quote or a backslash only");
      command_.arguments.back().text += c;
      state_ = State::quoted;
      return;
    case State::size:
      if (c == '\n') return end_size(most_literal);
      if (size_.size() < 16) size_ += c;
      return;
    default:
      return;
  }
}

/// Between arguments: exactly one space is between two of them.
void CommandReader::between(char c) {
  if (c == '\n') return end_line();
  if (c == '\r') return;
  if (c == ' ') {
    if (spaced_) fail("there is a space too many");
    spaced_ = true;
    return;
  }
  if (!spaced_) fail("a space is missing between two arguments");
  spaced_ = false;
  if (c == '"') {
    begin(Kind::string);
    state_ = State::quoted;
  } else if (c == '{') {
    size_.clear();
    state_ = State::size;
  } else if (is_atom(c)) {
    begin(Kind::atom);
    command_.arguments.back().text = c;
    state_ = State::word;
  } else {
    fail("this character can't stand here");
  }
}

void CommandReader::end_word() {
  auto& word = command_.arguments.back();
  if (std::all_of(word.text.begin(), word.text.end(), is_digit)) word.kind = Kind::number;
  state_ = State::between;
}

/// "{" number "+}" CRLF. RFC 5804 4
void CommandReader::end_size(std::uint64_t most_literal) {
  std::string_view digits = size_;
  if (digits.ends_with('\r')) digits.remove_suffix(1);
  if (!digits.ends_with("+}")) {
    fail("a literal begins with {, a number, and +}");
    return end_line();
  }
  digits.remove_suffix(2);
  if (digits.empty() || digits.size() > 10 || !std::all_of(digits.begin(), digits.end(), is_digit)) {
    state_ = State::hopeless;
    return;
  }
  left_ = std::stoull(std::string(digits));
  begin(Kind::string);
  state_ = State::literal;
  if (left_ > most_literal) {
    command_.too_large = true;
    state_ = left_ > most_literal * 16 ? State::hopeless : State::skipped;
  } else if (left_ == 0) {
    state_ = State::between;
  }
}

void CommandReader::end_line() {
  if (spaced_ && !command_.arguments.empty()) fail("there is a space too many");
  // Empty lines are passed over.
  state_ = command_.arguments.empty() && command_.fault.empty() ? State::between : State::complete;
  line_ = 0;
  spaced_ = true;
}

std::string manage_string(std::string_view text) {
  constexpr std::size_t most_quoted = 1024;
  const bool quotable = text.size() <= most_quoted && std::none_of(text.begin(), text.end(), [](char c) {
                          return c == '\0' || c == '\r' || c == '\n';
                        });
  if (!quotable) return "{" + std::to_string(text.size()) + "}\r\n" + std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  if (out.size() > most_quoted) return "{" + std::to_string(text.size()) + "}\r\n" + std::string(text);
  return out + "\"";
}

}  // namespace mail::sieve
