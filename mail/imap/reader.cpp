#include "mail/imap/reader.h"

#include <algorithm>
#include <utility>

namespace mail::imap {

namespace {

// Of a line that is skipped its end is kept, which may announce a literal.
constexpr std::size_t longest_head = 32;
// Of a line that is too long its beginning is kept, which has the tag.
constexpr std::size_t kept_of_long_line = 200;

std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

Reader::Event Reader::take(std::string_view& bytes, std::size_t most_line) {
  while (!bytes.empty()) {
    Event event = Event::more;
    switch (state_) {
      case State::line:
        event = take_line(bytes, most_line);
        break;
      case State::announced:
        return Event::literal;
      case State::literal:
      case State::spooling:
      case State::skip_literal:
        take_literal(bytes);
        break;
      case State::skip_line:
        event = skip_line(bytes);
        break;
    }
    if (event != Event::more) return event;
  }
  return Event::more;
}

Reader::Event Reader::take_line(std::string_view& bytes, std::size_t most_line) {
  const std::size_t end = bytes.find('\n');
  const std::size_t used = end == std::string_view::npos ? bytes.size() : end + 1;
  if (text_.size() - literal_octets_ + used > most_line) {
    text_.append(bytes.substr(0, std::min(used, kept_of_long_line)));
    text_.resize(std::min(text_.size(), kept_of_long_line));
    spools_.clear();
    literal_octets_ = 0;
    line_begin_ = text_.size();
    state_ = State::skip_line;
    skipped_ = Event::too_long;
    return Event::more;
  }
  text_.append(bytes.substr(0, used));
  bytes.remove_prefix(used);
  return end == std::string_view::npos ? Event::more : end_line();
}

Reader::Event Reader::end_line() {
  text_.pop_back();
  // A CR before it is the line's only if it isn't the last octet of a literal.
  if (text_.size() > line_begin_ && text_.back() == '\r') text_.pop_back();
  if (const auto head = plain_line_ ? std::nullopt : literal_at_end(std::string_view(text_).substr(line_begin_))) {
    head_ = *head;
    state_ = State::announced;
    return Event::literal;
  }
  plain_line_ = false;
  return Event::command;
}

void Reader::accept() {
  text_ += "\r\n";
  left_ = head_.size;
  literal_octets_ += head_.size;
  line_begin_ = text_.size();
  state_ = left_ > 0 ? State::literal : State::line;
}

void Reader::spool_into(storage::Spool spool) {
  text_.resize(text_.rfind('{'));
  text_ += "{0}\r\n";
  left_ = head_.size;
  line_begin_ = text_.size();
  spools_.push_back(std::move(spool));
  state_ = left_ > 0 ? State::spooling : State::line;
}

void Reader::refuse() {
  spools_.clear();
  left_ = head_.size;
  line_begin_ = text_.size();
  state_ = left_ > 0 ? State::skip_literal : State::skip_line;
  skipped_ = Event::refused;
}

void Reader::take_literal(std::string_view& bytes) {
  const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  const std::string_view piece = bytes.substr(0, here);
  if (state_ == State::literal) text_.append(piece);
  if (state_ == State::spooling) spools_.back().append(piece);
  bytes.remove_prefix(here);
  left_ -= here;
  if (left_ > 0) return;
  line_begin_ = text_.size();
  state_ = state_ == State::skip_literal ? State::skip_line : State::line;
}

// RFC 7888 3: the end of every line is looked at for a literal that comes without being asked for.
Reader::Event Reader::skip_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t used = end == std::string_view::npos ? bytes.size() : end + 1;
  const std::string_view tail =
      bytes.substr(used > longest_head ? used - longest_head : 0, std::min(used, longest_head));
  bytes.remove_prefix(used);
  text_.append(tail);
  if (text_.size() - line_begin_ > longest_head) {
    text_.erase(line_begin_, text_.size() - line_begin_ - longest_head);
  }
  if (end == std::string_view::npos) return Event::more;
  text_.pop_back();
  const std::optional<LiteralHead> head = literal_at_end(without_cr(std::string_view(text_).substr(line_begin_)));
  text_.resize(line_begin_);
  if (!head || head->synchronizing) return skipped_;
  left_ = head->size;
  if (left_ > 0) state_ = State::skip_literal;
  return Event::more;
}

void Reader::reset() {
  std::string().swap(text_);
  std::vector<storage::Spool>().swap(spools_);
  literal_octets_ = 0;
  line_begin_ = 0;
  state_ = State::line;
}

}  // namespace mail::imap
