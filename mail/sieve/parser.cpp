#include "mail/sieve/parser.h"

#include <algorithm>

#include "mail/mime/charset.h"
#include "mail/sieve/lexer.h"

namespace mail::sieve {

namespace {

class Parser {
 public:
  Parser(std::string_view script, const ScriptLimits& limits) : lexer_(script), limits_(limits) { step(); }

  /// start = commands
  std::vector<RawCall> start() {
    std::vector<RawCall> out = commands(0);
    if (token_.kind != Token::Kind::end) fail("a command is missing here");
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { throw ScriptError(token_.place, why); }

  void step() { token_ = lexer_.next(); }

  void expect(char mark, const std::string& why) {
    if (!token_.is(mark)) fail(why);
    step();
  }

  /// commands = *command
  std::vector<RawCall> commands(std::size_t depth) {
    std::vector<RawCall> out;
    while (token_.kind == Token::Kind::identifier) out.push_back(command(depth));
    return out;
  }

  /// command = identifier arguments (";" / block)
  RawCall command(std::size_t depth) {
    RawCall out = call(depth);
    if (token_.is(';')) {
      step();
      return out;
    }
    if (!token_.is('{')) fail("';' or a block is missing before this");
    const Place begin = token_.place;
    step();
    out.has_block = true;
    out.block = commands(depth + 1);
    if (token_.kind == Token::Kind::end) throw ScriptError(begin, "this block is not closed");
    expect('}', "a command or '}' is missing here");
    return out;
  }

  /// test = identifier arguments
  RawCall call(std::size_t depth) {
    if (depth > limits_.depth) fail("blocks or tests are nested too deeply");
    if (++calls_ > limits_.calls) fail("the script has too many commands and tests");
    if (token_.kind != Token::Kind::identifier) fail("the name of a test is missing here");
    RawCall out;
    out.name = token_.text;
    out.place = token_.place;
    step();
    while (argument(out)) {
    }
    tests(out, depth);
    return out;
  }

  /// [ test / test-list ]; test-list = "(" test *("," test) ")"
  void tests(RawCall& out, std::size_t depth) {
    if (token_.kind == Token::Kind::identifier) {
      out.tests.push_back(call(depth + 1));
    } else if (token_.is('(')) {
      out.in_parentheses = true;
      do {
        step();
        out.tests.push_back(call(depth + 1));
      } while (token_.is(','));
      expect(')', "',' or ')' is missing in this list of tests");
    }
  }

  /// argument = string-list / number / tag
  bool argument(RawCall& out) {
    RawArgument one;
    one.place = token_.place;
    switch (token_.kind) {
      case Token::Kind::tag:
        one.tag = token_.text;
        break;
      case Token::Kind::number:
        one.kind = RawArgument::Kind::number;
        one.number = token_.number;
        break;
      case Token::Kind::string:
        one.kind = RawArgument::Kind::string;
        add_string(one);
        break;
      default:
        if (!token_.is('[')) return false;
        list(one);
    }
    step();
    out.arguments.push_back(std::move(one));
    return true;
  }

  /// string-list = "[" string *("," string) "]"
  void list(RawArgument& one) {
    one.kind = RawArgument::Kind::list;
    do {
      step();
      if (token_.kind != Token::Kind::string) fail("a string is missing in this list");
      add_string(one);
      step();
    } while (token_.is(','));
    if (!token_.is(']')) fail("',' or ']' is missing in this list of strings");
  }

  void add_string(RawArgument& one) {
    if (++strings_ > limits_.strings) fail("the script has too many strings");
    one.texts.push_back(std::move(token_.text));
  }

  Lexer lexer_;
  ScriptLimits limits_;
  Token token_;
  std::size_t calls_ = 0;
  std::size_t strings_ = 0;
};

/// RFC 5228 2.1: scripts are UTF-8. Says in which line they aren't.
void check_utf8(std::string_view script) {
  if (mime::is_utf8(script)) return;
  Place place;
  while (!script.empty()) {
    const std::size_t length = std::min(script.find('\n'), script.size() - 1) + 1;
    if (!mime::is_utf8(script.substr(0, length))) throw ScriptError(place, "this line is not UTF-8");
    script.remove_prefix(length);
    ++place.line;
  }
}

}  // namespace

std::vector<RawCall> parse(std::string_view script, const ScriptLimits& limits) {
  if (script.size() > limits.octets) {
    throw ScriptError(Place{}, "the script is larger than " + std::to_string(limits.octets) + " octets");
  }
  check_utf8(script);
  return Parser(script, limits).start();
}

}  // namespace mail::sieve
