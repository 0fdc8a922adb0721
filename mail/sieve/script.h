#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mail::sieve {

/// A place in a script, both from 1. Columns count characters.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// A fault of a script, found when it is read or when it is run. `what` says where, then why, for who wrote it.
class ScriptError : public std::runtime_error {
 public:
  ScriptError(Place place, const std::string& why)
      : std::runtime_error("line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + ": " +
                           why),
        place_(place) {}
  Place place() const { return place_; }

 private:
  Place place_;
};

/// How large and how deep a script may be. RFC 5228 2.10.7 wants fifteen levels of blocks and of tests.
struct ScriptLimits {
  std::size_t octets = 1024 * 1024;
  std::size_t depth = 64;        ///< blocks and tests in one another
  std::size_t calls = 50'000;    ///< commands and tests
  std::size_t strings = 50'000;  ///< of all lists together
};

/// The commands and tests that there are. The tests begin with `address`.
enum class Word : std::uint8_t {
  if_,
  elsif,
  else_,
  require,
  stop,
  keep,
  discard,
  redirect,
  fileinto,
  reject,
  ereject,
  vacation,
  set,
  setflag,
  addflag,
  removeflag,
  addheader,
  deleteheader,
  include,
  return_,
  global,
  address,
  allof,
  anyof,
  envelope,
  exists,
  false_,
  header,
  not_,
  size,
  true_,
  body,
  string,
  hasflag,
  date,
  currentdate,
  environment,
  mailboxexists,
  specialuse_exists,
  duplicate,
};

/// The tagged arguments that there are.
enum class Tag : std::uint8_t {
  is,
  contains,
  matches,
  count,
  value,
  comparator,
  localpart,
  domain,
  all,
  user,
  detail,
  index,
  last,
  over,
  under,
  copy,
  create,
  flags,
  specialuse,
  days,
  seconds,
  subject,
  from,
  addresses,
  mime,
  handle,
  raw,
  content,
  text,
  zone,
  originalzone,
  lower,
  upper,
  lowerfirst,
  upperfirst,
  quotewildcard,
  length,
  personal,
  global,
  once,
  optional,
  header,
  uniqueid,
};

/// A string or a list of strings, or a number.
struct Argument {
  Place place;
  std::vector<std::string> texts;
  std::uint64_t number = 0;
  /// A reference to a variable is in one of the texts. RFC 5229 3
  bool variable = false;

  const std::string& text() const { return texts.front(); }
};

/// A tagged argument with its value, if it takes one.
struct Option {
  Tag tag;
  Argument value;
};

/// A command or a test that has been checked: its word and arguments are what they must be.
struct Call {
  Word word = Word::stop;
  Place place;
  std::vector<Option> options;
  std::vector<Argument> arguments;
  std::vector<Call> tests;
  std::vector<Call> block;

  /// The value of a tagged argument; nothing if it isn't there.
  const Argument* option(Tag tag) const {
    for (const Option& one : options) {
      if (one.tag == tag) return &one.value;
    }
    return nullptr;
  }
  bool has(Tag tag) const { return option(tag) != nullptr; }
};

/// A script that can be run.
struct Script {
  std::vector<Call> commands;
  /// What it requires, of the extensions in `extensions`.
  std::vector<std::string> required;
  bool variables = false;
};

/// Reads and checks a script. Throws ScriptError.
Script compile(std::string_view text, const ScriptLimits& limits = {});

/// The capabilities that `require` takes, in the order that they are announced.
const std::vector<std::string_view>& extensions();

}  // namespace mail::sieve
