#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mail/imap/grammar/cursor.h"
#include "storage/spool.h"

namespace mail::imap {

/// Cuts what a client sends into commands, however the octets come. Literals stand in a command's text as they came;
/// those that are spooled stand beside it, and an empty literal in their place. Holds nothing between commands.
class Reader {
 public:
  enum class Event {
    more,      ///< all octets are used, and no command is whole
    command,   ///< text() is a whole command, without its last line end
    literal,   ///< head() is announced: accept, spool or refuse it
    too_long,  ///< a command with more than `most_line` octets beside its literals has ended
    refused,   ///< a command of which a literal was refused has ended
  };

  /// Uses octets from the front of `bytes` up to the next event.
  Event take(std::string_view& bytes, std::size_t most_line);

  /// The next line is no command but a client's answer, in which no literal is looked for.
  void expect_line() { plain_line_ = true; }

  const LiteralHead& head() const { return head_; }
  /// The literal becomes part of the text.
  void accept();
  /// It goes into that spool.
  void spool_into(storage::Spool spool);
  /// The literal and the rest of its command are passed over, up to Event::refused. If the client waits
  /// (LiteralHead::synchronizing), the command ends here instead: reset.
  void refuse();

  /// The command as far as it is here; of one that was too long, its beginning.
  std::string_view text() const { return text_; }
  std::vector<storage::Spool>& spools() { return spools_; }
  /// Octets of literals in the text.
  std::uint64_t literal_octets() const { return literal_octets_; }
  /// Nothing of a command is here.
  bool fresh() const { return state_ == State::line && text_.empty(); }

  /// Begins a new command and gives all memory back.
  void reset();

 private:
  enum class State : std::uint8_t { line, announced, literal, spooling, skip_literal, skip_line };

  Event take_line(std::string_view& bytes, std::size_t most_line);
  Event end_line();
  void take_literal(std::string_view& bytes);
  Event skip_line(std::string_view& bytes);

  std::string text_;
  std::vector<storage::Spool> spools_;
  LiteralHead head_;
  std::uint64_t left_ = 0;            ///< octets of the literal still to come
  std::uint64_t literal_octets_ = 0;  ///< in text_
  std::size_t line_begin_ = 0;        ///< of the line that is being read, in text_
  State state_ = State::line;
  Event skipped_ = Event::refused;  ///< what the end of what is skipped means
  bool plain_line_ = false;
};

}  // namespace mail::imap
