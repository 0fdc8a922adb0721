#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mail::sieve {

/// A command of ManageSieve, or a client's answer to a challenge. RFC 5804 4
struct ManageCommand {
  struct Argument {
    enum class Kind : std::uint8_t { atom, number, string };
    Kind kind = Kind::atom;
    std::string text;
  };

  std::vector<Argument> arguments;  ///< the first is the command's name
  std::string fault;                ///< why it can't be read; empty for nothing
  bool too_large = false;           ///< a literal was larger than allowed, and is left out
};

/// Reads commands from octets that come in pieces of any size. Of a line it keeps at most `most_line` octets, of a
/// literal what it is told; a literal that is larger is passed over up to sixteen times that size.
class CommandReader {
 public:
  static constexpr std::size_t most_line = 16 * 1024;

  /// Reads up to the end of one command and says how many octets that took.
  std::size_t feed(std::string_view octets, std::uint64_t most_literal);

  /// A whole command is here: take it.
  bool complete() const { return state_ == State::complete; }
  ManageCommand take();
  /// What comes is no conversation any more.
  bool hopeless() const { return state_ == State::hopeless; }
  bool at_start() const { return state_ == State::between && line_ == 0; }

 private:
  enum class State : std::uint8_t { between, word, quoted, escaped, size, literal, skipped, complete, hopeless };

  void character(char c, std::uint64_t most_literal);
  void between(char c);
  void end_word();
  void end_size(std::uint64_t most_literal);
  void end_line();
  void begin(ManageCommand::Argument::Kind kind) { command_.arguments.push_back({kind, {}}); }
  void fail(const char* why);

  State state_ = State::between;
  ManageCommand command_;
  std::string size_;        ///< between the braces of a literal
  std::uint64_t left_ = 0;  ///< of the literal
  std::size_t line_ = 0;    ///< octets of the command but literals
  bool spaced_ = true;      ///< a new argument may begin
};

/// A string as the server says it: quoted, or a literal where it must be. RFC 5804 4
std::string manage_string(std::string_view text);

}  // namespace mail::sieve
