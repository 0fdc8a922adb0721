#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mail::sieve {

/// What stands between "${" and "}" in a text. RFC 5229 3
struct Reference {
  std::string_view name_space;  ///< without the dot after it; empty for none
  std::string_view name;
  std::size_t length = 0;  ///< of all, from '$' to '}'

  /// The number of a match variable, at most 1000; nothing for one that has a name.
  std::optional<std::size_t> number() const;
};

/// The reference to a variable that begins there; nothing if none does.
std::optional<Reference> reference_at(std::string_view text, std::size_t at);

/// Whether a text is an identifier, in any case of letters.
bool is_identifier(std::string_view text);

/// A text with its `${hex: …}` and `${unicode: …}` replaced; nothing for a number that is no character. RFC
/// 5228 2.4.2.4
std::optional<std::string> decode_characters(std::string_view text);

}  // namespace mail::sieve
