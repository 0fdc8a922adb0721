#pragma once

#include <string>
#include <string_view>

namespace mail::imap {

/// A name with wildcards: `*` stands for anything, `%` for anything within a level. RFC 9051 6.3.9
class ListPattern {
 public:
  /// `reference` stands before the pattern, unless that begins with the separator. Both are UTF-8, as
  /// mailbox_from_client gives them.
  ListPattern(std::string_view reference, std::string_view pattern);

  /// In time of the product of both lengths. INBOX is met in any case.
  bool matches(std::string_view name) const;

  /// Whether something below that name could match, so that it is worth looking there.
  bool may_match_below(std::string_view name) const;

  const std::string& text() const { return text_; }
  bool has_wildcard() const { return text_.find_first_of("*%") != std::string::npos; }

 private:
  std::string text_;
};

}  // namespace mail::imap
