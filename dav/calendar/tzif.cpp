#include "dav/calendar/tzif.h"

#include <cstdint>
#include <utility>

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

  /// Nothing if it is no TZ string.
  std::optional<Tzif::Footer> read() {
    Tzif::Footer footer;
    if (!read_name(footer.standard.name) || !read_offset(footer.standard.offset)) return std::nullopt;
    if (text_.empty()) return footer;
    Tzif::LocalTime daylight{footer.standard.offset + static_cast<int>(hour), true, {}};
    if (!read_name(daylight.name)) return std::nullopt;
    if (!text_.empty() && text_.front() != ',' && !read_offset(daylight.offset)) return std::nullopt;
    if (!read_day(footer.to_daylight) || !read_day(footer.to_standard) || !text_.empty()) return std::nullopt;
    footer.daylight = std::move(daylight);
    return footer;
  }

 private:
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool read_name(std::string& name) {
    std::size_t length = 0;
    const bool quoted = take('<');
    if (quoted) {
      length = text_.find('>');
      if (length == std::string_view::npos) return false;
    } else {
      while (length < text_.size() && ((text_[length] | 0x20) >= 'a' && (text_[length] | 0x20) <= 'z')) ++length;
    }
    name = text_.substr(0, length);
    text_.remove_prefix(quoted ? length + 1 : length);
    return name.size() >= 3;
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

std::optional<Tzif::Footer> footer_in(std::string_view rest, bool& is_good) {
  is_good = true;
  if (rest.size() <= 2 || rest.front() != '\n' || rest.back() != '\n') return std::nullopt;
  auto footer = PosixReader(rest.substr(1, rest.size() - 2)).read();
  is_good = footer.has_value();
  return footer;
}

/// The name that begins at that place of the designations.
std::string name_at(std::string_view characters, std::size_t index) {
  if (index >= characters.size()) return {};
  const auto name = characters.substr(index);
  return std::string(name.substr(0, name.find('\0')));
}

}  // namespace

// RFC 8536 3
std::optional<Tzif> parse_tzif(std::string_view text) {
  Octets octets(text);
  Header header;
  if (!header.read(octets) || header.version < '2') return std::nullopt;
  octets.take(header.data_length(4));
  if (!header.read(octets) || header.data_length(8) > octets.rest().size() || header.types == 0) return std::nullopt;
  Tzif file;
  file.transitions.resize(header.transitions);
  for (auto& transition : file.transitions) transition.at = static_cast<Seconds>(octets.number(8));
  for (auto& transition : file.transitions) {
    transition.type = octets.number(1);
    if (transition.type >= header.types) return std::nullopt;
  }
  file.types.resize(header.types);
  std::vector<std::size_t> names;
  for (auto& type : file.types) {
    type.offset = static_cast<int>(static_cast<std::int32_t>(octets.number(4)));
    type.is_daylight = octets.number(1) != 0;
    names.push_back(octets.number(1));
  }
  const auto characters = octets.take(header.characters);
  for (std::size_t i = 0; i < names.size(); ++i) file.types[i].name = name_at(characters, names[i]);
  octets.take(header.leap_seconds * 12 + header.standard_indicators + header.utc_indicators);
  if (octets.failed) return std::nullopt;
  bool is_good = false;
  file.footer = footer_in(octets.rest(), is_good);
  return is_good ? std::optional(std::move(file)) : std::nullopt;
}

std::optional<Zone> read_tzif(std::string name, std::string_view octets) {
  const auto file = parse_tzif(octets);
  if (!file) return std::nullopt;
  std::vector<Zone::Transition> transitions;
  transitions.reserve(file->transitions.size());
  for (const auto& [at, type] : file->transitions) transitions.push_back({at, file->types[type].offset});
  int first = file->types.front().offset;
  std::optional<Zone::Tail> tail;
  if (file->footer && file->footer->daylight) {
    const auto& [standard, daylight, to_daylight, to_standard] = *file->footer;
    // The first transition by the rules comes after the last one of the data.
    const Seconds from = transitions.empty() ? from_civil({.year = first_year}) : transitions.back().at + 1;
    tail = Zone::Tail{
        from, {{{to_daylight, standard.offset, daylight->offset}, {to_standard, daylight->offset, standard.offset}}}};
  } else if (file->footer && transitions.empty()) {
    first = file->footer->standard.offset;
  }
  return Zone(std::move(name), first, std::move(transitions), tail);
}

}  // namespace dav::calendar
