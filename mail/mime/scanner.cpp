#include "mail/mime/scanner.h"

#include <algorithm>

#include "mail/mime/header.h"

namespace mail::mime {

namespace {

/// RFC 2046 5.1.1 allows a boundary 70 characters; more than this isn't looked at of a line that may be one.
constexpr std::size_t longest_boundary = 1000;
constexpr std::size_t longest_delimiter = longest_boundary + 100;

bool is_mbox_line(std::string_view line) { return line.starts_with("From ") || line.starts_with(">From "); }

/// Whether a line that begins with "--" may be the first delimiter of a multipart that names no boundary.
bool looks_like_delimiter(std::string_view rest) {
  return !rest.empty() && rest.size() <= 200 && !rest.ends_with("--") &&
         rest.find_first_of(" \t<>{}|\\\"") == std::string_view::npos;
}

}  // namespace

Scanner::Scanner(Limits limits) : limits_(limits) { begin_part(0, 0); }

void Scanner::add(std::string_view piece) {
  if (!structure_.has_nul) structure_.has_nul = piece.find('\0') != std::string_view::npos;
  while (!piece.empty()) {
    const auto end = piece.find('\n');
    const bool ends = end != std::string_view::npos;
    const std::string_view text = ends ? piece.substr(0, end + 1) : piece;
    if (ends) ends_bare_ = (end > 0 ? piece[end - 1] : last_) != '\r';
    if (ends && line_size_ == 0) {
      line_size_ = text.size();
      line(text, true);
      end_line();
    } else {
      add_piece_of_line(text, ends);
    }
    piece.remove_prefix(text.size());
  }
}

void Scanner::add_piece_of_line(std::string_view text, bool ends) {
  line_size_ += text.size();
  if (passed_on_) {
    body_line(text, ends);
  } else {
    const std::size_t most = state_ == State::header ? limits_.header + longest_delimiter : longest_delimiter;
    partial_.append(text.substr(0, most - std::min(most, partial_.size())));
    if (ends) {
      line(partial_, true);
    } else if (state_ != State::header && partial_.size() >= 2 &&
               (!partial_.starts_with("--") || (partial_.size() == most && !match(partial_)))) {
      passed_on_ = true;
      const std::size_t kept = partial_.size();
      body_line(partial_, false);
      // What the partial line had no room for is at the end of the text.
      if (line_size_ > kept) body_line(text.substr(text.size() - static_cast<std::size_t>(line_size_ - kept)), false);
    }
  }
  if (ends) {
    end_line();
  } else {
    last_ = text.back();
  }
}

void Scanner::end_line() {
  end_size_ = ends_bare_ ? 1 : 2;
  line_begin_ += line_size_;
  line_size_ = 0;
  ++lines_;
  partial_.clear();
  passed_on_ = false;
  last_ = '\n';
}

void Scanner::line(std::string_view text, bool ends) {
  if (!boundaries_.empty() && text.starts_with("--")) {
    if (const auto found = match(text)) return delimiter(*found, text, ends);
  }
  if (state_ == State::header) {
    header_line(text, ends);
  } else {
    body_line(text, ends);
  }
}

// --- headers

void Scanner::header_line(std::string_view text, bool ends) {
  if (is_blank_line(text)) return end_header(line_begin_ + line_size_, lines_ + 1);
  if (first_line_ && !field_name_length(text) && !is_mbox_line(text)) {
    // There is no header at all.
    end_header(line_begin_, lines_);
    return line(text, ends);
  }
  keep_header_line(text);
  first_line_ = false;
}

/// Whether the innermost part that is open is a message, with all its fields.
bool Scanner::is_message() const {
  return open_.size() < 2 || structure_.layout[open_[open_.size() - 2]].kind == PartKind::message;
}

void Scanner::keep_header_line(std::string_view text) {
  if (const auto length = field_name_length(text)) {
    constexpr std::string_view prefix = "Content-";
    keep_field_ = is_message() || (*length > prefix.size() && same_word(text.substr(0, prefix.size()), prefix));
  } else if (first_line_) {
    keep_field_ = false;
  }
  if (!keep_field_) return;
  std::string& header = structure_.descriptions[open_.back()].header;
  if (header.size() + text.size() > limits_.header || kept_ + text.size() > limits_.headers) {
    keep_field_ = false;
    structure_.truncated = true;
    return;
  }
  header += text;
  kept_ += text.size();
}

void Scanner::describe() {
  Extent& extent = structure_.layout[open_.back()];
  Description& description = structure_.descriptions[open_.back()];
  std::optional<MediaType> type;
  std::optional<std::string> encoding;
  bool named = false;
  FieldReader reader(description.header);
  while (const auto field = reader.next()) {
    if (!type && same_word(field->name, "Content-Type")) {
      named = true;
      type = parse_media_type(unfold(field->value));
    } else if (!encoding && same_word(field->name, "Content-Transfer-Encoding")) {
      encoding = unfold(field->value);
    }
  }
  const std::string word = encoding ? encoding->substr(0, encoding->find_first_of(" \t;(")) : std::string();
  extent.encoding = encoding_named(word);
  const bool in_digest =
      open_.size() > 1 && structure_.descriptions[open_[open_.size() - 2]].type.is("multipart", "digest");
  if (type) {
    description.type = std::move(*type);
  } else if (!named && in_digest) {
    // RFC 2046 5.1.5
    description.type = MediaType{"message", "rfc822", {}};
  } else {
    // RFC 2045 5.2
    description.type.parameters.push_back({"CHARSET", "US-ASCII", false, {}});
  }
  const bool multipart = description.type.is("multipart");
  const bool message = description.type.is_message();
  if ((multipart || message) && open_.size() >= limits_.depth) {
    structure_.truncated = true;
    if (multipart) description.type = MediaType{"APPLICATION", "OCTET-STREAM", {}};
  } else if (multipart) {
    extent.kind = PartKind::multipart;
    // RFC 2045 6.4 allows no other encoding.
    if (!is_identity(extent.encoding)) extent.encoding = Encoding::seven_bit;
  } else if (message && is_identity(extent.encoding) && extent.encoding != Encoding::unknown &&
             structure_.layout.size() < limits_.parts) {
    extent.kind = PartKind::message;
  }
  if (description.type.is("text")) extent.line_ends = LineEnds::crlf;
}

void Scanner::end_header(std::uint64_t body_begin, std::uint64_t body_line_number) {
  const std::uint32_t part = open_.back();
  describe();
  Extent& extent = structure_.layout[part];
  extent.body_begin = body_begin;
  extent.body_line = body_line_number;
  decoded_size_ = 0;
  held_end_.clear();
  bare_ = 0;
  last_is_bare_ = false;
  decodes_ = extent.kind == PartKind::leaf && !is_identity(extent.encoding);
  decoder_ = TransferDecoder(extent.encoding, extent.line_ends);
  state_ = extent.kind == PartKind::multipart ? State::between : State::body;
  if (extent.kind == PartKind::multipart) {
    auto boundary = parameter(structure_.descriptions[part].type.parameters, "boundary").value_or("");
    boundary = std::string(trimmed(boundary));
    if (boundary.size() > longest_boundary) boundary.clear();
    boundaries_.push_back({std::move(boundary), open_.size()});
  } else if (extent.kind == PartKind::message) {
    begin_part(body_begin, body_line_number);
  }
}

/// Ends the header, and those of messages that begin within, where the current line begins.
void Scanner::end_headers_here() {
  while (state_ == State::header) end_header(line_begin_, lines_);
}

void Scanner::begin_part(std::uint64_t begin, std::uint64_t line) {
  open_.push_back(static_cast<std::uint32_t>(structure_.layout.size()));
  Extent extent;
  extent.header_begin = begin;
  extent.header_line = line;
  structure_.layout.push_back(extent);
  structure_.descriptions.emplace_back();
  state_ = State::header;
  first_line_ = true;
  keep_field_ = false;
}

// --- boundaries

/// RFC 2046 5.1.1: "Boundary string comparisons must compare the boundary value with the beginning of each candidate
/// line." Where several match it is the longest, and of equal ones the innermost.
std::optional<Scanner::Match> Scanner::match(std::string_view text) const {
  if (!text.starts_with("--")) return std::nullopt;
  const std::string_view rest = trimmed(text.substr(2, longest_delimiter));
  std::optional<Match> found;
  std::size_t length = 0;
  for (std::size_t i = boundaries_.size(); i-- > 0;) {
    const std::string& value = boundaries_[i].value;
    if (value.empty()) {
      if (!found && i + 1 == boundaries_.size() && state_ == State::between && looks_like_delimiter(rest))
        found = Match{i, false};
    } else if (value.size() > length && rest.starts_with(value)) {
      found = Match{i, rest.substr(value.size()).starts_with("--")};
      length = value.size();
    }
  }
  return found;
}

void Scanner::delimiter(Match found, std::string_view text, bool ends) {
  end_headers_here();
  // The line end before the delimiter is part of it.
  close_down_to(boundaries_[found.boundary].depth, line_begin_ - end_size_, lines_ - (end_size_ > 0 ? 1 : 0));
  if (boundaries_[found.boundary].value.empty())
    boundaries_[found.boundary].value = std::string(trimmed(text.substr(2)));
  boundaries_.resize(found.closes ? found.boundary : found.boundary + 1, Boundary{});
  state_ = State::between;
  decodes_ = false;
  if (found.closes) return;
  if (structure_.layout.size() >= limits_.parts) {
    structure_.truncated = true;
  } else if (ends) {
    begin_part(line_begin_ + line_size_, lines_ + 1);
  }
}

void Scanner::close_down_to(std::size_t depth, std::uint64_t end, std::uint64_t line) {
  while (open_.size() > depth) {
    close(open_.back(), end, line);
    open_.pop_back();
  }
}

void Scanner::close(std::uint32_t part, std::uint64_t end, std::uint64_t line) {
  Extent& extent = structure_.layout[part];
  extent.end = static_cast<std::uint32_t>(structure_.layout.size());
  extent.body_end = std::max(end, extent.body_begin);
  extent.body_lines = std::max(line, extent.body_line) - extent.body_line;
  if (extent.kind == PartKind::multipart && extent.end == part + 1) {
    // No part was found in it: so that it can be read, it is a text.
    extent.kind = PartKind::leaf;
    structure_.descriptions[part].type = MediaType{};
  }
  extent.decoded_size = extent.body_end - extent.body_begin;
  if (extent.kind != PartKind::leaf) return;
  const bool whole = end == line_begin_;
  if (is_identity(extent.encoding)) {
    if (extent.line_ends == LineEnds::crlf) extent.decoded_size += bare_ - (!whole && last_is_bare_ ? 1 : 0);
    return;
  }
  if (whole) decode(held_end_);
  decoded_.clear();
  decoder_.finish(decoded_);
  extent.decoded_size = decoded_size_ + decoded_.size();
}

// --- bodies

void Scanner::body_line(std::string_view text, bool ends) {
  if (decodes_) body_octets(text);
  if (!ends) return;
  last_is_bare_ = ends_bare_;
  if (last_is_bare_) ++bare_;
}

void Scanner::body_octets(std::string_view text) {
  if (text == "\n" && held_end_ == "\r") {
    held_end_ = "\r\n";
    return;
  }
  if (!held_end_.empty()) decode(held_end_);
  std::size_t size = text.size();
  if (text.ends_with('\n')) --size;
  if (size > 0 && text[size - 1] == '\r') --size;
  decode(text.substr(0, size));
  held_end_ = text.substr(size);
}

void Scanner::decode(std::string_view text) {
  decoded_.clear();
  decoder_.add(text, decoded_);
  decoded_size_ += decoded_.size();
}

Structure Scanner::finish() {
  if (line_size_ > 0 && !passed_on_) line(partial_, false);
  line_begin_ += line_size_;
  end_headers_here();
  close_down_to(0, line_begin_, lines_);
  return std::move(structure_);
}

Structure scan(std::string_view message, Limits limits) {
  Scanner scanner(limits);
  scanner.add(message);
  return scanner.finish();
}

}  // namespace mail::mime
