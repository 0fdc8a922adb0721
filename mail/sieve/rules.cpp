#include "mail/sieve/rules.h"

#include <algorithm>

#include "mail/mime/charset.h"
#include "mail/mime/header.h"
#include "mail/sieve/fields.h"
#include "mail/sieve/reference.h"
#include "mail/sieve/words.h"

namespace mail::sieve {

namespace {

using Required = std::vector<std::string>;

bool is_required(const Required& required, std::string_view extension) {
  return std::find(required.begin(), required.end(), extension) != required.end();
}

/// RFC 5228 2.7.3
void check_comparator(const Call& call, const Required& required) {
  const Argument* named = call.option(Tag::comparator);
  if (named == nullptr) return;
  const std::string& name = named->text();
  const std::string capability = "comparator-" + name;
  const auto& known = extensions();
  if (std::find(known.begin(), known.end(), capability) == known.end()) {
    throw ScriptError(named->place, "there is no comparator " + shown(name) + " here");
  }
  const bool always = name == "i;octet" || name == "i;ascii-casemap";
  if (!always && !is_required(required, capability)) {
    throw ScriptError(named->place, "the comparator \"" + name + "\" needs require \"" + capability + "\"");
  }
  // RFC 4790 9.1: i;ascii-numeric has no substrings.
  if (name == "i;ascii-numeric" && (call.has(Tag::contains) || call.has(Tag::matches))) {
    throw ScriptError(named->place, "the comparator \"i;ascii-numeric\" can't do :contains or :matches");
  }
}

/// RFC 5231 4
void check_relation(const Call& call) {
  for (const Tag tag : {Tag::count, Tag::value}) {
    const Argument* relation = call.option(tag);
    if (relation != nullptr && !is_relation(relation->text())) {
      throw ScriptError(relation->place, "the relation must be gt, ge, lt, le, eq or ne");
    }
  }
}

/// RFC 5260 6
void check_index(const Call& call) {
  if (call.word == Word::addheader || call.word == Word::duplicate) return;
  const Argument* last = call.option(Tag::last);
  const Argument* index = call.option(Tag::index);
  if (last != nullptr && index == nullptr) throw ScriptError(last->place, "':last' needs ':index'");
  if (index != nullptr && index->number == 0) throw ScriptError(index->place, "':index' counts from 1");
}

/// Calls `wrong` for each constant text of which `right` isn't true.
template <class Right>
void check_texts(const Argument& argument, Right right, const std::string& why) {
  for (const std::string& text : argument.texts) {
    const bool variable = argument.variable && text.find("${") != std::string::npos;
    if (!variable && !right(text)) throw ScriptError(argument.place, shown(text) + " " + why);
  }
}

bool is_envelope_part(std::string_view text) { return mime::same_word(text, "from") || mime::same_word(text, "to"); }

bool is_zone(std::string_view text) {
  int minutes = 0;
  return read_zone(text, minutes);
}

bool is_mailbox_name(std::string_view text) { return !text.empty() && mime::is_utf8(text); }

/// RFC 5229 4, RFC 6609 3.4.2: the name of a variable that can be set.
void check_variable_name(const Argument& argument, const Required& required) {
  for (const std::string& name : argument.texts) {
    const std::size_t dot = name.find('.');
    const std::string space = mime::lower_case(name.substr(0, dot == std::string::npos ? 0 : dot));
    const bool global = dot != std::string::npos && space == "global" && is_required(required, "include");
    if (argument.variable || (dot != std::string::npos && !global) ||
        !is_identifier(std::string_view(name).substr(global ? dot + 1 : 0))) {
      throw ScriptError(argument.place, shown(name) + " is no name of a variable that can be set");
    }
  }
}

/// RFC 5232 3: without variables there is only the internal one.
void check_flags(const Call& call, const Required& required) {
  if (call.arguments.size() < 2) return;
  if (!is_required(required, "variables")) {
    throw ScriptError(call.arguments[0].place, "naming a variable needs require \"variables\"");
  }
  check_variable_name(call.arguments[0], required);
}

/// RFC 5230 4
void check_vacation(const Call& call) {
  if (const Argument* from = call.option(Tag::from)) {
    check_texts(*from, is_mailbox_list, "is no address to send from");
  }
}

/// RFC 6609 3.2
void check_include(const Call& call) {
  const Argument& name = call.arguments[0];
  if (name.variable || !is_script_name(name.text())) {
    throw ScriptError(name.place, shown(name.text()) + " is no name of a script");
  }
}

/// RFC 6609 3.4.1
void check_global(const Call& call, const Required& required) {
  if (!is_required(required, "variables")) throw ScriptError(call.place, "'global' needs require \"variables\"");
  const Argument& names = call.arguments[0];
  for (const std::string& name : names.texts) {
    if (names.variable || !is_identifier(name)) {
      throw ScriptError(names.place, shown(name) + " is no name of a variable");
    }
  }
}

void check_date(const Call& call) {
  const Argument& part = call.arguments[call.word == Word::date ? 1 : 0];
  check_texts(part, is_date_part, "is no part of a date");
  if (const Argument* zone = call.option(Tag::zone)) check_texts(*zone, is_zone, "is no time zone such as +0100");
}

}  // namespace

void check_rules(const Call& call, const Required& required) {
  check_comparator(call, required);
  check_relation(call);
  check_index(call);
  switch (call.word) {
    case Word::redirect:
      check_texts(
          call.arguments[0], [](const std::string& text) { return !single_address(text).host.empty(); },
          "is no address");
      break;
    case Word::fileinto:
      check_texts(call.arguments[0], is_mailbox_name, "is no name of a mailbox");
      break;
    case Word::address:
      check_texts(call.arguments[0], holds_addresses, "is no header field that holds addresses");
      break;
    case Word::envelope:
      check_texts(call.arguments[0], is_envelope_part, "is no part of the envelope; there are from and to");
      break;
    case Word::size:
      if (call.options.empty()) throw ScriptError(call.place, "'size' needs ':over' or ':under'");
      break;
    case Word::set:
      check_variable_name(call.arguments[0], required);
      break;
    case Word::setflag:
    case Word::addflag:
    case Word::removeflag:
    case Word::hasflag:
      check_flags(call, required);
      break;
    case Word::addheader:
    case Word::deleteheader:
      check_texts(call.arguments[0], is_field_name, "is no name of a header field");
      break;
    case Word::vacation:
      check_vacation(call);
      break;
    case Word::include:
      check_include(call);
      break;
    case Word::global:
      check_global(call, required);
      break;
    case Word::date:
    case Word::currentdate:
      check_date(call);
      break;
    default:
      break;
  }
}

}  // namespace mail::sieve
