#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "dav/content/content_line.h"
#include "dav/content/json.h"

namespace dav::content {

/// How the values of a property stand in its line: one; a list with commas; parts with semicolons; parts of which each
/// may be a list.
enum class JsonShape { single, list, structured, structured_lists };

/// What is known of a property: its default type and its shape.
struct JsonRow {
  std::string_view name;  ///< in lower case
  std::string_view type;
  JsonShape shape = JsonShape::single;
};

/// Whether rows can be searched by name: they are sorted by it.
constexpr bool in_order(std::span<const JsonRow> rows) {
  return std::is_sorted(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
}

/// What jCal and jCard differ in.
struct JsonFormat {
  Dialect dialect;
  std::span<const JsonRow> rows;  ///< in order of name; all others have the type `unknown`
};

/// Appends the property as a JSON array: name, parameters, type, values. RFC 7265 3.4, RFC 7095 3.3
void append_json_property(std::string& out, const Property& property, const JsonFormat& format);

/// Appends the content line, folded, that such an array stands for. Throws MalformedJson for anything else, and for
/// what would be more than one line.
void append_line_of_json(std::string& out, const Json& property, const JsonFormat& format);

/// Whether it can stand in a content line as a name: as tolerant as the reader of content lines is.
bool is_line_name(std::string_view name);

/// The name of a component as it stands behind BEGIN. Throws MalformedJson.
std::string component_name_of_json(const Json& json);

/// ASCII letters made small, as names are in both formats.
std::string json_name(std::string_view name);

}  // namespace dav::content
