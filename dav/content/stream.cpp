#include "dav/content/stream.h"

#include <algorithm>
#include <functional>

#include "dav/content/text.h"

namespace dav::content {

namespace {

// What is looked at of a line: BEGIN, END, UID and TZID are shorter.
constexpr std::size_t longest_seen = 4096;
// The calendar's own properties and its time zones are held in memory, and go into each object.
constexpr std::size_t most_head = std::size_t{16} << 10;
constexpr std::size_t most_kept = std::size_t{1} << 20;
// No line of an object that is kept is near it.
constexpr std::size_t longest_line = std::size_t{16} << 20;

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// The value of a line of that name, whatever its parameters; nothing for another line.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || !equal_ignoring_case(line.substr(0, name.size()), name)) return std::nullopt;
  line.remove_prefix(name.size());
  if (line.front() != ':' && line.front() != ';') return std::nullopt;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  line.remove_prefix(colon + 1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

}  // namespace

void StreamReader::add(std::string_view piece) {
  while (!piece.empty()) {
    const auto end = piece.find('\n');
    if (end == std::string_view::npos) {
      rest_.append(piece);
      if (rest_.size() > longest_line) throw Malformed(line_number_ + 1, "line too long");
      return;
    }
    const std::string_view line = piece.substr(0, end + 1);
    piece.remove_prefix(end + 1);
    if (rest_.empty()) {
      take_line(line, offset_ + line.size());
    } else {
      rest_.append(line);
      take_line(rest_, offset_ + rest_.size());
      rest_.clear();
    }
  }
}

void StreamReader::take_line(std::string_view line, std::uint64_t next) {
  ++line_number_;
  std::string_view text = without_line_end(line);
  if (offset_ == 0 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const bool continues = !text.empty() && (text.front() == ' ' || text.front() == '\t');
  if (!continues) {
    take_logical_line();
    line_start_ = offset_;
    line_.clear();
    raw_.clear();
  } else {
    text.remove_prefix(1);
  }
  line_.append(text.substr(0, longest_seen - std::min(line_.size(), longest_seen)));
  // Whole lines are kept of the calendar's own properties and of time zones alone.
  if (depth_ == 1 || in_zone_) raw_.append(line);
  line_end_ = offset_ = next;
}

void StreamReader::take_logical_line() {
  if (line_.empty()) return;
  if (const auto name = value_of(line_, "BEGIN")) return begin(*name);
  if (value_of(line_, "END")) return end();
  if (depth_ == 0) throw Malformed(line_number_, "a line stands outside of a component");
  const bool vcard = dialect_ == Dialect::vcard;
  if (depth_ == 1 && !vcard && !value_of(line_, "METHOD")) index_.head += raw_;
  if (in_zone_) zone_ += raw_;
  if (depth_ == 1 || in_zone_) kept_ += raw_.size();
  if (index_.head.size() > most_head) throw Malformed(line_number_, "too many properties of the calendar");
  if (kept_ > most_kept) throw Malformed(line_number_, "too many time zones");
  if (depth_ != (vcard ? 1U : 2U)) return;
  if (const auto uid = value_of(line_, "UID")) uid_ = *uid;
  if (const auto tzid = value_of(line_, "TZID"); tzid && in_zone_) tzid_ = *tzid;
}

void StreamReader::begin(std::string_view name) {
  const std::size_t level = dialect_ == Dialect::vcard ? 0 : 1;
  if (depth_ == 0) {
    const std::string_view wanted = dialect_ == Dialect::vcard ? "VCARD" : "VCALENDAR";
    if (!equal_ignoring_case(name, wanted)) throw Malformed(line_number_, "no " + std::string(wanted));
  }
  if (depth_ == level) {
    object_start_ = line_start_;
    uid_.clear();
    in_zone_ = dialect_ == Dialect::icalendar && equal_ignoring_case(name, "VTIMEZONE");
    zone_.clear();
    tzid_.clear();
  }
  if (in_zone_) zone_ += line_ + "\r\n";
  ++depth_;
}

void StreamReader::end() {
  if (depth_ == 0) throw Malformed(line_number_, "END without BEGIN");
  --depth_;
  if (in_zone_) zone_ += line_ + "\r\n";
  if (depth_ != (dialect_ == Dialect::vcard ? 0U : 1U)) return;
  if (in_zone_) {
    const bool known =
        std::any_of(index_.zones.begin(), index_.zones.end(), [&](const auto& zone) { return zone.first == tzid_; });
    if (!known) index_.zones.emplace_back(tzid_, zone_);
    in_zone_ = false;
  } else {
    keep_object();
  }
}

void StreamReader::keep_object() {
  const Extent extent{object_start_, line_end_ - object_start_};
  const bool groups = dialect_ == Dialect::icalendar && !uid_.empty();
  if (groups) {
    const auto [place, added] = by_uid_.try_emplace(std::hash<std::string>()(uid_), index_.objects.size());
    if (!added) {
      index_.objects[place->second].push_back(extent);
      return;
    }
  }
  if (index_.objects.size() == most_objects_) throw Malformed(line_number_, "too many objects");
  index_.objects.push_back({extent});
}

StreamIndex StreamReader::finish() {
  if (!rest_.empty()) {
    const std::string last = std::move(rest_);
    rest_.clear();
    take_line(last, offset_ + last.size());
  }
  take_logical_line();
  line_.clear();
  if (depth_ != 0) throw Malformed(line_number_, "no END");
  return std::move(index_);
}

}  // namespace dav::content
