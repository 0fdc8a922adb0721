#include <cstddef>
#include <cstdint>
#include <utility>

#include "dav/calendar/timezone.h"

namespace dav::calendar {

namespace {

/// Reads big-endian numbers from the front; once too little is left, everything read is 0 and `failed` is set.
class Octets {
 public:
  explicit Octets(std::string_view octets) : rest_(octets) {}

  std::uint64_t number(std::size_t length) {
    const std::string_view octets = take(length);
    std::uint64_t value = 0;
    for (const char c : octets) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }

  std::string_view take(std::size_t length) {
    if (length > rest_.size()) {
      failed = true;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  std::string_view rest() const { return rest_; }

  bool failed = false;

 private:
  std::string_view rest_;
};

// RFC 8536 3.1
struct Header {
  std::uint64_t version = 0;
  std::uint64_t utc_indicators = 0, standard_indicators = 0, leap_seconds = 0, transitions = 0, types = 0,
                characters = 0;

  bool read(Octets& octets) {
    if (octets.take(4) != "TZif") return false;
    version = octets.number(1);
    octets.take(15);
    for (std::uint64_t* count :
         {&utc_indicators, &standard_indicators, &leap_seconds, &transitions, &types, &characters}) {
      *count = octets.number(4);
    }
    return !octets.failed;
  }

  std::size_t data_length(std::size_t time_size) const {
    return transitions * (time_size + 1) + types * 6 + characters + leap_seconds * (time_size + 4) +
           standard_indicators + utc_indicators;
  }
};

/// Reads the TZ string of the footer (POSIX; RFC 8536 3.3.1).
class PosixReader {
 public:
  explicit PosixReader(std::string_view text) : text_(text) {}

  /// The tail from that instant on; `offset` is set to the standard one. False if it is no TZ string.
  bool read(Seconds from, int& offset, std::optional<Zone::Tail>& tail) {
    if (!skip_name() || !read_offset(offset)) return false;
    if (text_.empty()) return true;
    int daylight = offset + static_cast<int>(hour);
    if (!skip_name()) return false;
    if (!text_.empty() && text_.front() != ',' && !read_offset(daylight)) return false;
    Zone::Tail rules;
    rules.from = from;
    rules.changes[0].offset_before = rules.changes[1].offset = offset;
    rules.changes[0].offset = rules.changes[1].offset_before = daylight;
    if (!read_day(rules.changes[0].day) || !read_day(rules.changes[1].day) || !text_.empty()) return false;
    tail = rules;
    return true;
  }

 private:
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool skip_name() {
    std::size_t length = 0;
    if (take('<')) {
      length = text_.find('>');
      if (length == std::string_view::npos) return false;
      text_.remove_prefix(length + 1);
      return true;
    }
    while (length < text_.size() && ((text_[length] | 0x20) >= 'a' && (text_[length] | 0x20) <= 'z')) ++length;
    text_.remove_prefix(length);
    return length >= 3;
  }

  bool read_number(int& number) {
    std::size_t length = 0;
    number = 0;
    while (length < text_.size() && length < 4 && text_[length] >= '0' && text_[length] <= '9') {
      number = number * 10 + (text_[length++] - '0');
    }
    text_.remove_prefix(length);
    return length > 0;
  }

  /// `[+-]h[h[h]][:mm[:ss]]`
  bool read_time(Seconds& time) {
    const int sign = take('-') ? -1 : 1;
    if (sign == 1) take('+');
    int hours = 0, minutes = 0, seconds = 0;
    if (!read_number(hours)) return false;
    if (take(':') && !read_number(minutes)) return false;
    if (take(':') && !read_number(seconds)) return false;
    time = sign * (hours * hour + minutes * minute + seconds);
    return true;
  }

  /// POSIX counts offsets west of Greenwich.
  bool read_offset(int& offset) {
    Seconds west = 0;
    if (!read_time(west)) return false;
    offset = static_cast<int>(-west);
    return true;
  }

  bool read_day(YearlyDay& day) {
    day.time = 2 * hour;
    if (!take(',')) return false;
    if (take('M')) {
      int weekday_from_sunday = 0;
      day.kind = YearlyDay::Kind::weekday_of_month;
      if (!read_number(day.month) || !take('.') || !read_number(day.week) || !take('.')) return false;
      if (!read_number(weekday_from_sunday) || weekday_from_sunday > 6) return false;
      if (day.month < 1 || day.month > 12 || day.week < 1 || day.week > 5) return false;
      day.weekday = (weekday_from_sunday + 6) % 7;
    } else {
      day.kind = take('J') ? YearlyDay::Kind::day_without_leap_day : YearlyDay::Kind::day_of_year;
      if (!read_number(day.day)) return false;
    }
    return !take('/') || read_time(day.time);
  }

  std::string_view text_;
};

}  // namespace

// RFC 8536 3
std::optional<Zone> read_tzif(std::string name, std::string_view text) {
  Octets octets(text);
  Header header;
  if (!header.read(octets) || header.version < '2') return std::nullopt;
  octets.take(header.data_length(4));
  if (!header.read(octets) || header.data_length(8) > octets.rest().size() || header.types == 0) return std::nullopt;
  std::vector<Zone::Transition> transitions(header.transitions);
  for (Zone::Transition& transition : transitions) transition.at = static_cast<Seconds>(octets.number(8));
  std::vector<std::uint64_t> type_of(header.transitions);
  for (std::uint64_t& type : type_of) type = octets.number(1);
  std::vector<int> offsets(header.types);
  for (int& offset : offsets) {
    offset = static_cast<int>(static_cast<std::int32_t>(octets.number(4)));
    octets.take(2);
  }
  for (std::size_t i = 0; i < transitions.size(); ++i) {
    if (type_of[i] >= offsets.size()) return std::nullopt;
    transitions[i].offset = offsets[type_of[i]];
  }
  octets.take(header.characters + header.leap_seconds * 12 + header.standard_indicators + header.utc_indicators);
  if (octets.failed) return std::nullopt;

  std::string_view footer = octets.rest();
  const bool has_footer = footer.size() > 2 && footer.front() == '\n' && footer.back() == '\n';
  std::optional<Zone::Tail> tail;
  int standard = offsets.front();
  if (has_footer) {
    // The first transition by the rules comes after the last one of the data.
    const Seconds from = transitions.empty() ? from_civil({.year = first_year}) : transitions.back().at + 1;
    if (!PosixReader(footer.substr(1, footer.size() - 2)).read(from, standard, tail)) return std::nullopt;
  }
  return Zone(std::move(name), transitions.empty() && !tail ? standard : offsets.front(), std::move(transitions), tail);
}

}  // namespace dav::calendar
