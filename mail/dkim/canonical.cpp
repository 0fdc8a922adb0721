#include "mail/dkim/canonical.h"

#include <algorithm>

#include "mail/mime/header.h"

namespace mail::dkim {

namespace {

constexpr std::string_view line_end = "\r\n";

bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view without_end(std::string_view field) {
  if (field.ends_with('\n')) field.remove_suffix(1);
  if (field.ends_with('\r')) field.remove_suffix(1);
  return field;
}

/// A value on one line, each run of white space one space, none around it.
std::string on_one_line(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  bool space = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (is_space(value[i])) {
      space = true;
      continue;
    }
    if (value.substr(i).starts_with(line_end)) {
      ++i;
      continue;
    }
    if (space && !out.empty()) out += ' ';
    space = false;
    out += value[i];
  }
  return out;
}

}  // namespace

std::string_view name_of(Canonicalization way) { return way == Canonicalization::simple ? "simple" : "relaxed"; }

std::string canonical_field(Canonicalization way, std::string_view field) {
  field = without_end(field);
  // RFC 6376 3.4.1: "simple" changes nothing.
  if (way == Canonicalization::simple) return std::string(field).append(line_end);
  const std::size_t colon = std::min(field.find(':'), field.size());
  std::string out = mime::lower_case(mime::trimmed(field.substr(0, colon)));
  out += ':';
  out += on_one_line(field.substr(std::min(colon + 1, field.size())));
  return out.append(line_end);
}

void CanonicalBody::text(std::string_view run) {
  static constexpr std::string_view ends = "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";
  while (ends_ > 0) {
    const std::uint64_t count = std::min<std::uint64_t>(ends_, ends.size() / 2);
    sink_(ends.substr(0, count * 2));
    ends_ -= count;
  }
  if (space_) sink_(" ");
  space_ = false;
  any_ = true;
  sink_(run);
}

void CanonicalBody::add(std::string_view piece) {
  const bool relaxed = way_ == Canonicalization::relaxed;
  while (!piece.empty()) {
    if (cr_) {
      cr_ = false;
      if (piece.front() == '\n') {
        // RFC 6376 3.4.4: white space at the end of a line is ignored.
        space_ = false;
        ++ends_;
        piece.remove_prefix(1);
        continue;
      }
      text("\r");
    }
    const char first = piece.front();
    if (first == '\r' || (relaxed && is_space(first))) {
      (first == '\r' ? cr_ : space_) = true;
      piece.remove_prefix(1);
      continue;
    }
    const std::size_t run = std::min(piece.find_first_of(relaxed ? "\r \t" : "\r"), piece.size());
    text(piece.substr(0, run));
    piece.remove_prefix(run);
  }
}

void CanonicalBody::finish() {
  if (cr_) text("\r");
  // RFC 6376 3.4.3: empty lines at the end are one line end, and a body that is empty becomes one; 3.4.4: unless it is
  // relaxed.
  if (any_ || way_ == Canonicalization::simple) sink_(line_end);
}

}  // namespace mail::dkim
