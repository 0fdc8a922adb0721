#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::sieve {

/// The fields of a message's header, which a script may change. RFC 5293
class HeaderFields {
 public:
  struct Entry {
    std::string name;
    std::string value;  ///< as it stands, with its folds
    std::string whole;
  };

  explicit HeaderFields(std::string_view header);

  const std::vector<Entry>& all() const { return entries_; }
  /// Those of that name, as indices into `all`, in their order.
  std::vector<std::size_t> named(std::string_view name) const;
  /// The value as it is compared: unfolded, decoded, without white space around it. RFC 5228 2.7.2
  static std::string text(const Entry& entry);
  /// That of the first of that name.
  std::optional<std::string> first(std::string_view name) const;

  /// The value is UTF-8 on one line; it is encoded and folded as it must be.
  void add(std::string_view name, std::string_view value, bool last);
  void remove(std::size_t index);

  /// The whole header with its empty line; nothing if it is as it came.
  std::shared_ptr<const std::string> changed();

 private:
  std::vector<Entry> entries_;
  bool changed_ = false;
  std::shared_ptr<const std::string> whole_;
};

/// A text of a header in which what is not ASCII is in encoded words, folded into lines of at most 78 octets where it
/// can be; `used` octets stand on the first one already. RFC 2047 2, RFC 5322 2.1.1
std::string encode_text(std::string_view text, std::size_t used);

/// A text on one line: control characters become spaces, none are around it.
std::string one_line(std::string_view text);

}  // namespace mail::sieve
