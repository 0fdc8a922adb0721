#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mail/sieve/script.h"

namespace mail::sieve {

/// Some of the tagged arguments, as bits.
using Tags = std::uint64_t;

constexpr Tags bit(Tag tag) { return Tags{1} << static_cast<unsigned>(tag); }

/// How many tests a command or test takes.
enum class Tests : std::uint8_t { none, one, list };

/// A command or test, and what it takes.
struct WordRow {
  std::string_view name;
  Word word;
  /// The capability that it needs; empty for none.
  std::string_view extension;
  /// Positional arguments: s a string, l a string list, n a number; the one after '?' may be missing.
  std::string_view arguments;
  Tags tags = 0;
  /// Those of `tags` that need no other capability than the word itself, though elsewhere they do.
  Tags own = 0;
  Tests tests = Tests::none;
  bool block = false;
};

/// A tagged argument.
struct TagRow {
  std::string_view name;
  Tag tag;
  std::string_view extension;
  /// What follows it: s, l, n as above, or nothing.
  char value = '\0';
};

const WordRow* find_word(std::string_view name);
const WordRow& row_of(Word word);
const TagRow* find_tag(std::string_view name);
std::string_view name_of(Tag tag);

/// Sets of which at most one may be given.
std::span<const Tags> exclusive_tags();

constexpr bool is_test(Word word) { return word >= Word::address; }

constexpr Tags match_types = bit(Tag::is) | bit(Tag::contains) | bit(Tag::matches) | bit(Tag::count) | bit(Tag::value);
constexpr Tags matching = match_types | bit(Tag::comparator);
constexpr Tags address_parts =
    bit(Tag::localpart) | bit(Tag::domain) | bit(Tag::all) | bit(Tag::user) | bit(Tag::detail);
constexpr Tags indexing = bit(Tag::index) | bit(Tag::last);

}  // namespace mail::sieve
