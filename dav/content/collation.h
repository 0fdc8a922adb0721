#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dav::content {

/// The collations of text-match. RFC 4790 9.2 and 9.3, RFC 5051
enum class Collation { ascii_casemap, octet, unicode_casemap };

/// By its name, `i;ascii-casemap` and so on; nothing for unknown ones. What `default` stands for is the protocol's to
/// say: i;ascii-casemap in CalDAV (RFC 4791 7.5), i;unicode-casemap in CardDAV (RFC 6352 8.3).
std::optional<Collation> collation_of(std::string_view name, Collation default_collation);

/// The text as the collation compares it.
std::string folded(std::string_view text, Collation collation);

/// Names the edition of Unicode by which texts are folded: by another, a few are folded otherwise.
std::string folding_edition();

/// How a text is to be found in another. RFC 6352 10.5.4; RFC 4791 knows contains alone.
enum class Match { contains, equals, starts_with, ends_with };

/// A text to look for, made ready once and used on many.
class Pattern {
 public:
  Pattern() = default;
  Pattern(std::string_view text, Collation collation, Match match);

  /// Whether it is found in the text by collation and kind of match. An empty text is in every text.
  bool is_in(std::string_view text) const;

  const std::string& wanted() const { return wanted_; }  ///< the text, folded by the collation
  Collation collation() const { return collation_; }
  Match match() const { return match_; }

 private:
  std::string wanted_;  ///< folded
  Collation collation_ = Collation::ascii_casemap;
  Match match_ = Match::contains;
};

}  // namespace dav::content
