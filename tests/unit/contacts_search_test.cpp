#include "dav/contacts/search.h"

#include <catch2/catch.hpp>
#include <random>

#include "dav/facts.h"
#include "storage/search.h"

using namespace dav::contacts;
using dav::content::Collation;
using dav::content::Match;
using dav::content::Pattern;

namespace {

Card card(const std::string& lines) {
  auto parsed = Card::parse("BEGIN:VCARD\r\nVERSION:4.0\r\nUID:1\r\n" + lines + "END:VCARD\r\n");
  return std::get<Card>(std::move(parsed));
}

/// Whether the index of a store would name the card: by its texts, and by its grams.
bool is_candidate(const Card& one, const Filter& filter) {
  const auto search = dav::text_search(filter);
  if (!search) return true;
  const auto facts = dav::facts_of(one);
  if (!facts.text) return true;
  const auto grams = storage::grams_of(7, *facts.text);
  const bool by_grams = std::any_of(search->begin(), search->end(), [&](const auto& terms) {
    const auto needed = storage::grams_for(7, terms);
    if (const auto range = storage::gram_range_for(7, terms); needed.empty() && range) {
      const auto first = std::lower_bound(grams.begin(), grams.end(), range->first);
      return first != grams.end() && *first < range->first + storage::GramRange::count;
    }
    return std::all_of(needed.begin(), needed.end(),
                       [&](storage::Gram gram) { return std::binary_search(grams.begin(), grams.end(), gram); });
  });
  const bool by_text = storage::holds(*facts.text, *search);
  CHECK((by_grams || !by_text));
  return by_text;
}

PropFilter property(const std::string& name, const Pattern& pattern) {
  return {.name = name, .texts = {{pattern, false}}, .parameters = {}};
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  std::size_t number(std::size_t below) { return random_() % below; }

  /// Of few characters, so that much is found: letters that fold to others or to several, marks that change places.
  std::string text(std::size_t most) {
    static const std::vector<std::string> pieces = {"a",
                                                    "A",
                                                    "b",
                                                    "e",
                                                    "\xC3\xA9",
                                                    "\xC3\x89",
                                                    "e\xCC\x81",
                                                    "\xCC\xA3",
                                                    "\xCC\x81",
                                                    "\xC3\x9F",
                                                    "ss",
                                                    "\xEF\xAC\x81",
                                                    "\xE4\xBC\x9A",
                                                    "\xE1\xBA\xAD",
                                                    "@",
                                                    ".",
                                                    " ",
                                                    "1",
                                                    "\\,",
                                                    "\\n",
                                                    "\xC7\x86",
                                                    "\xC5\x89",
                                                    "\xF0\x9F\x8D\xB5"};
    std::string made;
    for (std::size_t left = number(most + 1); left > 0; --left) made += pieces[number(pieces.size())];
    return made;
  }

  std::string name() {
    static const std::vector<std::string> names = {"FN", "N", "NICKNAME", "EMAIL", "TEL", "X-ABLABEL", "NOTE", "PHOTO"};
    return names[number(names.size())];
  }

  Card any_card() {
    std::string lines = "FN:" + text(4) + "x\r\n";
    for (std::size_t left = number(5); left > 0; --left) {
      lines +=
          (number(4) == 0 ? "item1." : "") + name() + (number(3) == 0 ? ";TYPE=home" : "") + ":" + text(6) + "\r\n";
    }
    return card(lines);
  }

  Filter any_filter() {
    Filter filter;
    filter.test = any_test();
    for (std::size_t left = 1 + number(3); left > 0; --left) filter.properties.push_back(any_property());
    return filter;
  }

 private:
  Test any_test() { return number(2) == 0 ? Test::any_of : Test::all_of; }

  TextMatch match() {
    const auto collation = static_cast<Collation>(number(3));
    return {Pattern(dav::content::folded(text(3), static_cast<Collation>(number(3))), collation,
                    static_cast<Match>(number(4))),
            number(5) == 0};
  }

  PropFilter any_property() {
    PropFilter filter;
    filter.name = (number(5) == 0 ? "item1." : "") + name();
    filter.test = any_test();
    filter.is_not_defined = number(8) == 0;
    if (filter.is_not_defined) return filter;
    for (std::size_t left = number(3); left > 0; --left) filter.texts.push_back(match());
    if (number(4) == 0) filter.parameters.push_back({"TYPE", number(2) == 0, std::nullopt});
    return filter;
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("whatever matches a filter is found by its texts") {
  const unsigned seed = 20260302;
  CAPTURE(seed);
  Maker maker(seed);
  std::size_t narrowed = 0, matched = 0;
  for (int round = 0; round < 20'000; ++round) {
    const Card one = maker.any_card();
    const Filter filter = maker.any_filter();
    const bool candidate = is_candidate(one, filter);
    narrowed += candidate ? 0 : 1;
    if (!matches(one, filter)) continue;
    ++matched;
    CAPTURE(round, one.bytes());
    REQUIRE(candidate);
  }
  CHECK(narrowed > 2'000);
  CHECK(matched > 2'000);
}

TEST_CASE("an index narrows by the property and the ends of its text") {
  const Card ada = card("FN:Ada Lovelace\r\nEMAIL:ada@example.com\r\nTEL:+44 20 7946 0001\r\n");
  const auto found = [&](const std::string& name, const std::string& text, Match match = Match::contains) {
    return is_candidate(ada, {Test::any_of, {property(name, Pattern(text, Collation::unicode_casemap, match))}});
  };
  CHECK(found("FN", "love"));
  CHECK_FALSE(found("FN", "example"));
  CHECK(found("EMAIL", "example"));
  CHECK(found("EMAIL", "Ad", Match::starts_with));
  CHECK_FALSE(found("EMAIL", "da", Match::starts_with));
  CHECK(found("EMAIL", "m", Match::ends_with));
  CHECK_FALSE(found("EMAIL", "ada@example", Match::equals));
  CHECK(found("TEL", "7946"));
  CHECK_FALSE(found("NOTE", "ada"));
}

TEST_CASE("filters that texts say nothing about look at every card") {
  const TextMatch ada{Pattern("ada", Collation::unicode_casemap, Match::contains), false};
  const TextMatch other{ada.pattern, true};
  const auto narrows = [](PropFilter filter) { return wanted_texts({Test::any_of, {std::move(filter)}}).has_value(); };
  CHECK(narrows({.name = "FN", .texts = {ada}, .parameters = {}}));
  CHECK(narrows({.name = "x-any", .texts = {ada}, .parameters = {}}));
  CHECK(narrows({.name = "EMAIL", .texts = {other}, .parameters = {}}));
  CHECK_FALSE(narrows({.name = "FN", .texts = {other}, .parameters = {}}));
  CHECK_FALSE(narrows({.name = "FN", .texts = {}, .parameters = {}}));
  CHECK_FALSE(narrows({.name = "PHOTO", .texts = {ada}, .parameters = {}}));
  CHECK_FALSE(narrows({.name = "EMAIL", .is_not_defined = true, .texts = {}, .parameters = {}}));
  CHECK_FALSE(wanted_texts({}).has_value());
  const PropFilter absent{.name = "EMAIL", .is_not_defined = true, .texts = {}, .parameters = {}};
  const PropFilter named{.name = "FN", .texts = {ada}, .parameters = {}};
  CHECK_FALSE(wanted_texts({Test::any_of, {named, absent}}).has_value());
  CHECK(wanted_texts({Test::all_of, {named, absent}}).has_value());
}

TEST_CASE("a card that says too much is looked at by every query") {
  CHECK(searched_texts(card("FN:x\r\nPHOTO:" + std::string(20'000, 'A') + "\r\n")));
  CHECK_FALSE(searched_texts(card("FN:x\r\nNOTE:" + std::string(9'000, 'A') + "\r\n")));
  CHECK_FALSE(dav::facts_of(card("FN:x\r\nNOTE:" + std::string(9'000, 'A') + "\r\n")).text);
}
