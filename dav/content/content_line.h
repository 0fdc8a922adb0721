#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace dav::content {

/// The two families of content lines. They differ in little: vCard has group prefixes (`item1.TEL`) and, in 2.1,
/// quoted-printable values whose lines end in a soft break.
enum class Dialect { icalendar, vcard };

/// What a text may cost. What exceeds a bound is refused as malformed.
struct Limits {
  std::size_t depth = 16;                           ///< components inside each other
  std::size_t lines = 500'000;                      ///< unfolded lines
  std::size_t line_length = std::size_t{64} << 20;  ///< octets of one unfolded line
};

/// The text is no sequence of content lines. `line` counts physical lines from 1.
class Malformed : public std::runtime_error {
 public:
  Malformed(std::size_t line_number, const std::string& reason) : std::runtime_error(reason), line(line_number) {}
  std::size_t line;
};

/// `NAME=value,value` or, in vCard 2.1, `NAME` alone. Views point into the document.
struct Parameter {
  std::string_view name;  ///< as written
  std::string_view raw;   ///< all values as written, unfolded, with their quotes and escapes
  bool has_value = true;  ///< false for `;QUOTED-PRINTABLE`, without '='

  /// The values, split at commas outside of quotes, without their quotes, decoded by RFC 6868.
  std::vector<std::string> values() const;

  /// The first value, decoded; empty if there is none.
  std::string value() const;
};

/// One content line. Views point into the document and live as long as it.
struct Property {
  std::string_view group;                 ///< `item1` of `item1.TEL`; empty if there is none
  std::string_view name;                  ///< as written
  std::span<const Parameter> parameters;  ///< in order
  std::string_view value;                 ///< as written, unfolded, with its escapes
  std::string_view raw;                   ///< its octets in the source: folds and line end included
  std::size_t line = 0;                   ///< of its first octet, from 1

  /// Whether the name is this one, without regard to case (RFC 5545 2, RFC 6350 3.3).
  bool is(std::string_view other) const;

  /// The first parameter of that name, without regard to case; nullptr if there is none.
  const Parameter* find(std::string_view parameter_name) const;

  /// The first value of that parameter, decoded; empty if there is none.
  std::string parameter(std::string_view parameter_name) const;
};

/// What stands between BEGIN and END. Views point into the document and live as long as it.
struct Component {
  std::string_view name;              ///< as written
  std::vector<Property> properties;   ///< in order
  std::vector<Component> components;  ///< in order
  std::string_view raw;               ///< all its octets in the source, from BEGIN to the line end after END
  std::string_view begin;             ///< the octets of the BEGIN line
  std::string_view end;               ///< the octets of the END line
  std::size_t line = 0;               ///< of BEGIN

  /// Whether the name is this one, without regard to case.
  bool is(std::string_view other) const;

  /// The first property of that name, without regard to case; nullptr if there is none.
  const Property* find(std::string_view property_name) const;

  /// The number of properties of that name.
  std::size_t count(std::string_view property_name) const;

  /// Calls `on_property` and `on_component` for the children in the order of the source.
  template <typename OnProperty, typename OnComponent>
  void for_each_child(OnProperty on_property, OnComponent on_component) const;
};

/// A text and its tree. The source is kept, octet by octet; everything in the tree knows its place in it.
class Document {
 public:
  /// Reads the text. Tolerated: CRLF, LF and CR as line ends, blank lines, a byte order mark, folds inside a UTF-8
  /// sequence, no line end after the last line, components without an end only as Malformed.
  /// Throws Malformed for anything that is no tree of content lines, for control characters, for what is not
  /// UTF-8, and for what exceeds the limits.
  static Document parse(std::string source, Dialect dialect, const Limits& limits = {});

  /// The octets as given.
  const std::string& source() const { return text_->source; }

  /// The components at the top, in order; at least one.
  const std::vector<Component>& components() const { return components_; }

 private:
  friend class Reader;

  /// Apart from the document, so that views survive its moves.
  struct Text {
    std::string source;
    std::string unfolded;                           ///< the lines that had folds; reserved once, never reallocated
    std::deque<std::vector<Parameter>> parameters;  ///< each reserved once, never reallocated
  };

  std::unique_ptr<Text> text_;
  std::vector<Component> components_;
};

template <typename OnProperty, typename OnComponent>
void Component::for_each_child(OnProperty on_property, OnComponent on_component) const {
  auto property = properties.begin();
  auto component = components.begin();
  while (property != properties.end() || component != components.end()) {
    const bool property_first =
        component == components.end() || (property != properties.end() && property->line < component->line);
    if (property_first) {
      on_property(*property++);
    } else {
      on_component(*component++);
    }
  }
}

}  // namespace dav::content
