#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::mime {

/// One field of a header: views into the octets it was read from.
struct Field {
  /// Without the white space that may stand before the colon; empty for lines that belong to no field.
  std::string_view name;
  /// What follows the colon, with its folds, without the last line end.
  std::string_view value;
  /// The field as it stands, from its name to its line end.
  std::string_view whole;
};

/// Walks the fields of a header up to the empty line or the end. A line that is no field continues the field before it
/// (RFC 7103 7.2); one at the start is a field without a name. Lines end with LF, with or without a CR.
class FieldReader {
 public:
  explicit FieldReader(std::string_view header) : rest_(header) {}

  /// The next field, nothing at the end of the header.
  std::optional<Field> next();

 private:
  std::string_view rest_;
};

/// The length of the field name that a line begins with, if the line begins a field. RFC 5322 2.2
std::optional<std::size_t> field_name_length(std::string_view line);

/// Whether a line, with its end, is the empty one between header and body.
bool is_blank_line(std::string_view line);

/// A field's value on one line: line ends gone (RFC 5322 2.2.3), NUL gone, no white space around it.
std::string unfold(std::string_view value);

/// The value, unfolded, of the first field of that name; nothing if there is none.
std::optional<std::string> first_value(std::string_view header, std::string_view name);

/// The values, unfolded, of all fields of that name, in their order.
std::vector<std::string> all_values(std::string_view header, std::string_view name);

/// Whether both are the same but for the case of ASCII letters.
bool same_word(std::string_view one, std::string_view other);

/// A text with its ASCII letters in lower case.
std::string lower_case(std::string_view text);

/// A text without spaces, tabs and line ends around it.
std::string_view trimmed(std::string_view text);

}  // namespace mail::mime
