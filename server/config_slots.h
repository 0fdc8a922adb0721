#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/config_keys.h"
#include "server/units.h"

/// The kinds of values that keys have: each makes the Slot of a field.
namespace server::slots {

/// A basic string of TOML.
std::string in_quotes(std::string_view text);

/// The value, if it is of that type. Throws std::invalid_argument saying what it must be.
template <class T>
const T& expect(const Value& value, const char* what) {
  const T* found = std::get_if<T>(&value);
  if (found == nullptr) throw std::invalid_argument(std::string("this must be ") + what);
  return *found;
}

/// Throws std::invalid_argument naming the bounds, as `text` writes them.
void check_range(std::int64_t value, std::int64_t least, std::int64_t most, std::string (*text)(std::int64_t));
std::string number_text(std::int64_t number);

Slot flag(bool& field);

template <std::integral T>
Slot number(T& field, std::int64_t least, std::int64_t most) {
  return {[&field, least, most](const Value& value) {
            const auto given = expect<std::int64_t>(value, "a whole number");
            check_range(given, least, most, number_text);
            field = static_cast<T>(given);
          },
          [&field] { return number_text(static_cast<std::int64_t>(field)); }};
}

/// A size; the field counts units of `unit` octets.
template <std::integral T>
Slot size(T& field, std::int64_t least, std::int64_t most, std::int64_t unit = 1) {
  return {[&field, least, most, unit](const Value& value) {
            const std::int64_t given = parse_size(expect<std::string>(value, "a size, as in \"4 GiB\""));
            check_range(given, least, most, size_text);
            if (given % unit != 0) throw std::invalid_argument("this must be a multiple of " + size_text(unit));
            field = static_cast<T>(given / unit);
          },
          [&field, unit] { return in_quotes(size_text(static_cast<std::int64_t>(field) * unit)); }};
}

/// By functions that set and get it; values are whole numbers of `unit`.
Slot duration(const std::function<void(std::chrono::milliseconds)>& set,
              const std::function<std::chrono::milliseconds()>& get, std::chrono::milliseconds least,
              std::chrono::milliseconds most, std::chrono::milliseconds unit);

template <class Period>
Slot duration(std::chrono::duration<std::int64_t, Period>& field, std::chrono::milliseconds least,
              std::chrono::milliseconds most) {
  using Unit = std::chrono::duration<std::int64_t, Period>;
  return duration([&field](std::chrono::milliseconds given) { field = std::chrono::duration_cast<Unit>(given); },
                  [&field] { return std::chrono::milliseconds(field); }, least, most, Unit(1));
}

/// A field of plain seconds.
Slot seconds(std::int64_t& field, std::chrono::milliseconds least, std::chrono::milliseconds most);

/// Throws std::invalid_argument with the reason why a text can't be the value.
using Check = void (*)(std::string_view);
void any_text(std::string_view text);
void non_empty_text(std::string_view text);
void absolute_folder_or_none(std::string_view text);
void host_or_none(std::string_view text);
void mail_domain(std::string_view text);
void date_time(std::string_view text);  ///< of iCalendar, in UTC
void endpoint(std::string_view text);
void endpoint_or_socket(std::string_view text);  ///< or the path of a local socket
void host_and_port_or_none(std::string_view text);
void block(std::string_view text);  ///< of addresses

Slot text(std::string& field, Check check);
Slot texts(std::vector<std::string>& field, Check check);
Slot certificates(std::vector<CertificateFiles>& field);

template <class E>
Slot choice(E& field, std::initializer_list<std::pair<std::string_view, E>> choices) {
  const std::vector<std::pair<std::string_view, E>> all(choices);
  return {[&field, all](const Value& value) {
            const auto& given = expect<std::string>(value, "a text in quotes");
            std::string names;
            for (const auto& [name, meaning] : all) {
              names += (names.empty() ? "" : ", ") + in_quotes(name);
              if (given != name) continue;
              field = meaning;
              return;
            }
            throw std::invalid_argument(in_quotes(given) + " is none of " + names);
          },
          [&field, all] {
            for (const auto& [name, meaning] : all) {
              if (meaning == field) return in_quotes(name);
            }
            return std::string();
          }};
}

}  // namespace server::slots
