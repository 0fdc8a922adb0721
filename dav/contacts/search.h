#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dav/contacts/filter.h"

namespace dav::contacts {

/// A text of a card by which it can be found, folded as i;unicode-casemap has it. Its name is that of the property, or
/// one for several that say much the same.
struct SearchedText {
  std::string name;
  std::string text;
};

/// What is to be found in such a text: one of that name has this in it. Where it is empty and bound to neither end, any
/// text of that name will do.
struct WantedText {
  std::string name;
  std::string text;
  bool at_start = false;
  bool at_end = false;
};

/// All the texts of a card; nothing where they are so many that the card is better looked at by every query. Photos and
/// the like, members of groups, and what programs note for themselves are not among them.
std::optional<std::vector<SearchedText>> searched_texts(const Card& card);

/// What a card must have to match the filter: all of one of the alternatives, whatever else. Nothing where the texts
/// don't tell: then each card must be looked at.
std::optional<std::vector<std::vector<WantedText>>> wanted_texts(const Filter& filter);

/// Names the rules by which the above are made: texts made by others must not be searched.
std::string search_edition();

}  // namespace dav::contacts
