#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/types.h"

namespace storage {

/// What a query looks for in an object's texts: one of that name that has this in it. Where it is empty and bound to
/// neither end, any text of that name will do.
struct TextTerm {
  std::string name;
  std::string text;
  bool at_start = false;
  bool at_end = false;
};

/// All terms of one of the alternatives.
using TextSearch = std::vector<std::vector<TextTerm>>;

/// Adds one text, under a name that has no control characters, to those of an object: ObjectFacts::text.
void add_text(std::string& texts, std::string_view name, std::string_view text);

/// Whether the texts of an object hold all terms of one of the alternatives.
bool holds(std::string_view texts, const TextSearch& search);

/// What a term looks for, octet by octet, in the texts of an object: its text with the marks of the ends it is bound
/// to.
std::string needle_of(const TextTerm& term);

/// A gram: three octets of a text of that name, its ends included, or the name alone; of one collection. By a hash of
/// all but the last octet, so that a few grams are one, and those that begin alike lie beside each other.
using Gram = std::int64_t;

/// A gram as a word of letters and digits, in the order of grams.
std::string word_of(Gram gram);

/// Grams that begin with the same two octets: this one and the next `count - 1`.
struct GramRange {
  static constexpr Gram count = 256;
  Gram first;
};

/// What the words of all of them, and of hardly another, begin with.
std::string words_begin_with(const GramRange& range);

/// All grams of an object's texts, sorted, each once.
std::vector<Gram> grams_of(Id collection, std::string_view texts);

/// Grams that objects holding all these terms have: enough of them to leave few others. None where the terms are too
/// short to have one.
std::vector<Gram> grams_for(Id collection, const std::vector<TextTerm>& terms);

/// Where there is none: objects that hold all these terms have one of such grams. Nothing where each of the terms is
/// too short even for that.
std::optional<GramRange> gram_range_for(Id collection, const std::vector<TextTerm>& terms);

}  // namespace storage
