#include "dav/contacts/filter.h"

#include <catch2/catch.hpp>

using namespace dav::contacts;
using dav::content::Collation;
using dav::content::Match;
using dav::content::Pattern;

namespace {

Card card(const std::string& lines) {
  auto parsed = Card::parse("BEGIN:VCARD\nVERSION:3.0\nUID:1\nFN:x\n" + lines + "END:VCARD\n");
  return std::get<Card>(std::move(parsed));
}

TextMatch text(const std::string& wanted, Match match = Match::contains, bool negate = false,
               Collation collation = Collation::unicode_casemap) {
  return {Pattern(wanted, collation, match), negate};
}

PropFilter property(const std::string& name, std::vector<TextMatch> texts = {},
                    std::vector<ParamFilter> parameters = {}, Test test = Test::any_of) {
  return {name, false, test, std::move(texts), std::move(parameters)};
}

PropFilter absent(const std::string& name) {
  return {.name = name, .is_not_defined = true, .texts = {}, .parameters = {}};
}

bool one(const Card& given, PropFilter filter) { return matches(given, {Test::any_of, {std::move(filter)}}); }

}  // namespace

// RFC 6352 10.5
TEST_CASE("card filters look at existence, text and parameters") {
  const Card ada = card(
      "NICKNAME:me\nEMAIL;TYPE=home,pref:Ada@Example.com\nitem1.TEL;TYPE=\"work,voice\":+1\nTEL;CELL:+2\n"
      "N:Gr\xC3\xBC\xC3\x9F;Zo\xC3\xAB;;;\n");
  CHECK(matches(ada, {}));
  CHECK(one(ada, property("nickname")));
  CHECK_FALSE(one(ada, property("NOTE")));
  CHECK(one(ada, absent("NOTE")));
  CHECK_FALSE(one(ada, absent("TEL")));

  CHECK(one(ada, property("EMAIL", {text("ada@")})));
  CHECK(one(ada, property("EMAIL", {text("ada@example.com", Match::equals)})));
  CHECK_FALSE(one(ada, property("EMAIL", {text("ada@example", Match::equals)})));
  CHECK(one(ada, property("EMAIL", {text("ada", Match::starts_with)})));
  CHECK(one(ada, property("EMAIL", {text(".COM", Match::ends_with)})));
  CHECK_FALSE(one(ada, property("EMAIL", {text("example", Match::starts_with)})));
  CHECK_FALSE(one(ada, property("EMAIL", {text("ada@", Match::contains, true)})));
  CHECK(one(ada, property("EMAIL", {text("bob", Match::contains, true)})));
  CHECK_FALSE(one(ada, property("EMAIL", {text("ada@", Match::contains, false, Collation::octet)})));

  // RFC 5051: "ë" and "ß" fold as titlecase and decomposition say.
  CHECK(one(ada, property("N", {text("ZOE\xCC\x88")})));
  CHECK(one(ada, property("N", {text("GR\xC3\x9C")})));
  CHECK_FALSE(one(ada, property("N", {text("GR\xC3\x9C", Match::contains, false, Collation::ascii_casemap)})));

  CHECK(one(ada, property("EMAIL", {}, {{.name = "TYPE", .text = text("home", Match::equals)}})));
  CHECK_FALSE(one(ada, property("EMAIL", {}, {{.name = "TYPE", .text = text("work")}})));
  CHECK(one(ada, property("TEL", {}, {{.name = "TYPE", .text = text("voice", Match::equals)}})));
  CHECK(one(ada, property("TEL", {}, {{.name = "type", .text = text("cell", Match::equals)}})));
  CHECK(one(ada, property("NICKNAME", {}, {{.name = "TYPE", .is_not_defined = true, .text = {}}})));
  CHECK_FALSE(one(ada, property("EMAIL", {}, {{.name = "TYPE", .is_not_defined = true, .text = {}}})));
  CHECK_FALSE(one(ada, property("EMAIL", {}, {{.name = "X-FOO", .text = {}}})));
}

TEST_CASE("conditions are joined by anyof or allof") {
  const Card ada = card("EMAIL;TYPE=home:ada@example.com\n");
  const std::vector<TextMatch> half = {text("ada"), text("bob")};
  CHECK(one(ada, property("EMAIL", half)));
  CHECK_FALSE(one(ada, property("EMAIL", half, {}, Test::all_of)));
  CHECK(one(ada, property("EMAIL", {text("ada"), text("example")}, {{.name = "TYPE", .text = {}}}, Test::all_of)));
  CHECK_FALSE(one(ada, property("EMAIL", {text("ada")}, {{.name = "X", .text = {}}}, Test::all_of)));
  CHECK(one(ada, property("EMAIL", {text("bob")}, {{.name = "TYPE", .text = {}}})));
  CHECK(matches(ada, {Test::any_of, {property("NOTE"), property("EMAIL")}}));
  CHECK_FALSE(matches(ada, {Test::all_of, {property("NOTE"), property("EMAIL")}}));
}

// RFC 6352 10.5.1: "TEL" is any group's, "X-ABC.TEL" that one's alone.
TEST_CASE("names with a group mean exactly that group") {
  const Card grouped = card("X-ABC.TEL:1\n");
  CHECK(one(grouped, property("TEL")));
  CHECK(one(grouped, property("x-abc.tel")));
  CHECK_FALSE(one(grouped, property("X-ABC-1.TEL")));
  CHECK_FALSE(one(card("TEL:1\n"), property("X-ABC.TEL")));
}

TEST_CASE("collations are known by name, and default is the protocol's") {
  using dav::content::collation_of;
  CHECK(collation_of("i;octet", Collation::ascii_casemap) == Collation::octet);
  CHECK(collation_of("i;unicode-casemap", Collation::ascii_casemap) == Collation::unicode_casemap);
  CHECK(collation_of("default", Collation::unicode_casemap) == Collation::unicode_casemap);
  CHECK_FALSE(collation_of("i;ascii-numeric", Collation::octet));
}
