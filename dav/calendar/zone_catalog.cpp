#include "dav/calendar/zone_catalog.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

#include "dav/calendar/vtimezone.h"

namespace dav::calendar {

namespace {

namespace fs = std::filesystem;

std::string octets_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// FNV-1a: enough to tell one state of a text from another.
std::string tag_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  std::array<char, 24> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
  return digits.data();
}

Seconds modified_at(const fs::path& path) {
  std::error_code failure;
  const auto time = fs::last_write_time(path, failure);
  if (failure) return 0;
  const auto system = std::chrono::file_clock::to_sys(time);
  return std::chrono::floor<std::chrono::seconds>(system).time_since_epoch().count();
}

/// `1972 Jun 30` in seconds, at its midnight; nothing if it is no date.
std::optional<Seconds> day_of(std::istream& words) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int year = 0, day_of_month = 0;
  std::string month;
  if (!(words >> year >> month >> day_of_month) || year < 1900 || year > last_year) return std::nullopt;
  const auto found = std::find(months.begin(), months.end(), month);
  if (found == months.end() || day_of_month < 1 || day_of_month > 31) return std::nullopt;
  return days_from_civil(year, static_cast<int>(found - months.begin()) + 1, day_of_month) * day;
}

}  // namespace

ZoneCatalog::ZoneCatalog(std::string folder) : folder_(std::move(folder)) {}

/// The database's own text: `# version 2026a`, `Z Europe/Berlin …`, `L Europe/Berlin Europe/Copenhagen`.
void ZoneCatalog::read_database(Index& index) const {
  std::ifstream file(folder_ + "/tzdata.zi");
  std::map<std::string, std::string> links;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, first, second;
    words >> kind >> first >> second;
    if (kind == "#" && first == "version") index.version = second;
    if (kind == "Z" && fs::is_regular_file(fs::path(folder_) / first)) index.entries.push_back({first, {}});
    if (kind == "L") links[second] = first;
  }
  std::sort(index.entries.begin(), index.entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < index.entries.size(); ++i) index.names.emplace(index.entries[i].name, i);
  for (const auto& [alias, target] : links) {
    std::string name = target;
    // A link may lead to a link.
    for (int hops = 0; hops < 4 && links.contains(name); ++hops) name = links[name];
    const auto found = index.names.find(name);
    if (found == index.names.end() || !fs::is_regular_file(fs::path(folder_) / alias)) continue;
    index.entries[found->second].aliases.push_back(alias);
    index.names.emplace(alias, found->second);
  }
}

/// Where the text is missing: what files there are.
void ZoneCatalog::read_folder(Index& index) const {
  std::error_code failure;
  for (auto entry = fs::recursive_directory_iterator(folder_, failure); !failure && entry != fs::end(entry);
       entry.increment(failure)) {
    const std::string name = fs::relative(entry->path(), folder_).string();
    const bool is_name = name.front() >= 'A' && name.front() <= 'Z' && name.find('.') == std::string::npos;
    if (is_name && entry->is_regular_file()) index.entries.push_back({name, {}});
  }
  std::sort(index.entries.begin(), index.entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < index.entries.size(); ++i) index.names.emplace(index.entries[i].name, i);
}

const ZoneCatalog::Index& ZoneCatalog::index() const {
  std::call_once(once_, [this] {
    read_database(index_);
    if (index_.entries.empty()) read_folder(index_);
  });
  return index_;
}

const std::vector<ZoneCatalog::Entry>& ZoneCatalog::entries() const { return index().entries; }

const std::string& ZoneCatalog::version() const { return index().version; }

const ZoneCatalog::Entry* ZoneCatalog::find(std::string_view name) const {
  const auto found = index().names.find(name);
  return found == index().names.end() ? nullptr : &index().entries[found->second];
}

const ZoneCatalog::Data* ZoneCatalog::data(std::string_view name) const {
  const Entry* entry = find(name);
  if (entry == nullptr) return nullptr;
  {
    const std::shared_lock lock(mutex_);
    if (const auto known = data_.find(name); known != data_.end()) return known->second.get();
  }
  const fs::path path = fs::path(folder_) / entry->name;
  auto file = parse_tzif(octets_of(path));
  if (!file) return nullptr;
  auto data = std::make_unique<Data>();
  VtimezoneRequest request;
  if (name != entry->name) request.alias_of.push_back(entry->name);
  data->vtimezone = write_vtimezone(name, *file, request);
  data->tag = tag_of(data->vtimezone);
  data->file = std::move(*file);
  data->modified = modified_at(path);
  const std::unique_lock lock(mutex_);
  return data_.try_emplace(std::string(name), std::move(data)).first->second.get();
}

std::optional<ZoneCatalog::LeapSeconds> ZoneCatalog::leap_seconds() const {
  std::ifstream file(folder_ + "/leapseconds");
  LeapSeconds result;
  // "TAI-UTC … 10 s" when the steps of one second began.
  result.steps.push_back({from_civil({.year = 1972}), 10});
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, clock, sign;
    words >> kind;
    if (kind == "#expires") words >> result.expires;
    if (kind != "Leap") continue;
    const auto date = day_of(words);
    if (!date || !(words >> clock >> sign)) continue;
    result.steps.push_back({*date + day, result.steps.back().offset + (sign == "-" ? -1 : 1)});
  }
  return result.steps.size() > 1 ? std::optional(result) : std::nullopt;
}

}  // namespace dav::calendar
