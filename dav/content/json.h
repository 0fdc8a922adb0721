#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dav::content {

/// A JSON value as it was read. RFC 8259 3
struct Json {
  enum class Kind { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  std::string text;               ///< of a string its characters, of a number its digits as written, "true" or "false"
  std::vector<Json> items;        ///< of an array; of an object the values
  std::vector<std::string> keys;  ///< of an object, in order, one for each of the items
  std::size_t offset = 0;         ///< of the octet at which it had been read up to, for messages

  bool is(Kind other) const { return kind == other; }
};

/// The text is not the JSON that is wanted.
class MalformedJson : public std::runtime_error {
 public:
  MalformedJson(std::size_t at, const std::string& reason)
      : std::runtime_error(reason + ", at octet " + std::to_string(at)), offset(at) {}
  std::size_t offset;
};

/// What a JSON text may cost. What exceeds a bound is refused as malformed.
struct JsonLimits {
  std::size_t depth = 48;        ///< arrays and objects inside each other
  std::size_t values = 200'000;  ///< of any kind
};

/// Reads a JSON text. Throws MalformedJson for anything that is none, for what is not UTF-8, for a key that stands
/// twice in one object, and for what exceeds the limits.
Json parse_json(std::string_view text, const JsonLimits& limits = {});

/// Appends a JSON string: the text in quotes, with what must not stand in them escaped. RFC 8259 7
void append_json_string(std::string& out, std::string_view text);

/// Whether the text can stand for a number in JSON as it is. RFC 8259 6
bool is_json_number(std::string_view text);

}  // namespace dav::content
