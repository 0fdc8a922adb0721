#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mail/sieve/budget.h"
#include "mail/sieve/script.h"

namespace mail::sieve {

enum class Comparator : std::uint8_t { octet, ascii_casemap, ascii_numeric, unicode_casemap };

/// Compares values with keys as a test says: by its match type and comparator. RFC 5228 2.7, RFC 5231 4
class Matching {
 public:
  /// The keys are expanded already.
  Matching(const Call& call, std::vector<std::string> keys, Budget& budget);

  /// Whether it asks how many values there are, not what they are.
  bool counts() const { return type_ == Tag::count; }
  bool count_is(std::size_t count);

  /// Whether the value matches any key. For :matches, `captured` is what ${0}, ${1} … become.
  bool matches(std::string_view value);
  const std::vector<std::string>& captured() const { return captured_; }
  bool captures() const { return type_ == Tag::matches; }

 private:
  using Units = std::vector<std::uint32_t>;

  /// Of a pattern: a unit of the comparator, or a wildcard.
  static constexpr std::uint32_t one_unit = 0xFFFFFFFE;
  static constexpr std::uint32_t any_units = 0xFFFFFFFF;

  std::string key_of(std::string_view text) const;
  int compare(std::string_view value, std::string_view key) const;
  bool is_so(int order) const;
  bool contains(std::string_view value, std::string_view key);
  std::uint32_t unit(std::string_view text, std::size_t& at);
  Units pattern(std::string_view text);
  void read_units(std::string_view value);
  bool glob(const Units& pattern, std::string_view value);

  Tag type_ = Tag::is;
  Comparator comparator_ = Comparator::ascii_casemap;
  std::string relation_;
  std::vector<std::string> keys_;
  std::vector<Units> patterns_;
  std::map<std::string, std::uint32_t> units_;  ///< of i;unicode-casemap, the numbers of characters as compared
  Units value_;                                 ///< the value as units, and where each begins
  std::vector<std::size_t> places_;
  std::vector<std::string> captured_;
  Budget& budget_;
};

}  // namespace mail::sieve
