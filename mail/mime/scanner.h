#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mime/structure.h"

namespace mail::mime {

/// What is told apart in one message.
struct Limits {
  std::size_t parts = 10'000;
  /// Multiparts and messages in one another.
  std::size_t depth = 100;
  /// The octets kept of one header, and of all.
  std::size_t header = 256 * 1024;
  std::size_t headers = 4 * 1024 * 1024;
};

/// Finds the parts of a message that comes in pieces of any size; no more of it is held than its headers and a line.
/// It takes what mail is: nothing is refused, and how a fault is read stands in docs/tolerances.md. Time is linear in
/// the size. RFC 5322 2.1, RFC 2045, RFC 2046 5
class Scanner {
 public:
  explicit Scanner(Limits limits = {});

  void add(std::string_view piece);

  /// The structure of all that was added. Nothing may be added after it.
  Structure finish();

 private:
  enum class State {
    header,
    /// In a leaf.
    body,
    /// In a multipart, outside its parts.
    between,
  };

  /// A multipart whose boundary is awaited; empty if none was named: the first line that looks like one is it.
  struct Boundary {
    std::string value;
    /// How many parts are open, down to the multipart itself.
    std::size_t depth;
  };

  /// A line that is a delimiter, and of which boundary.
  struct Match {
    std::size_t boundary;
    bool closes;
  };

  void add_piece_of_line(std::string_view text, bool ends);
  void line(std::string_view text, bool ends);
  void end_line();

  void header_line(std::string_view text, bool ends);
  void keep_header_line(std::string_view text);
  void end_header(std::uint64_t body_begin, std::uint64_t body_line);
  void end_headers_here();
  bool is_message() const;
  void describe();
  void begin_part(std::uint64_t begin, std::uint64_t line);

  std::optional<Match> match(std::string_view text) const;
  void delimiter(Match found, std::string_view text, bool ends);
  void close_down_to(std::size_t depth, std::uint64_t end, std::uint64_t line);
  void close(std::uint32_t part, std::uint64_t end, std::uint64_t line);

  void body_line(std::string_view text, bool ends);
  void body_octets(std::string_view text);
  void decode(std::string_view text);

  Limits limits_;
  Structure structure_;
  State state_ = State::header;
  /// The parts that are open, outermost first.
  std::vector<std::uint32_t> open_;
  std::vector<Boundary> boundaries_;

  // The current line: where it begins, how much of it has come, and what is kept of that if it is not whole.
  std::uint64_t line_begin_ = 0;
  std::uint64_t line_size_ = 0;
  std::uint64_t lines_ = 0;
  std::string partial_;
  /// It is known to be no delimiter, and its octets are passed on as they come.
  bool passed_on_ = false;
  char last_ = '\0';
  /// Its end has come, and that is an LF without a CR.
  bool ends_bare_ = false;
  /// The size of the line end before it.
  unsigned end_size_ = 0;

  // The current header.
  bool first_line_ = true;
  bool keep_field_ = false;
  std::size_t kept_ = 0;

  // The current body: its decoded size so far, its line ends without CR. A line end belongs to the body only if no
  // delimiter follows it.
  TransferDecoder decoder_{Encoding::seven_bit, LineEnds::as_they_are};
  bool decodes_ = false;
  std::string decoded_;
  std::uint64_t decoded_size_ = 0;
  std::string held_end_;
  std::uint64_t bare_ = 0;
  bool last_is_bare_ = false;
};

/// The structure of a message that is in memory.
Structure scan(std::string_view message, Limits limits = {});

}  // namespace mail::mime
