#include "dav/calendar/timezone.h"

#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <mutex>
#include <system_error>
#include <utility>

namespace dav::calendar {

namespace {

constexpr std::size_t longest_name = 200;

/// A file name inside the zone folder that can only be a zone: `Europe/Berlin`, `Etc/GMT+1`, `UTC`.
bool is_iana_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() < 'A' || name.front() > 'Z') return false;
  for (const char c : name) {
    const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter_or_digit && c != '_' && c != '-' && c != '+' && c != '/') return false;
  }
  return true;
}

/// What the first line of tzdata.zi says; without that file, the sizes and dates of those that every release touches.
std::string release_of(const std::string& folder) {
  std::ifstream file(folder + "/tzdata.zi");
  std::string line;
  constexpr std::string_view before = "# version ";
  if (std::getline(file, line) && line.starts_with(before)) return line.substr(before.size());
  std::string release;
  for (const char* name :
       {"/zone1970.tab", "/zone.tab", "/leap-seconds.list", "/Europe", "/America", "/Asia", "/Africa"}) {
    std::error_code failure;
    const auto written = std::filesystem::last_write_time(folder + name, failure);
    if (!failure) release += std::to_string(written.time_since_epoch().count()) + ".";
  }
  return release.empty() ? "none" : release;
}

/// The IANA name of a Windows zone name by CLDR; empty if it is none.
std::string iana_name_of_windows(std::string_view name) {
  std::array<UChar, 128> wide{};
  std::array<UChar, 128> iana{};
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t length = 0;
  u_strFromUTF8(wide.data(), wide.size(), &length, name.data(), static_cast<std::int32_t>(name.size()), &status);
  if (U_FAILURE(status) || length == 0) return {};
  const std::int32_t found =
      ucal_getTimeZoneIDForWindowsID(wide.data(), length, nullptr, iana.data(), iana.size(), &status);
  if (U_FAILURE(status) || found <= 0) return {};
  std::string result;
  for (std::int32_t i = 0; i < found; ++i) result += static_cast<char>(iana.at(static_cast<std::size_t>(i)));
  return result;
}

}  // namespace

Seconds YearlyDay::in_year(std::int64_t year) const {
  if (kind == Kind::day_of_year) return (days_from_civil(year, 1, 1) + day) * calendar::day + time;
  if (kind == Kind::day_without_leap_day) {
    const bool after_leap_day = is_leap(year) && day >= 60;
    return (days_from_civil(year, 1, 1) + day - 1 + (after_leap_day ? 1 : 0)) * calendar::day + time;
  }
  const int length = days_in_month(year, month);
  const std::int64_t first = days_from_civil(year, month, 1);
  std::int64_t days = 0;
  if (week > 0) {
    days = first + (weekday - weekday_of(first) + 7) % 7 + (week - 1) * 7;
    while (days >= first + length) days -= 7;
  } else {
    const std::int64_t last = first + length - 1;
    days = last - (weekday_of(last) - weekday + 7) % 7 + (week + 1) * 7;
  }
  return days * calendar::day + time;
}

Zone::Zone(std::string name, int initial_offset, std::vector<Transition> transitions, std::optional<Tail> tail)
    : name_(std::move(name)), initial_offset_(initial_offset), transitions_(std::move(transitions)), tail_(tail) {}

Zone::Stretch Zone::stretch_at(Seconds instant) const {
  if (tail_ && instant >= tail_->from) {
    const std::int64_t year = to_civil(instant).year;
    const YearlyChange* latest = nullptr;
    Seconds latest_at = 0;
    for (std::int64_t y = year - 1; y <= year + 1; ++y) {
      for (const YearlyChange& change : tail_->changes) {
        const Seconds at = change.day.in_year(y) - change.offset_before;
        if (at > instant || (latest != nullptr && at < latest_at)) continue;
        latest = &change;
        latest_at = at;
      }
    }
    if (latest != nullptr && latest_at >= tail_->from) return {latest->offset, instant};
  }
  const auto after = std::upper_bound(transitions_.begin(), transitions_.end(), instant,
                                      [](Seconds at, const Transition& transition) { return at < transition.at; });
  Seconds end = after == transitions_.end() ? std::numeric_limits<Seconds>::max() : after->at;
  if (tail_) end = std::min(end, tail_->from);
  return {after == transitions_.begin() ? initial_offset_ : std::prev(after)->offset, end};
}

// RFC 5545 3.3.5
Seconds Zone::to_utc(Seconds local) const {
  constexpr Seconds more_than_any_offset = 16 * hour;
  const auto [before, end] = stretch_at(local - more_than_any_offset);
  if (local + more_than_any_offset < end) return local - before;
  const int after = offset_at(local + more_than_any_offset);
  // "If the local time described occurs more than once …, the DATE-TIME value refers to the first occurrence"
  if (before == after || offset_at(local - before) == before) return local - before;
  if (offset_at(local - after) == after) return local - after;
  // "If the local time described does not occur …, the DATE-TIME value is interpreted using the UTC offset before the
  // gap"
  return local - before;
}

TimeZones::TimeZones(std::string folder) : folder_(std::move(folder)), release_(release_of(folder_)) {}

TimeZones::TimeZones(const std::map<std::string, std::string>& others, std::string folder)
    : TimeZones(std::move(folder)) {
  for (const auto& [name, octets] : others) {
    if (auto zone = read_tzif(name, octets)) zones_.emplace(name, std::make_unique<const Zone>(std::move(*zone)));
  }
}

std::map<std::string, std::string> TimeZones::loaded() const {
  const std::shared_lock lock(mutex_);
  return octets_;
}

const Zone& TimeZones::utc() {
  static const Zone zone("UTC", 0, {}, std::nullopt);
  return zone;
}

const Zone* TimeZones::find(std::string_view tzid) const {
  {
    const std::shared_lock lock(mutex_);
    if (const auto known = names_.find(tzid); known != names_.end()) return known->second;
  }
  const Zone* zone = resolve(std::string(tzid));
  // Names that lead to a zone are many (any prefix), so what is remembered of them is bounded.
  // Those that lead nowhere are remembered too, but must not crowd out the others.
  const std::size_t most_names = zone == nullptr ? 1000 : 10'000;
  const std::unique_lock lock(mutex_);
  if (tzid.size() <= longest_name && names_.size() < most_names) names_.emplace(tzid, zone);
  return zone;
}

const Zone* TimeZones::resolve(const std::string& tzid) const {
  if (tzid.size() > longest_name) return nullptr;
  if (const Zone* zone = load(tzid)) return zone;
  if (tzid.starts_with('/')) {
    // Lotus, Mozilla, Evolution: a prefix before the IANA name.
    for (std::size_t slash = 0; slash != std::string::npos; slash = tzid.find('/', slash + 1)) {
      if (const Zone* zone = load(tzid.substr(slash + 1))) return zone;
    }
    return nullptr;
  }
  const std::string iana = iana_name_of_windows(tzid);
  return iana.empty() ? nullptr : load(iana);
}

const Zone* TimeZones::load(const std::string& iana_name) const {
  if (!is_iana_name(iana_name)) return nullptr;
  {
    const std::shared_lock lock(mutex_);
    if (const auto known = zones_.find(iana_name); known != zones_.end()) return known->second.get();
  }
  const std::string path = folder_ + "/" + iana_name;
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) return nullptr;  // `Europe` is a folder
  std::ifstream file(path, std::ios::binary);
  const std::string octets{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto zone = read_tzif(iana_name, octets);
  if (!zone) return nullptr;
  const std::unique_lock lock(mutex_);
  octets_.emplace(iana_name, octets);
  return zones_.try_emplace(iana_name, std::make_unique<const Zone>(std::move(*zone))).first->second.get();
}

}  // namespace dav::calendar
