#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dav/contacts/card.h"

namespace dav::contacts {

/// A parameter with its values, decoded.
struct LineParameter {
  std::string name;
  std::vector<std::string> values;
};

/// A content line of a card that belongs to no source: what conversions between dialects work on.
struct Line {
  std::string group;
  std::string name;
  std::vector<LineParameter> parameters;  ///< each name once
  std::string value;                      ///< with its escapes

  /// Whether the name is this one, without regard to case.
  bool is(std::string_view other) const;

  /// The parameter of that name, without regard to case; nullptr if there is none.
  const LineParameter* find(std::string_view parameter_name) const;
  LineParameter* find(std::string_view parameter_name);

  /// Its values, joined by commas; empty if there is none.
  std::string parameter(std::string_view parameter_name) const;

  /// Adds values to a parameter, which is made if need be.
  void add(std::string_view parameter_name, std::string parameter_value);

  /// Gives a parameter this one value.
  void set(std::string_view parameter_name, std::string parameter_value);

  void remove(std::string_view parameter_name);

  /// Whether one of the TYPEs is this one, without regard to case.
  bool has_type(std::string_view type) const;

  /// Takes such a TYPE away; whether there was one.
  bool remove_type(std::string_view type);
};

/// The lines of a card without BEGIN, END and VERSION. Parameters are read as the version has them: RFC 6868 is for
/// 4.0 only. In 3.0 a bare parameter is a TYPE, quoted-printable values of old programs are decoded, and a card within
/// the card becomes the text of AGENT (RFC 2426 3.5.4).
std::vector<Line> read_lines(const content::Component& card, Version version);

/// One of these lines. Of 3.0, quoted-printable values stay as they are.
Line read_line(const content::Property& property, Version version);

/// Appends the line to a text: folded, with CRLF.
void append_line(std::string& out, const Line& line, Version version);

/// The card of these lines: BEGIN, VERSION, the lines, END; CRLF, folded. What a parameter of 3.0 can't hold (quotes
/// and line ends) is left out.
std::string write_card(const std::vector<Line>& lines, Version version);

}  // namespace dav::contacts
