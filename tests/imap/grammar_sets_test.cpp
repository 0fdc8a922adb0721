#include <catch2/catch.hpp>

#include <random>
#include <set>

#include "mail/imap/grammar/sequence_set.h"

using namespace mail::imap;

namespace {

NumberSet set_of(std::string_view text, std::uint32_t star = 0) {
  Cursor cursor(text);
  const SequenceSet set = read_sequence_set(cursor);
  cursor.end();
  return set.resolved(star);
}

}  // namespace

TEST_CASE("sequence sets are put in order", "[sets]") {
  // The examples are those of RFC 9051 9.
  const auto row = GENERATE(table<std::string, std::uint32_t, std::string>({
      {"2,4:7,9,12:*", 15, "2,4:7,9,12:15"},
      {"*:4,5:7", 10, "4:10"},
      {"4:2", 9, "2:4"},
      {"3291:*", 7, "7:3291"},
      {"*", 5, "5"},
      {"1,2,3", 9, "1:3"},
      {"5,1,3,1", 9, "1,3,5"},
      {"4294967295,4294967294", 9, "4294967294:4294967295"},
      {"1:4294967295,7", 9, "1:4294967295"},
  }));
  CHECK(set_of(std::get<0>(row), std::get<1>(row)).text() == std::get<2>(row));
}

TEST_CASE("what is no sequence set is refused", "[sets]") {
  const auto bad = GENERATE(as<std::string>(), "", "0", "1,", "1:", ":1", "1:0", "a", "1::2", "4294967296", "1 ,2");
  INFO(bad);
  CHECK_THROWS_AS(set_of(bad, 5), SyntaxError);
}

TEST_CASE("the saved result is marked", "[sets]") {
  Cursor cursor("$,3:*");
  const SequenceSet set = read_sequence_set(cursor);
  CHECK(set.saved);
  CHECK(set.has_star());
  CHECK(set.greatest() == 3);
  CHECK(set.resolved(4).text() == "3:4");
  Cursor plain("$");
  CHECK_THROWS_AS(read_number_set(plain), SyntaxError);
  Cursor star("1:*");
  CHECK_THROWS_AS(read_number_set(star), SyntaxError);
}

TEST_CASE("sets are what a plain set of numbers says", "[sets]") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    std::set<std::uint32_t> plain[2];
    NumberSet sets[2];
    for (int which = 0; which < 2; ++which) {
      for (auto count = random() % 30; count > 0; --count) {
        const auto number = static_cast<std::uint32_t>(1 + random() % 40);
        plain[which].insert(number);
        sets[which].add(number);
      }
    }
    const auto check = [&](const NumberSet& set, auto in) {
      std::vector<std::uint32_t> expected, found;
      for (std::uint32_t i = 0; i < 50; ++i) {
        if (in(plain[0].contains(i), plain[1].contains(i))) expected.push_back(i);
        REQUIRE(set.contains(i) == in(plain[0].contains(i), plain[1].contains(i)));
      }
      set.for_each([&](std::uint32_t number) { found.push_back(number); });
      REQUIRE(found == expected);
      REQUIRE(set.size() == expected.size());
      REQUIRE(NumberSet::of(expected) == set);
      if (!expected.empty()) REQUIRE(set_of(set.text()) == set);
    };
    check(sets[0], [](bool a, bool) { return a; });
    check(sets[0].united(sets[1]), [](bool a, bool b) { return a || b; });
    check(sets[0].intersected(sets[1]), [](bool a, bool b) { return a && b; });
    check(sets[0].without(sets[1]), [](bool a, bool b) { return a && !b; });
    const std::vector<std::uint32_t> some{3, 5, 8, 20, 39};
    std::vector<std::uint32_t> expected;
    for (const std::uint32_t number : some) {
      if (plain[0].contains(number)) expected.push_back(number);
    }
    REQUIRE(select(some, sets[0]) == expected);
  }
}

TEST_CASE("sets reach to the greatest number", "[sets]") {
  const NumberSet all = NumberSet::of_ranges({{1, 4294967295U}});
  CHECK(all.size() == 4294967295U);
  CHECK(all.without(set_of("1:4294967294")).text() == "4294967295");
  CHECK(all.without(set_of("4294967295")).text() == "1:4294967294");
  CHECK(all.without(set_of("5,7")).text() == "1:4,6,8:4294967295");
  CHECK(all.without(all).empty());
}

TEST_CASE("a part of the results is counted from either end", "[sets]") {
  const auto row = GENERATE(table<std::string, std::size_t, std::size_t, std::size_t>({
      {"1:3", 10, 0, 3},
      {"3:1", 10, 0, 3},
      {"9:12", 10, 8, 10},
      {"11:12", 10, 10, 10},
      {"-1:-3", 10, 7, 10},
      {"-3:-1", 10, 7, 10},
      {"-8:-20", 10, 0, 3},
      {"-11:-20", 10, 0, 0},
      {"1:4294967295", 0, 0, 0},
  }));
  Cursor cursor(std::get<0>(row));
  const PartialRange range = read_partial_range(cursor);
  cursor.end();
  CHECK(range.text == std::get<0>(row));
  CHECK(range.of(std::get<1>(row)).begin == std::get<2>(row));
  CHECK(range.of(std::get<1>(row)).end == std::get<3>(row));
  const auto bad = GENERATE(as<std::string>(), "0:1", "1:-3", "-1:3", "1", "1:*", "");
  Cursor wrong(bad);
  CHECK_THROWS_AS(read_partial_range(wrong), SyntaxError);
}
