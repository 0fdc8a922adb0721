#include "dav/contacts/search.h"

#include <algorithm>
#include <array>

#include "dav/content/text.h"

namespace dav::contacts {

namespace {

using content::Collation;
using content::Match;
using Alternatives = std::vector<std::vector<WantedText>>;

// Octets of all texts of a card. With more, it would cost more to keep than it is worth.
constexpr std::size_t most_octets = 8192;
// Alternatives that are still fewer searches than one look at all.
constexpr std::size_t most_alternatives = 16;

// Every card has them.
constexpr std::string_view formatted_name = "FN";
constexpr std::string_view uid = "UID";

// Long, many, or never looked for.
constexpr std::array<std::string_view, 9> unsearched = {
    "PHOTO", "LOGO", "SOUND", "KEY", "MEMBER", "X-ADDRESSBOOKSERVER-MEMBER", "VERSION", "PRODID", "REV"};

/// The name under which the texts of a property are; empty where they are not.
std::string name_of(std::string_view property) {
  std::string name = content::upper(property);
  if (std::find(unsearched.begin(), unsearched.end(), name) != unsearched.end()) return {};
  // The parts of N and FN are the same, and their grams too.
  if (name == "N" || name == "NICKNAME") return std::string(formatted_name);
  return name;
}

/// Any text of that name.
WantedText any_text(const std::string& name) { return {name, {}}; }

bool is_any(const WantedText& wanted) { return wanted.text.empty() && !wanted.at_start && !wanted.at_end; }

bool is_ascii(char c) { return (static_cast<unsigned char>(c) & 0x80) == 0; }

/// What a value that the pattern is in must have, folded.
void add_pattern(std::vector<WantedText>& all, const std::string& name, const content::Pattern& pattern) {
  const bool starts = pattern.match() == Match::equals || pattern.match() == Match::starts_with;
  const bool ends = pattern.match() == Match::equals || pattern.match() == Match::ends_with;
  const std::string& wanted = pattern.wanted();
  if (pattern.collation() == Collation::unicode_casemap) {
    all.push_back({name, wanted, starts, ends});
    return;
  }
  // Where the pattern isn't folded so, only its ASCII can be relied on: marks that follow a letter get another order
  // where more of them follow.
  for (std::size_t at = 0; at <= wanted.size();) {
    std::size_t end = at;
    while (end < wanted.size() && is_ascii(wanted[end])) ++end;
    WantedText run{name, content::upper(std::string_view(wanted).substr(at, end - at)), starts && at == 0,
                   ends && end == wanted.size()};
    if (!run.text.empty() || wanted.empty()) all.push_back(std::move(run));
    for (at = end + 1; at < wanted.size() && !is_ascii(wanted[at]);) ++at;
  }
}

void add(std::vector<WantedText>& all, const std::string& name, const TextMatch& match) {
  if (!match.negate) add_pattern(all, name, match.pattern);
}

std::optional<Alternatives> alternatives_of(const PropFilter& filter) {
  const std::string name = name_of(std::string_view(filter.name).substr(filter.name.find('.') + 1));
  if (filter.is_not_defined || name.empty()) return std::nullopt;
  Alternatives alternatives;
  if (filter.test == Test::all_of) {
    auto& all = alternatives.emplace_back();
    for (const TextMatch& match : filter.texts) add(all, name, match);
  } else {
    for (const TextMatch& match : filter.texts) add(alternatives.emplace_back(), name, match);
    if (!filter.parameters.empty()) alternatives.emplace_back();
  }
  if (alternatives.empty()) alternatives.emplace_back();
  for (auto& all : alternatives) {
    std::erase_if(all, is_any);
    if (all.empty()) all.push_back(any_text(name));
    // That it is there at all excludes no card.
    if (is_any(all.front()) && (name == formatted_name || name == uid)) return std::nullopt;
  }
  return alternatives;
}

/// Each of these with each of those.
Alternatives both(const Alternatives& these, const Alternatives& those) {
  Alternatives product;
  for (const auto& one : these) {
    for (const auto& other : those) {
      auto& all = product.emplace_back(one);
      all.insert(all.end(), other.begin(), other.end());
    }
  }
  return product;
}

}  // namespace

std::optional<std::vector<SearchedText>> searched_texts(const Card& card) {
  std::vector<SearchedText> texts;
  std::size_t octets = 0;
  for (const content::Property& property : card.component().properties) {
    std::string name = name_of(property.name);
    if (name.empty()) continue;
    octets += name.size() + property.value.size();
    if (octets > most_octets) return std::nullopt;
    texts.push_back(
        {std::move(name), content::folded(content::unescape_text(property.value), Collation::unicode_casemap)});
  }
  return texts;
}

std::optional<Alternatives> wanted_texts(const Filter& filter) {
  std::optional<Alternatives> wanted;
  for (const PropFilter& property : filter.properties) {
    auto alternatives = alternatives_of(property);
    if (filter.test == Test::any_of) {
      if (!alternatives) return std::nullopt;
      if (!wanted) wanted.emplace();
      wanted->insert(wanted->end(), alternatives->begin(), alternatives->end());
      if (wanted->size() > most_alternatives) return std::nullopt;
    } else if (alternatives) {
      // A part of what must be there is enough.
      if (!wanted) {
        wanted = std::move(alternatives);
      } else if (wanted->size() * alternatives->size() <= most_alternatives) {
        wanted = both(*wanted, *alternatives);
      } else if (alternatives->size() < wanted->size()) {
        wanted = std::move(alternatives);
      }
    }
  }
  if (wanted && wanted->size() > most_alternatives) return std::nullopt;
  return wanted;
}

std::string search_edition() { return "1 " + content::folding_edition(); }

}  // namespace dav::contacts
