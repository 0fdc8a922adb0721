#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mail/sieve/script.h"

namespace mail::sieve {

/// An argument as it is written.
struct RawArgument {
  enum class Kind : std::uint8_t { tag, number, string, list };

  Kind kind = Kind::tag;
  Place place;
  std::string tag;
  std::uint64_t number = 0;
  std::vector<std::string> texts;
};

/// A command or test as it is written, of which nobody has asked yet whether there is such a one. RFC 5228 8.2
struct RawCall {
  std::string name;
  Place place;
  std::vector<RawArgument> arguments;
  std::vector<RawCall> tests;
  bool in_parentheses = false;  ///< the tests are a test-list
  std::vector<RawCall> block;
  bool has_block = false;
};

/// Reads a script by its grammar. Throws ScriptError.
std::vector<RawCall> parse(std::string_view script, const ScriptLimits& limits);

}  // namespace mail::sieve
