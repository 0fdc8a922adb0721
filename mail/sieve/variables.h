#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mail/sieve/budget.h"
#include "mail/sieve/interpreter.h"

namespace mail::sieve {

/// Variables by their names in lower case.
using Values = std::map<std::string, std::string, std::less<>>;

/// The variables that one script sees. RFC 5229, RFC 6609 3.4
class Variables {
 public:
  Variables(bool enabled, Values& global, const RunLimits& limits, Budget& budget)
      : enabled_(enabled), global_(global), limits_(limits), budget_(budget) {}

  bool enabled() const { return enabled_; }

  /// A text with its references replaced.
  std::string expand(const std::string& text) const;
  std::vector<std::string> expand(const Argument& argument) const;

  std::string value(std::string_view name) const;
  /// Cut off where it is too long.
  void set(std::string_view name, std::string value);
  /// From now on the name is that of a global variable. False if the script has set one of its own already.
  bool make_global(std::string_view name);
  /// What ${0}, ${1} … are.
  void set_matched(const std::vector<std::string>& matched);

 private:
  const std::string* find(std::string_view name) const;

  bool enabled_;
  Values& global_;
  const RunLimits& limits_;
  Budget& budget_;
  Values own_;
  std::set<std::string, std::less<>> shared_;
  std::vector<std::string> matched_;
};

/// A text of at most that many octets, no character of it split.
std::string cut(std::string text, std::size_t octets);

}  // namespace mail::sieve
