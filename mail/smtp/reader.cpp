#include "mail/smtp/reader.h"

namespace mail::smtp {

std::optional<Line> read_line(std::string_view bytes, std::size_t most) {
  const std::size_t end = bytes.find_first_of("\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() <= most) return std::nullopt;
    return Line{{}, bytes.size(), Line::Fault::too_long};
  }
  if (end > most) return Line{{}, bytes.size(), Line::Fault::too_long};
  if (bytes[end] == '\r') {
    if (end + 1 == bytes.size()) return std::nullopt;
    if (bytes[end + 1] == '\n') return Line{bytes.substr(0, end), end + 2, Line::Fault::none};
  }
  return Line{bytes.substr(0, end), bytes.size(), Line::Fault::bare_line_end};
}

std::size_t DataReader::read(std::string_view bytes, const std::function<void(std::string_view)>& sink) {
  std::size_t at = 0;
  std::size_t from = 0;  // what is not given away yet begins here
  const auto give = [&](std::size_t end) {
    if (end > from) sink(bytes.substr(from, end - from));
    from = end;
  };
  while (at < bytes.size() && state_ != State::ended) {
    const char c = bytes[at];
    switch (state_) {
      case State::line_start:
        state_ = State::text;
        after_cr_ = false;
        if (c != '.') break;
        give(at);
        from = ++at;  // the dot itself is never part of the message
        state_ = State::dot;
        break;
      case State::dot:
        if (c == '\r') {
          from = ++at;  // held back: it may be the end
          state_ = State::dot_cr;
        } else {
          state_ = State::text;
          after_cr_ = false;
        }
        break;
      case State::dot_cr:
        if (c == '\n') {
          from = ++at;
          state_ = State::ended;
        } else {
          sink("\r");
          state_ = State::text;
          after_cr_ = true;
        }
        break;
      case State::text: {
        const std::size_t feed = bytes.find('\n', at);
        if (feed == std::string_view::npos) {
          after_cr_ = bytes.back() == '\r';
          at = bytes.size();
          break;
        }
        const bool whole = feed == at ? after_cr_ : bytes[feed - 1] == '\r';
        at = feed + 1;
        after_cr_ = false;
        if (whole) state_ = State::line_start;
        break;
      }
      case State::ended:
        break;
    }
  }
  give(at);
  return at;
}

}  // namespace mail::smtp
