#include "dav/if_header.h"

#include <catch2/catch.hpp>
#include <map>

#include "dav/error.h"

using dav::IfCondition;
using dav::IfList;
using dav::IfState;

namespace {

constexpr const char* first = "urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2";
constexpr const char* second = "urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092";

IfCondition token(std::string value, bool negated = false) { return {negated, false, std::move(value), false}; }
IfCondition etag(std::string value, bool weak = false, bool negated = false) {
  return {negated, true, std::move(value), weak};
}

}  // namespace

TEST_CASE("the If header's grammar") {
  const struct {
    std::string text;
    std::vector<IfList> expected;
  } cases[] = {
      // RFC 4918 10.4.6
      {"(<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2> [\"I am an ETag\"]) ([\"I am another ETag\"])",
       {{std::nullopt, {token(first), etag("I am an ETag")}}, {std::nullopt, {etag("I am another ETag")}}}},
      // RFC 4918 10.4.7
      {"(Not <urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2> <urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092>)",
       {{std::nullopt, {token(first, true), token(second)}}}},
      // RFC 4918 10.4.8
      {"(<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2>) (Not <DAV:no-lock>)",
       {{std::nullopt, {token(first)}}, {std::nullopt, {token("DAV:no-lock", true)}}}},
      // RFC 4918 10.4.9
      {"</resource1> (<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2> [W/\"A weak ETag\"]) ([\"strong ETag\"])",
       {{"/resource1", {token(first), etag("A weak ETag", true)}}, {"/resource1", {etag("strong ETag")}}}},
      {"<http://a/b> (<urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092>) <http://a/c>([\"x\"])",
       {{"http://a/b", {token(second)}}, {"http://a/c", {etag("x")}}}},
      {"(not[\"x\"]NOT<a:b>)", {{std::nullopt, {etag("x", false, true), token("a:b", true)}}}},
      {"  ( [\"\"] )  ", {{std::nullopt, {etag("")}}}},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(dav::parse_if(text) == expected);
  }
}

TEST_CASE("an If header that isn't one is refused") {
  for (const char* text : {"",
                           " ",
                           "()",
                           "(",
                           "(<a:b>",
                           "<a:b>",
                           "</a> </b> (<a:b>)",
                           "(<a:b>) </a> (<a:b>)",
                           "(<>)",
                           "(<ab>)",
                           "([x])",
                           "([\"x])",
                           "([ \"x\"])",
                           "([W/x])",
                           "(Not)",
                           "(Not Not <a:b>)",
                           "(<a:b>)x",
                           "(<a:b>), (<c:d>)",
                           "(<a b:c>)",
                           "(<a:b>))"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(dav::parse_if(text), dav::Error);
  }
  std::string many = "(";
  for (int i = 0; i < 1001; ++i) many += "<a:b>";
  CHECK_THROWS_AS(dav::parse_if(many + ")"), dav::Error);
}

TEST_CASE("the If header's lists are alternatives, their conditions are not") {
  const std::map<std::string, IfState> states{{"", {{first}, "one"}}, {"/b", {{second}, ""}}, {"/none", {}}};
  const auto state_of = [&](const std::optional<std::string>& resource) { return states.at(resource.value_or("")); };
  const struct {
    std::string text;
    bool holds;
  } cases[] = {
      {"(<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2>)", true},
      {"(<urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092>)", false},
      {"(<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2> [\"one\"])", true},
      {"(<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2> [\"two\"])", false},
      {"([\"two\"]) ([\"one\"])", true},
      {"([W/\"one\"])", false},
      {"(Not [\"one\"])", false},
      {"(Not [\"two\"])", true},
      {"(<DAV:no-lock>)", false},
      {"(Not <DAV:no-lock>)", true},
      {"</b> (<urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092>)", true},
      {"</b> (<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2>)", false},
      {"</b> ([\"\"])", false},
      {"</none> (<a:b>) </b> (Not <a:b>)", true},
      {"</none> (Not <a:b> Not [\"x\"])", true},
  };
  for (const auto& [text, holds] : cases) {
    CAPTURE(text);
    CHECK(dav::evaluate_if(dav::parse_if(text), state_of) == holds);
  }
}

TEST_CASE("every state token counts as submitted, wherever it stands") {
  const auto lists = dav::parse_if("</a> (Not <x:1> [\"e\"]) </b> (<x:2>)");
  CHECK(dav::submitted_tokens(lists) == std::vector<std::string>{"x:1", "x:2"});
}
