#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mail/sieve/lexer.h"
#include "mail/sieve/reference.h"
#include "mail/sieve/script.h"

using namespace mail::sieve;

namespace {

/// "line 1, column 2: why", or empty for a script that is right.
std::string fault(std::string_view script, const ScriptLimits& limits = {}) {
  try {
    compile(script, limits);
    return {};
  } catch (const ScriptError& error) {
    return error.what();
  }
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  while (count-- > 0) out += text;
  return out;
}

}  // namespace

// RFC 5228 2, 8.1
TEST_CASE("tokens are read as they are written, with their places") {
  Lexer lexer("If :Over 2K [\"a\\\"b\\\\\\c\"] # comment\r\n/* a * b */ text: # more\n..dot\n.one\nlast\n.\n;");
  Token token = lexer.next();
  CHECK(token.text == "if");
  token = lexer.next();
  CHECK(token.kind == Token::Kind::tag);
  CHECK(token.text == "over");
  token = lexer.next();
  CHECK(token.number == 2048);
  CHECK(lexer.next().is('['));
  token = lexer.next();
  CHECK(token.text == "a\"b\\c");
  CHECK(token.place.column == 14);
  CHECK(lexer.next().is(']'));
  token = lexer.next();
  CHECK(token.text == ".dot\r\n.one\r\nlast\r\n");
  CHECK(token.place.line == 2);
  CHECK(token.place.column == 13);
  token = lexer.next();
  CHECK(token.is(';'));
  CHECK(token.place.line == 7);
  CHECK(lexer.next().kind == Token::Kind::end);
}

// RFC 5228 2.4.2.4
TEST_CASE("encoded characters are decoded, and what is none is left") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"$${hex:40}", "$@"},
      {"${hex: 40 }", "@"},
      {"${HEX: 40}", "@"},
      {"${hex:40", "${hex:40"},
      {"${hex:400}", "${hex:400}"},
      {"${hex:4${hex:30}}", "${hex:40}"},
      {"${unicode:40}", "@"},
      {"${ unicode:40}", "${ unicode:40}"},
      {"${UNICODE:40}", "@"},
      {"${UnICoDE:0000040}", "@"},
      {"${Unicode:40}", "@"},
      {"${Unicode:Cool}", "${Unicode:Cool}"},
      {"${unicode:}", "${unicode:}"},
      {"${unicode:20ac 1F600}", "\xE2\x82\xAC\xF0\x9F\x98\x80"},
  };
  for (const auto& [text, expected] : cases) CHECK(decode_characters(text) == expected);
  for (const char* wrong : {"${unicode:200000}", "${Unicode:DF01}", "${unicode:40 FFFFFFFFFFFF}"}) {
    CHECK_FALSE(decode_characters(wrong).has_value());
  }
}

// RFC 5229 3
TEST_CASE("references to variables are told from other texts") {
  const auto name = [](std::string_view text) {
    const auto found = reference_at(text, 0);
    return found ? std::string(found->name_space) + "|" + std::string(found->name) : std::string("-");
  };
  CHECK(name("${a}") == "|a");
  CHECK(name("${12}") == "|12");
  CHECK(name("${global.x}") == "global|x");
  CHECK(name("${a.1.b}") == "a.1|b");
  for (const char* text : {"${}", "${doh!}", "${fo\\o}", "${1a}", "${a", "${1.a}", "${.a}", "${a.}", "$a"}) {
    CHECK(name(text) == "-");
  }
}

TEST_CASE("the faults of scripts are told with their place") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"keep", "line 1, column 5: ';' or a block is missing before this"},
      {"\n  kepp;", "line 2, column 3: there is no command \"kepp\""},
      {"keep \"x\";", "line 1, column 1: 'keep' takes 0 arguments, not 1"},
      {"if true { keep;", "line 1, column 9: this block is not closed"},
      {"keep; }", "line 1, column 7: a command is missing here"},
      {"redirect \"a@b.example;", "line 1, column 10: this string is not closed"},
      {"/* x", "line 1, column 1: this comment is not closed"},
      {"redirect text:\nx\n", "line 1, column 10: this text is not ended by a line with a dot alone"},
      {"redirect text: x\n", "line 1, column 16: text: is followed by a line end"},
      {"keep\r;", "line 1, column 5: a CR without its LF"},
      {std::string("keep;\0", 6), "line 1, column 6: this character can't stand here"},
      {"# \xC3\xA9\n# \xFF", "line 2, column 1: this line is not UTF-8"},
      {"\"\xC3\xA9\" $", "line 1, column 1: a command is missing here"},
      {"if size :over 99999999999G { keep; }", "line 1, column 15: this number is too large"},
      {"if size :over 10000G { keep; }", "line 1, column 15: this number is too large"},
      {"if size :over 10X { keep; }", "line 1, column 15: a number ends with K, M, G or a digit"},
      {"keep :;", "line 1, column 7: a colon is followed by the name of a tagged argument"},
      {"if header [\"a\" \"b\"] \"c\" {}", "line 1, column 16: ',' or ']' is missing in this list of strings"},
      {"if header [] \"c\" {}", "line 1, column 12: a string is missing in this list"},
      {"if anyof (true; false) {}", "line 1, column 15: ',' or ')' is missing in this list of tests"},
      {"if anyof true {}", "line 1, column 4: 'anyof' takes a list of tests"},
      {"if not (true, false) {}", "line 1, column 4: 'not' takes one test"},
      {"if anyof () {}", "line 1, column 11: the name of a test is missing here"},
      {"if keep {}", "line 1, column 4: there is no test \"keep\""},
      {"true;", "line 1, column 1: there is no command \"true\""},
      {"if {}", "line 1, column 1: 'if' takes one test"},
      {"if true;", "line 1, column 1: 'if' needs a block"},
      {"keep {}", "line 1, column 1: 'keep' takes no block"},
      {"keep true;", "line 1, column 6: 'keep' takes no test"},
      {"else {}", "line 1, column 1: 'else' must follow 'if' or 'elsif'"},
      {"if true {} else {} elsif true {}", "line 1, column 20: 'elsif' must follow 'if' or 'elsif'"},
      {"keep; require \"fileinto\";", "line 1, column 7: 'require' must come before all other commands"},
      {"if true { require \"fileinto\"; }", "line 1, column 11: 'require' must come before all other commands"},
      {"require \"foo\";", "line 1, column 9: there is no capability \"foo\" here"},
      {"fileinto \"x\";", "line 1, column 1: 'fileinto' needs require \"fileinto\""},
      {"redirect :copy \"a@b.example\";", "line 1, column 10: ':copy' needs require \"copy\""},
      {"redirect :flags \"x\" \"a@b.example\";", "line 1, column 10: 'redirect' takes no ':flags'"},
      {"redirect 3;", "line 1, column 10: 'redirect' takes a string here"},
      {"redirect [\"a@b.example\"];", "line 1, column 10: 'redirect' takes a string here"},
      {"redirect \"nobody\";", "line 1, column 10: \"nobody\" is no address"},
      {"redirect \"a@b.example, c@d.example\";", "line 1, column 10: \"a@b.example, c@d.example\" is no address"},
      {"if size 3 {}", "line 1, column 4: 'size' needs ':over' or ':under'"},
      {"if size :over :under 3 {}", "line 1, column 15: ':under' can't stand beside another of its kind"},
      {"if header :is :is \"a\" \"b\" {}", "line 1, column 15: ':is' is here twice"},
      {"if header :is :contains \"a\" \"b\" {}",
       "line 1, column 15: ':contains' can't stand beside another of its kind"},
      {"if header \"a\" :is \"b\" {}", "line 1, column 15: a tagged argument comes before all that have no tag"},
      {"if header :comparator {}", "line 1, column 11: ':comparator' lacks its value"},
      {"if header :comparator \"i;x\" \"a\" \"b\" {}", "line 1, column 23: there is no comparator \"i;x\" here"},
      {"if header :comparator \"i;ascii-numeric\" \"a\" \"b\" {}",
       "line 1, column 23: the comparator \"i;ascii-numeric\" needs require \"comparator-i;ascii-numeric\""},
      {"require \"comparator-i;ascii-numeric\";\nif header :contains :comparator \"i;ascii-numeric\" \"a\" \"b\" {}",
       "line 2, column 33: the comparator \"i;ascii-numeric\" can't do :contains or :matches"},
      {"require \"relational\"; if header :value \"xx\" \"a\" \"b\" {}",
       "line 1, column 40: the relation must be gt, ge, lt, le, eq or ne"},
      {"if address \"subject\" \"b\" {}", "line 1, column 12: \"subject\" is no header field that holds addresses"},
      {"require \"envelope\"; if envelope \"x\" \"b\" {}",
       "line 1, column 33: \"x\" is no part of the envelope; there are from and to"},
      {"require \"index\"; if header :last \"a\" \"b\" {}", "line 1, column 28: ':last' needs ':index'"},
      {"require \"index\"; if header :index 0 \"a\" \"b\" {}", "line 1, column 35: ':index' counts from 1"},
      {"require \"variables\"; set \"a.b\" \"x\";",
       "line 1, column 26: \"a.b\" is no name of a variable that can be set"},
      {"require \"variables\"; set \"1\" \"x\";", "line 1, column 26: \"1\" is no name of a variable that can be set"},
      {"require \"variables\"; set \"${a}\" \"x\";",
       "line 1, column 26: \"${a}\" is no name of a variable that can be set"},
      {"require \"variables\"; set \"a\" \"${foo.bar}\";", "line 1, column 30: there are no variables of \"foo\""},
      {"require \"variables\"; set \"a\" \"${global.bar}\";",
       "line 1, column 30: the namespace 'global' needs require \"include\""},
      {"require \"variables\"; set \"a\" \"${33}\";", "line 1, column 30: there is no match variable above ${32}"},
      {"require \"variables\"; set :lower :upper \"a\" \"b\";",
       "line 1, column 33: ':upper' can't stand beside another of its kind"},
      {"require \"variables\"; set :foo \"a\" \"b\";", "line 1, column 26: 'set' takes no ':foo'"},
      {"require \"imap4flags\"; setflag \"a\" \"b\";",
       "line 1, column 31: naming a variable needs require \"variables\""},
      {"require \"encoded-character\"; redirect \"${unicode:D800}\";",
       "line 1, column 39: an encoded character is none of Unicode"},
      {"require \"vacation-seconds\"; vacation :days 1 :seconds 1 \"x\";",
       "line 1, column 46: ':seconds' can't stand beside another of its kind"},
      {"require \"vacation\"; vacation :from \"nobody\" \"x\";",
       "line 1, column 36: \"nobody\" is no address to send from"},
      {"require \"editheader\"; addheader \"a b\" \"x\";", "line 1, column 33: \"a b\" is no name of a header field"},
      {"require \"include\"; global \"a\";", "line 1, column 20: 'global' needs require \"variables\""},
      {"require \"include\"; include \"\";", "line 1, column 28: \"\" is no name of a script"},
      {"require [\"include\", \"variables\"]; include \"${a}\";", "line 1, column 43: \"${a}\" is no name of a script"},
      {"require \"date\"; if date \"date\" \"century\" \"21\" {}",
       "line 1, column 32: \"century\" is no part of a date"},
      {"require \"date\"; if date :zone \"MET\" \"date\" \"hour\" \"21\" {}",
       "line 1, column 31: \"MET\" is no time zone such as +0100"},
      {"require \"date\"; if date :zone \"+0100\" :originalzone \"date\" \"hour\" \"21\" {}",
       "line 1, column 39: ':originalzone' can't stand beside another of its kind"},
      {"require \"duplicate\"; if duplicate :header \"a\" :uniqueid \"b\" {}",
       "line 1, column 47: ':uniqueid' can't stand beside another of its kind"},
  };
  for (const auto& [script, expected] : cases) {
    INFO(script);
    CHECK(fault(script) == expected);
  }
}

TEST_CASE("what is right is taken") {
  for (const char* script : {
           "",
           "# nothing\n",
           "KEEP;Stop ;",
           "if not anyof (true, false) { } elsif true { keep; } else { discard; }",
           "require [\"fileinto\", \"vacation-seconds\"]; vacation :days 0 \"x\";",
           "require [\"editheader\", \"index\"]; addheader :last \"X\" \"y\"; deleteheader \"X\"; deleteheader :index "
           "1 :last "
           ":contains \"X\" [\"y\"];",
           "require [\"imap4flags\", \"variables\"]; addflag \"x\"; addflag \"v\" [\"a\", \"b\"]; if hasflag \"a\" {}",
           "require \"special-use\"; if specialuse_exists \"INBOX\" [\"\\\\Junk\"] {} elsif specialuse_exists "
           "\"\\\\All\" {}",
           "if address [\"from\", \"X-Forwarded-To\"] \"x\" { keep; }",
           "require [\"variables\", \"envelope\"]; if envelope \"${x}\" \"y\" { redirect \"${y}\"; }",
       }) {
    INFO(script);
    CHECK(fault(script).empty());
  }
}

// RFC 5228 2.10.7
TEST_CASE("scripts are bounded in size, depth and number") {
  const auto nested = [](std::size_t blocks) { return repeated("if true {", blocks) + repeated("}", blocks); };
  const auto tests = [](std::size_t count) {
    return "if " + repeated("anyof (", count) + "true" + repeated(")", count) + " {}";
  };
  CHECK(fault(nested(15)).empty());
  CHECK(fault(nested(63)).empty());
  CHECK(fault(nested(66)).find("nested too deeply") != std::string::npos);
  CHECK(fault(tests(15)).empty());
  CHECK(fault(tests(63)).empty());
  CHECK(fault(tests(65)).find("nested too deeply") != std::string::npos);
  CHECK(fault("if " + repeated("not ", 100'000) + "true {}").find("nested too deeply") != std::string::npos);
  CHECK(fault(repeated("keep;", 50'000)).empty());
  CHECK(fault(repeated("keep;", 50'001)).find("too many commands") != std::string::npos);
  const auto list = [](std::size_t count) { return "if exists [\"a\"" + repeated(",\"a\"", count - 1) + "] {}"; };
  CHECK(fault(list(50'000)).empty());
  CHECK(fault(list(50'001)).find("too many strings") != std::string::npos);
  ScriptLimits small;
  small.octets = 10;
  CHECK(fault("keep;keep;", small).empty());
  CHECK(fault("keep;keep; ", small) == "line 1, column 1: the script is larger than 10 octets");
}
