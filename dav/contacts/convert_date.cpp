#include <optional>

#include "dav/contacts/convert_value.h"
#include "dav/content/jcontent.h"
#include "dav/content/jvalue.h"

namespace dav::contacts {

namespace {

constexpr std::string_view omit_year = "X-APPLE-OMIT-YEAR";

/// A date with or without year, a time or none; what both versions can say.
struct Moment {
  std::string year, month, day;  ///< digits; the year is empty where it is not known
  std::string time;              ///< hhmmss, or empty
  std::string zone;              ///< Z, +hhmm, or empty
};

/// Reads digits and what separates them, from the front.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_(text) {}

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  /// So many digits, as a number from `least` to `most`; empty if they aren't there.
  std::string number(std::size_t count, int least, int most) {
    if (rest_.size() < count) return {};
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return {};
      value = value * 10 + (c - '0');
    }
    if (value < least || value > most) return {};
    std::string digits(rest_.substr(0, count));
    rest_.remove_prefix(count);
    return digits;
  }

  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool read_date(Digits& text, Moment& moment) {
  const bool without_year = text.take("--");
  if (!without_year) {
    moment.year = text.number(4, 0, 9999);
    if (moment.year.empty()) return false;
  }
  const bool extended = !without_year && text.take("-");
  moment.month = text.number(2, 1, 12);
  if (moment.month.empty()) return false;
  if (text.take("-") != extended && !without_year) return false;
  moment.day = text.number(2, 1, 31);
  return !moment.day.empty();
}

bool read_time(Digits& text, Moment& moment) {
  moment.time = text.number(2, 0, 23);
  const bool extended = text.take(":");
  const std::string minutes = text.number(2, 0, 59);
  if (moment.time.empty() || minutes.empty() || text.take(":") != extended) return false;
  const std::string seconds = text.number(2, 0, 60);
  if (seconds.empty()) return false;
  moment.time += minutes + seconds;
  if (text.take("Z") || text.take("z")) {
    moment.zone = "Z";
    return true;
  }
  const char sign = text.take("+") ? '+' : text.take("-") ? '-' : ' ';
  if (sign == ' ') return true;
  const std::string hours = text.number(2, 0, 23);
  if (hours.empty()) return false;
  moment.zone = sign + hours + "00";
  if (text.done()) return true;
  text.take(":");
  const std::string more = text.number(2, 0, 59);
  moment.zone = sign + hours + more;
  return !more.empty();
}

std::optional<Moment> read_moment(std::string_view text) {
  Digits digits(text);
  Moment moment;
  if (!read_date(digits, moment)) return std::nullopt;
  if (digits.done()) return moment;
  if ((!digits.take("T") && !digits.take("t")) || !read_time(digits, moment) || !digits.done()) return std::nullopt;
  return moment;
}

std::string basic(const Moment& moment) {
  std::string out = (moment.year.empty() ? "--" : moment.year) + moment.month + moment.day;
  if (!moment.time.empty()) out += 'T' + moment.time + moment.zone;
  return out;
}

std::string extended(const Moment& moment) {
  std::string out = moment.year + '-' + moment.month + '-' + moment.day;
  if (moment.time.empty()) return out;
  out += 'T' + moment.time.substr(0, 2) + ':' + moment.time.substr(2, 2) + ':' + moment.time.substr(4);
  if (moment.zone.size() < 5) return out += moment.zone;
  return out += moment.zone.substr(0, 3) + ':' + moment.zone.substr(3);
}

/// Takes away a VALUE that says what the value shows; false where it says that it is text, or something else yet.
bool take_value_kind(Line& line) {
  const std::string kind = line.parameter("VALUE");
  if (kind.empty()) return true;
  if (!content::is_date_type(content::json_name(kind))) return false;
  line.remove("VALUE");
  return true;
}

}  // namespace

bool date_to_v4(Line& line) {
  auto moment = read_moment(line.value);
  if (!moment || !take_value_kind(line)) return false;
  const std::string omitted = line.parameter(omit_year);
  if (!omitted.empty() && omitted == moment->year && moment->time.empty()) {
    line.remove(omit_year);
    moment->year.clear();
  }
  line.value = basic(*moment);
  return true;
}

bool date_to_v3(Line& line) {
  auto moment = read_moment(line.value);
  if (!moment || (moment->year.empty() && !moment->time.empty()) || !take_value_kind(line)) return false;
  if (moment->year.empty()) {
    // A leap year before all calendars that people use in their address books: what Apple's programs write.
    moment->year = "1604";
    line.set(omit_year, moment->year);
  }
  line.value = extended(*moment);
  return true;
}

bool timestamp_to_v4(Line& line) {
  const auto moment = read_moment(line.value);
  if (!moment || moment->year.empty() || moment->time.empty() || !take_value_kind(line)) return false;
  line.value = basic(*moment);
  return true;
}

bool timestamp_to_v3(Line& line) {
  const auto moment = read_moment(line.value);
  if (!moment || moment->year.empty() || moment->time.empty() || !take_value_kind(line)) return false;
  line.value = extended(*moment);
  return true;
}

}  // namespace dav::contacts
