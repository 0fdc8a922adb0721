#include <algorithm>

#include "mail/mime/header.h"
#include "mail/sieve/fields.h"
#include "mail/sieve/parser.h"
#include "mail/sieve/reference.h"
#include "mail/sieve/rules.h"
#include "mail/sieve/words.h"

namespace mail::sieve {

namespace {

using Kind = RawArgument::Kind;

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

class Checker {
 public:
  Script run(std::vector<RawCall> raw) {
    bool may_require = true;
    commands(raw, script_.commands, may_require);
    script_.variables = is_required("variables");
    return std::move(script_);
  }

 private:
  bool is_required(std::string_view extension) const {
    const auto& all = script_.required;
    // RFC 6131 2: "vacation-seconds" implies "vacation".
    return std::any_of(all.begin(), all.end(), [&](const std::string& one) {
      return one == extension || (extension == "vacation" && one == "vacation-seconds");
    });
  }

  void need(std::string_view extension, const std::string& what, Place place) const {
    if (extension.empty() || is_required(extension)) return;
    throw ScriptError(place, what + " needs require \"" + std::string(extension) + "\"");
  }

  void commands(std::vector<RawCall>& raw, std::vector<Call>& out, bool may_require) {
    out.reserve(raw.size());
    for (RawCall& one : raw) {
      const WordRow* row = find_word(one.name);
      if (row == nullptr || is_test(row->word)) {
        throw ScriptError(one.place, "there is no command " + shown(one.name));
      }
      const bool requiring = row->word == Word::require;
      if (requiring && !may_require) throw ScriptError(one.place, "'require' must come before all other commands");
      may_require = may_require && requiring;
      // RFC 5228 3.1: elsif and else follow an if or elsif.
      const bool follows = row->word == Word::elsif || row->word == Word::else_;
      if (follows && (out.empty() || (out.back().word != Word::if_ && out.back().word != Word::elsif))) {
        throw ScriptError(one.place, quoted(one.name) + " must follow 'if' or 'elsif'");
      }
      out.push_back(call(one, *row));
      if (requiring) require(out.back());
    }
  }

  /// RFC 5228 3.2
  void require(const Call& command) {
    const auto& known = extensions();
    for (const std::string& one : command.arguments[0].texts) {
      if (std::find(known.begin(), known.end(), one) == known.end()) {
        throw ScriptError(command.arguments[0].place, "there is no capability " + shown(one) + " here");
      }
      if (!is_required(one)) script_.required.push_back(one);
    }
  }

  Call call(RawCall& raw, const WordRow& row) {
    need(row.extension, quoted(raw.name), raw.place);
    Call out;
    out.word = row.word;
    out.place = raw.place;
    arguments(raw, row, out);
    tests(raw, row, out);
    if (row.block && !raw.has_block) throw ScriptError(raw.place, quoted(raw.name) + " needs a block");
    if (!row.block && raw.has_block) throw ScriptError(raw.place, quoted(raw.name) + " takes no block");
    check_rules(out, script_.required);
    if (row.block) commands(raw.block, out.block, false);
    return out;
  }

  void tests(RawCall& raw, const WordRow& row, Call& out) {
    const bool list = row.tests == Tests::list;
    if (row.tests == Tests::none && !raw.tests.empty()) {
      throw ScriptError(raw.tests[0].place, quoted(raw.name) + " takes no test");
    }
    if (row.tests != Tests::none && (raw.tests.empty() || raw.in_parentheses != list)) {
      throw ScriptError(raw.place, quoted(raw.name) + (list ? " takes a list of tests" : " takes one test"));
    }
    out.tests.reserve(raw.tests.size());
    for (RawCall& one : raw.tests) {
      const WordRow* test = find_word(one.name);
      if (test == nullptr || !is_test(test->word)) {
        throw ScriptError(one.place, "there is no test " + shown(one.name));
      }
      out.tests.push_back(call(one, *test));
    }
  }

  void arguments(RawCall& raw, const WordRow& row, Call& out) {
    std::size_t at = 0;
    Tags seen = 0;
    while (at < raw.arguments.size() && raw.arguments[at].kind == Kind::tag) at = option(raw, row, at, seen, out);
    for (std::size_t i = at; i < raw.arguments.size(); ++i) {
      // RFC 5228 2.6.2
      if (raw.arguments[i].kind == Kind::tag) {
        throw ScriptError(raw.arguments[i].place, "a tagged argument comes before all that have no tag");
      }
    }
    positional(raw, row, at, out);
  }

  std::size_t option(RawCall& raw, const WordRow& row, std::size_t at, Tags& seen, Call& out) {
    const RawArgument& name = raw.arguments[at];
    const std::string shown = "':" + name.tag + "'";
    const TagRow* tag = find_tag(name.tag);
    if (tag == nullptr || (row.tags & bit(tag->tag)) == 0) {
      throw ScriptError(name.place, quoted(raw.name) + " takes no " + shown);
    }
    if ((row.own & bit(tag->tag)) == 0) need(tag->extension, shown, name.place);
    if ((seen & bit(tag->tag)) != 0) throw ScriptError(name.place, shown + " is here twice");
    for (const Tags set : exclusive_tags()) {
      if ((set & bit(tag->tag)) != 0 && (set & seen) != 0) {
        throw ScriptError(name.place, shown + " can't stand beside another of its kind");
      }
    }
    seen |= bit(tag->tag);
    Option one{tag->tag, {}};
    one.value.place = name.place;
    if (tag->value != '\0') {
      if (++at == raw.arguments.size()) throw ScriptError(name.place, shown + " lacks its value");
      one.value = argument(raw.arguments[at], tag->value, shown);
    }
    out.options.push_back(std::move(one));
    return at + 1;
  }

  void positional(RawCall& raw, const WordRow& row, std::size_t at, Call& out) {
    const std::size_t given = raw.arguments.size() - at;
    const bool optional = row.arguments.find('?') != std::string_view::npos;
    const std::size_t most = row.arguments.size() - (optional ? 1 : 0);
    if (given > most || given + (optional ? 1 : 0) < most) {
      throw ScriptError(raw.place, quoted(raw.name) + " takes " + std::to_string(most) + " argument" +
                                       (most == 1 ? "" : "s") + ", not " + std::to_string(given));
    }
    out.arguments.reserve(given);
    for (std::size_t i = 0; i < row.arguments.size(); ++i) {
      if (row.arguments[i] == '?') {
        if (given < most) ++i;
        continue;
      }
      out.arguments.push_back(argument(raw.arguments[at++], row.arguments[i], quoted(raw.name)));
    }
  }

  Argument argument(RawArgument& raw, char type, const std::string& of) {
    const bool fits = type == 'n'   ? raw.kind == Kind::number
                      : type == 's' ? raw.kind == Kind::string
                                    : raw.kind == Kind::string || raw.kind == Kind::list;
    if (!fits) {
      throw ScriptError(raw.place, of + (type == 'n'   ? " takes a number here"
                                         : type == 's' ? " takes a string here"
                                                       : " takes a string or a list of strings here"));
    }
    Argument out;
    out.place = raw.place;
    out.number = raw.number;
    out.texts = std::move(raw.texts);
    for (std::string& text : out.texts) check_text(text, out);
    return out;
  }

  /// Encoded characters are decoded, then references looked for. RFC 5229 3.1
  void check_text(std::string& text, Argument& argument) const {
    if (text.find("${") == std::string::npos) return;
    if (is_required("encoded-character")) {
      auto decoded = decode_characters(text);
      if (!decoded) throw ScriptError(argument.place, "an encoded character is none of Unicode");
      text = std::move(*decoded);
    }
    if (!is_required("variables")) return;
    for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 1)) {
      const auto found = reference_at(text, at);
      if (!found) continue;
      argument.variable = true;
      check_reference(*found, argument.place);
    }
  }

  void check_reference(const Reference& found, Place place) const {
    if (const auto number = found.number(); number && *number > most_match_variables) {
      throw ScriptError(place, "there is no match variable above ${" + std::to_string(most_match_variables) + "}");
    }
    if (found.name_space.empty()) return;
    // RFC 6609 3.4.2
    if (!mime::same_word(found.name_space, "global") || !is_identifier(found.name)) {
      throw ScriptError(place, "there are no variables of " + shown(found.name_space));
    }
    need("include", "the namespace 'global'", place);
  }

  Script script_;
};

}  // namespace

Script compile(std::string_view text, const ScriptLimits& limits) { return Checker().run(parse(text, limits)); }

}  // namespace mail::sieve
