#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

namespace mail::smtp {

/// A line of a command, as it came.
struct Line {
  enum class Fault {
    none,
    too_long,
    bare_line_end,  ///< a CR or LF by itself. RFC 5321 2.3.8
  };
  std::string_view text;  ///< without its line end
  std::size_t used = 0;   ///< octets, with the line end
  Fault fault = Fault::none;
};

/// The line that octets begin with; nothing if it isn't whole yet. One with a fault may lack its end: nothing that
/// follows it can be trusted.
std::optional<Line> read_line(std::string_view bytes, std::size_t most);

/// What follows DATA, up to the line that is a dot. RFC 5321 4.5.2. Lines end with CR LF alone: no other sequence of
/// CR, LF and dots is an end, so that what others take for one can't hide a message in a message.
class DataReader {
 public:
  /// Gives what the octets say to `sink`, without the dots put in front of dots; returns how many octets it has used:
  /// all, unless the end is among them.
  std::size_t read(std::string_view bytes, const std::function<void(std::string_view)>& sink);

  bool ended() const { return state_ == State::ended; }

 private:
  enum class State { line_start, text, dot, dot_cr, ended };
  State state_ = State::line_start;
  bool after_cr_ = false;  ///< in `text`: the last octet was a CR
};

}  // namespace mail::smtp
