#include "server/units.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <stdexcept>

namespace server {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<Unit, 5> sizes{{
    {"B", 1},
    {"KiB", std::int64_t{1} << 10},
    {"MiB", std::int64_t{1} << 20},
    {"GiB", std::int64_t{1} << 30},
    {"TiB", std::int64_t{1} << 40},
}};

constexpr std::array<Unit, 5> durations{{
    {"ms", 1},
    {"s", 1000},
    {"min", 60'000},
    {"h", 3'600'000},
    {"d", 86'400'000},
}};

std::int64_t parse(std::string_view text, std::span<const Unit> units, std::string_view example) {
  const auto wrong = [&] {
    std::string names;
    for (const Unit& unit : units) names.append(names.empty() ? "" : ", ").append(unit.name);
    return std::invalid_argument("\"" + std::string(text) + "\" is not a whole number and a unit (" + names +
                                 "), as in \"" + std::string(example) + "\"");
  };
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) throw wrong();
  std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (name.empty() && number == 0) return 0;
  if (name.starts_with(' ')) name.remove_prefix(1);
  for (const Unit& unit : units) {
    if (name != unit.name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / unit.factor) throw wrong();
    return number * unit.factor;
  }
  throw wrong();
}

std::string text_of(std::int64_t value, std::span<const Unit> units) {
  if (value == 0) return "0";
  const Unit* best = &units[0];
  for (const Unit& unit : units) {
    if (value % unit.factor == 0) best = &unit;
  }
  return std::to_string(value / best->factor) + " " + std::string(best->name);
}

}  // namespace

std::int64_t parse_size(std::string_view text) { return parse(text, sizes, "4 GiB"); }

std::chrono::milliseconds parse_duration(std::string_view text) {
  return std::chrono::milliseconds(parse(text, durations, "10 min"));
}

std::string size_text(std::int64_t octets) { return text_of(octets, sizes); }

std::string duration_text(std::chrono::milliseconds duration) { return text_of(duration.count(), durations); }

}  // namespace server
