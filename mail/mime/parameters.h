#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::mime {

/// A parameter of a structured MIME field, its continuations joined. RFC 2045 5.1, RFC 2231 3
struct Parameter {
  /// As it came, without the asterisks of RFC 2231.
  std::string name;
  /// The octets as they came, if not extended; UTF-8 if extended.
  std::string value;
  /// Whether the value came with a character set, percent-encoded. RFC 2231 4
  bool extended = false;
  std::string language;
};

using Parameters = std::vector<Parameter>;

/// A Content-Type. RFC 2045 5.1
struct MediaType {
  std::string type = "TEXT";
  std::string subtype = "PLAIN";
  Parameters parameters;

  /// Whether it is of that type (and subtype), whatever the case of letters.
  bool is(std::string_view the_type) const;
  bool is(std::string_view the_type, std::string_view the_subtype) const;
  /// Whether it is that of a message: message/rfc822, message/global (RFC 6532 3.7).
  bool is_message() const;
};

/// A Content-Disposition. RFC 2183
struct Disposition {
  std::string type;
  Parameters parameters;
};

/// Reads an unfolded Content-Type; nothing if there is no type and subtype in it.
std::optional<MediaType> parse_media_type(std::string_view value);

/// Reads an unfolded Content-Disposition; nothing if it is empty.
std::optional<Disposition> parse_disposition(std::string_view value);

/// The tags of an unfolded Content-Language. RFC 3282 2
std::vector<std::string> parse_languages(std::string_view value);

/// The value of a parameter: UTF-8 if it is extended, else the octets that came. Of two of one name the extended one.
/// Nothing if there is none.
std::optional<std::string> parameter(const Parameters& parameters, std::string_view name);

/// The value of a parameter as it is shown: as decode_words, which many programs' file names need.
std::optional<std::string> shown_parameter(const Parameters& parameters, std::string_view name);

}  // namespace mail::mime
