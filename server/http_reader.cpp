#include "server/http_reader.h"

#include <algorithm>
#include <utility>

namespace server {

namespace {

constexpr std::size_t most_blank = 16;     // octets of empty lines before a request
constexpr std::size_t around_target = 64;  // the longest method, version and spaces
constexpr unsigned most_size_digits = 15;  // 2^60 is enough for a chunk, and can't overflow

bool is_control(char octet) { return (static_cast<unsigned char>(octet) < 0x20 && octet != '\t') || octet == 0x7f; }

int hex_value(char octet) {
  if (octet >= '0' && octet <= '9') return octet - '0';
  if (octet >= 'a' && octet <= 'f') return octet - 'a' + 10;
  if (octet >= 'A' && octet <= 'F') return octet - 'A' + 10;
  return -1;
}

}  // namespace

HeadReader::State HeadReader::refuse(int status, std::string reason) {
  refusal_ = {status, std::move(reason)};
  return State::refused;
}

HeadReader::State HeadReader::feed(std::string_view& bytes, const HeadBounds& bounds) {
  // RFC 9112 2.2: empty lines before a request line are ignored.
  while (partial_.empty() && !bytes.empty() && (bytes.front() == '\r' || bytes.front() == '\n')) {
    if ((bytes.front() == '\n') != (blank_octets_ % 2 == 1) || ++blank_octets_ > most_blank) {
      return refuse(400, "empty lines before the request");
    }
    bytes.remove_prefix(1);
  }
  if (bytes.empty()) return partial_.empty() ? State::waiting : State::partial;
  if (partial_.empty() && (blank_octets_ % 2 == 1 || !is_token_octet(bytes.front()))) {
    return refuse(400, "no request line");
  }
  const std::size_t before = partial_.size();
  if (before > 0) partial_.append(bytes);
  const std::string_view all = before > 0 ? std::string_view(partial_) : bytes;
  const auto end = find_end(all, bounds);
  if (!refusal_.reason.empty()) return State::refused;
  if (!end) {
    if (before == 0) partial_.assign(bytes);
    bytes = {};
    return State::partial;
  }
  octets_ = all.substr(0, *end);
  bytes.remove_prefix(*end - before);
  auto parsed = parse_head(octets_, bounds.target_octets);
  if (auto* refusal = std::get_if<FramingRefusal>(&parsed)) return refuse(refusal->status, std::move(refusal->reason));
  head_ = std::make_unique<HttpHead>(std::move(std::get<HttpHead>(parsed)));
  return State::complete;
}

/// The end of the head, after its empty line. Sets refusal_ for lines that can't be part of one.
std::optional<std::size_t> HeadReader::find_end(std::string_view octets, const HeadBounds& bounds) {
  while (seen_ < octets.size()) {
    const std::size_t feed = octets.find('\n', seen_);
    if (feed == std::string_view::npos || feed >= bounds.head_octets) {
      seen_ = octets.size();
      break;
    }
    seen_ = feed + 1;
    if (feed == 0 || octets[feed - 1] != '\r') {
      refuse(400, "a bare line feed");
      return std::nullopt;
    }
    const std::string_view line = octets.substr(line_, feed - 1 - line_);
    line_ = seen_;
    if (line.empty()) return seen_;
    // RFC 9112 5.2: obs-fold. Also covers white space before the first field (RFC 9112 2.2).
    if (line.front() == ' ' || line.front() == '\t') {
      refuse(400, "a folded line");
      return std::nullopt;
    }
    if (lines_ == 0 && line.size() > bounds.target_octets + around_target) {
      refuse(414, "the request line is too long");
      return std::nullopt;
    }
    if (++lines_ > bounds.fields + 1) {
      refuse(431, "too many fields");
      return std::nullopt;
    }
  }
  // One more for a carriage return that may be its end.
  if (lines_ == 0 && octets.size() > bounds.target_octets + around_target + 1) {
    refuse(414, "the request line is too long");
  } else if (octets.size() > bounds.head_octets) {
    refuse(431, "the head is too long");
  }
  return std::nullopt;
}

BodyReader::BodyReader(Framing framing, std::uint64_t length, std::size_t most_overhead)
    : chunked_(framing == Framing::chunked), left_(length), overhead_left_(most_overhead) {
  if (framing == Framing::none) state_ = State::done;
}

std::string_view BodyReader::next(std::string_view& bytes) {
  if (!chunked_) return content(bytes);
  while (!bytes.empty() && state_ == State::more) {
    if (part_ == Part::data) return content(bytes);
    step(bytes.front());
    bytes.remove_prefix(1);
  }
  return {};
}

std::string_view BodyReader::content(std::string_view& bytes) {
  const std::string_view piece =
      bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
  bytes.remove_prefix(piece.size());
  left_ -= piece.size();
  if (left_ == 0) {
    if (chunked_) {
      part_ = Part::data_cr;
    } else {
      state_ = State::done;
    }
  }
  return piece;
}

void BodyReader::refuse(const char* reason) {
  state_ = State::refused;
  reason_ = reason;
}

void BodyReader::overhead(char octet) {
  if (is_control(octet)) return refuse("a control character in a chunk extension or trailer");
  if (overhead_left_-- == 0) {
    overhead_left_ = 0;
    refuse("chunk extensions and trailers are too long");
  }
}

/// RFC 9112 7.1, an octet at a time: the lines around the chunks.
void BodyReader::step(char octet) {
  switch (part_) {
    case Part::size:
      return step_size(octet);
    case Part::space:
      if (octet == ';') {
        part_ = Part::extension;
      } else if (octet != ' ' && octet != '\t') {
        return refuse("white space after a chunk size");
      }
      return overhead(octet);
    case Part::extension:
      if (octet == '\r') {
        part_ = Part::size_lf;
        return;
      }
      return overhead(octet);
    case Part::size_lf:
      if (octet != '\n') return refuse("a chunk size without its line end");
      part_ = left_ == 0 ? Part::trailer_start : Part::data;
      digits_ = 0;
      return;
    case Part::data_cr:
      if (octet != '\r') return refuse("a chunk longer than its size");
      part_ = Part::data_lf;
      return;
    case Part::data_lf:
      if (octet != '\n') return refuse("a chunk without its line end");
      part_ = Part::size;
      return;
    case Part::data:
      return;
    default:
      return step_trailer(octet);
  }
}

void BodyReader::step_size(char octet) {
  if (const int value = hex_value(octet); value >= 0) {
    if (++digits_ > most_size_digits) return refuse("a chunk size that is too large");
    left_ = (digits_ == 1 ? 0 : left_ * 16) + static_cast<unsigned>(value);
    return;
  }
  if (digits_ == 0) return refuse("no chunk size");
  if (octet == '\r') {
    part_ = Part::size_lf;
  } else if (octet == ';') {
    part_ = Part::extension;
    overhead(octet);
  } else if (octet == ' ' || octet == '\t') {
    part_ = Part::space;  // RFC 9112 7.1.1: only before an extension
    overhead(octet);
  } else {
    refuse("bad chunk size");
  }
}

/// Trailers are checked and dropped (RFC 9110 6.5.1).
void BodyReader::step_trailer(char octet) {
  switch (part_) {
    case Part::trailer_start:
      if (octet == '\r') {
        part_ = Part::last_lf;
        return;
      }
      if (!is_token_octet(octet)) return refuse("bad trailer");
      part_ = Part::trailer_name;
      return overhead(octet);
    case Part::trailer_name:
      if (octet == ':') {
        part_ = Part::trailer_value;
      } else if (!is_token_octet(octet)) {
        return refuse("bad trailer");
      }
      return overhead(octet);
    case Part::trailer_value:
      if (octet == '\r') {
        part_ = Part::trailer_lf;
        return;
      }
      return overhead(octet);
    case Part::trailer_lf:
      if (octet != '\n') return refuse("a trailer without its line end");
      part_ = Part::trailer_start;
      return;
    default:
      if (octet != '\n') return refuse("trailers without their last line end");
      state_ = State::done;
  }
}

}  // namespace server
