#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "mail/mime/imap_string.h"

namespace mail::imap {

using mime::Client;

/// A command that isn't formed as its grammar says; what() is the text of the BAD that answers it.
class SyntaxError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A command that is understood and can't be done; what() is the text of the NO that answers it.
class Refusal : public std::runtime_error {
 public:
  /// `code` is what stands in brackets, without them: `CANNOT`, `BADCHARSET (US-ASCII UTF-8)`. RFC 5530 3
  Refusal(std::string code, const std::string& text) : std::runtime_error(text), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

/// The beginning of a literal: `{310}`, `{310+}`, `~{310}`. RFC 9051 4.3, RFC 7888 4
struct LiteralHead {
  std::uint64_t size = 0;
  bool synchronizing = true;  ///< the client waits for a continuation request
  bool binary = false;        ///< a literal8, which may have NULs
};

/// The literal that a line, without its line end, ends in; nothing if it ends in none.
std::optional<LiteralHead> literal_at_end(std::string_view line);

/// Reads a command's octets from left to right. Literals stand in them as they came, `{5}`, line end and octets; the
/// last line end is not among them. All functions that read a thing throw SyntaxError, and have then read an unknown
/// part of it, if it isn't there; those called skip_… pass over nothing then. The octets outlive the cursor.
class Cursor {
 public:
  /// Client::utf8 after ENABLE of IMAP4rev2 or UTF8=ACCEPT: UTF-8 in quoted strings, and as names of mailboxes.
  explicit Cursor(std::string_view octets, Client client = Client::rev1) : octets_(octets), client_(client) {}

  Client client() const { return client_; }
  bool at_end() const { return at_ == octets_.size(); }
  /// The next octet; NUL at the end.
  char peek() const { return at_end() ? '\0' : octets_[at_]; }
  std::string_view rest() const { return octets_.substr(at_); }
  std::size_t at() const { return at_; }
  std::string_view since(std::size_t from) const { return octets_.substr(from, at_ - from); }

  bool skip_if(char c);
  /// Passes over an atom that is this word, in any case.
  bool skip_word(std::string_view word);
  /// Passes over a space and the word after it.
  bool skip_space_and_word(std::string_view word);
  void expect(char c);
  void space() { expect(' '); }
  /// The command ends here.
  void end() const;

  std::string_view atom();
  /// An atom in upper case, a name of the grammar.
  std::string word();
  /// The same of whatever stands up to the next of these characters, a space or the end.
  std::string word_until(std::string_view stops);
  /// The tag of a command. RFC 9051 2.2.1
  std::string_view tag();
  std::string astring();
  std::string string();
  /// Nothing for NIL.
  std::optional<std::string> nstring();
  /// The octets of a literal, of literal8 too, where they stand.
  std::string_view literal();
  /// Only the head of a literal, and the line end after it if it is there.
  LiteralHead literal_head();

  std::uint32_t number();     ///< 0 to 4294967295
  std::uint32_t nz_number();  ///< not 0
  std::uint64_t number64();   ///< 0 to 2^63 - 1
  std::uint64_t nz_number64();

  /// `(item item …)`: calls `read` at each item. With `Empty::allowed` there may be none.
  enum class Empty { refused, allowed };
  template <typename Read>
  void list(Empty empty, Read read) {
    expect('(');
    if (empty == Empty::allowed && skip_if(')')) return;
    do read();
    while (skip_if(' '));
    expect(')');
  }

  /// Passes over a value that nobody here understands: tagged-ext-val. RFC 9051 9
  void skip_value();

 private:
  std::string quoted();
  std::string_view digits();

  std::string_view octets_;
  std::size_t at_ = 0;
  Client client_;
};

/// Appends an astring: an atom where it can be one, else as mime::append_string does.
void append_astring(std::string& out, std::string_view text, Client client);

/// A text in ASCII upper case.
std::string upper_case(std::string_view text);

}  // namespace mail::imap
