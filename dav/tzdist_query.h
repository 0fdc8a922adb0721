#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dav/calendar/value.h"

namespace dav::tzdist {

/// A refusal, to be sent as a JSON problem (RFC 7808 4.1.7).
struct Problem {
  int status = 400;
  std::string_view error;  ///< what follows urn:ietf:params:tzdist:error:
  std::string_view title;
};

/// The parameters of a request URI.
class Parameters {
 public:
  explicit Parameters(std::string_view query);

  /// The value; nothing where there is none. Throws the problem where there are several.
  std::optional<std::string> once(std::string_view name, const Problem& problem) const;

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

/// A date-time of RFC 3339 in UTC, `2008-01-01T00:00:00Z`, from the year 1600 on; nothing for all else.
std::optional<calendar::Seconds> parse_instant(std::string_view text);
std::string print_instant(calendar::Seconds instant);
std::string print_date(calendar::Seconds instant);

/// What "find" looks for. RFC 7808 5.5
class Pattern {
 public:
  /// Nothing for one that the RFC doesn't allow.
  static std::optional<Pattern> parse(std::string_view text);

  /// Whether it is the name, or a part of it where the pattern says so. ASCII letters match whatever their case,
  /// underscores match spaces.
  bool matches(std::string_view name) const;

 private:
  std::string text_;
  bool any_before_ = false;
  bool any_after_ = false;
};

}  // namespace dav::tzdist
