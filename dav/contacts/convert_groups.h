#pragma once

#include <map>
#include <string>
#include <vector>

#include "dav/contacts/line.h"

namespace dav::contacts {

/// The groups of a card (`item1.TEL`, `item1.X-ABLabel`): the labels that Apple's programs give, and new names.
class Groups {
 public:
  explicit Groups(const std::vector<Line>& lines);

  /// The text of the X-ABLabel in a line's group; empty if there is none.
  const std::string& label_of(const Line& line) const;

  /// Gives a line a label: the line to be added behind it. A line without a group gets a new one.
  Line make_label(Line& line, std::string_view label);

 private:
  std::map<std::string, std::string, std::less<>> labels_;  ///< by name in capitals; those without a label as well
  std::size_t last_ = 0;
};

/// The addresses of a card of 3.0, and the LABEL properties that belong to them (RFC 2426 3.2.2): each becomes the
/// LABEL parameter of an address of its group, types and language (RFC 6350 6.3.1), and goes; one that belongs to none
/// stays.
void join_labels(std::vector<Line>& lines);

/// The reverse for one address of 4.0: the LABEL line to be added behind it, for which the parameter has been taken
/// away.
std::vector<Line> part_label(Line& address);

/// SORT-STRING (RFC 2426 3.6.5) becomes SORT-AS of N (RFC 6350 5.9), and goes.
void join_sort_string(std::vector<Line>& lines);

/// The reverse: the line to be added behind an N.
std::vector<Line> part_sort_string(Line& name);

}  // namespace dav::contacts
