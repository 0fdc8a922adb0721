#pragma once

#include <string>
#include <vector>

/// What clients in use write against the letter, and how it is understood. docs/tolerances.md says more of each, by its
/// name.
struct Tolerance {
  const char* name;
  std::string text;  ///< a whole object
  /// Its first two occurrences from 2026 on, "20260105T090000Z/20260105T100000Z …"; floating ones in UTC.
  std::string occurrences;
};

const std::vector<Tolerance>& tolerances();
