#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mail/connection.h"
#include "mail/imap/grammar/cursor.h"

namespace mail::imap {

class Session;
class Call;

/// In which states a command may be given. RFC 9051 3
namespace state {
constexpr unsigned not_authenticated = 1;
constexpr unsigned authenticated = 2;
constexpr unsigned selected = 4;
constexpr unsigned logged_in = authenticated | selected;
constexpr unsigned any = not_authenticated | logged_in;
}  // namespace state

/// A row of the table of commands.
struct Command {
  std::string_view name;
  unsigned states;  ///< bits of `state`
  enum class Uid { never, also, only } uid;
  /// Whether message numbers may change while it runs: EXPUNGE responses are never sent during FETCH, STORE and SEARCH,
  /// unless these name messages by UID. RFC 9051 7.5.1
  enum class Numbers { may_change, stay } numbers;
  /// Reads its arguments up to their end, refuses by throwing SyntaxError (BAD) or Refusal (NO), acts, appends untagged
  /// responses to Call::out. Has no effect if it throws, unless its RFC says so.
  void (*run)(Call&);
};

/// What of a command takes more than one turn: an answer in pieces, or more that the client has to say.
class Task {
 public:
  enum class Next {
    turn,  ///< `step` once more, when what was said has gone out
    line,  ///< `line` with what the client says next
    done,  ///< the command has ended: its tagged response goes out
    later  ///< somebody else ends the command (Session::end_call)
  };
  virtual ~Task() = default;

  virtual Next step(Call&) { return Next::done; }
  virtual Next line(Call&, std::string_view) { return Next::done; }
  /// While it waits for a line: something that is watched has changed.
  virtual void woken(Call&) {}
};

/// A command that runs: what it was given, and what is to be said. Lives during one call of the dialogue.
class Call {
 public:
  Call(Session& the_session, Connection& the_connection, const Command& the_command, std::string the_tag, bool with_uid,
       Cursor& the_arguments)
      : session(the_session),
        connection(the_connection),
        command(the_command),
        tag(std::move(the_tag)),
        uid(with_uid),
        arguments(the_arguments) {}

  /// Sends what is in `out`, and then the segment.
  void send(storage::Segment segment);
  void flush();

  Session& session;
  Connection& connection;
  const Command& command;
  std::string tag;
  bool uid;  ///< it came with UID before it
  Cursor& arguments;

  std::string out;           ///< untagged responses, whole lines
  std::uint64_t pieces = 0;  ///< sent as segments
  std::string code;          ///< of the tagged OK, without brackets; empty for none
  std::string text;          ///< of the tagged OK; empty for "… completed"

  /// The command goes on with this when `run` has returned.
  std::unique_ptr<Task> task;
  Task::Next next = Task::Next::done;  ///< of `task`; or `later` without one
};

}  // namespace mail::imap
