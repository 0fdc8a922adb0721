#include "dav/content/collation.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "dav/content/text.h"

namespace dav::content {

namespace {

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
}

/// RFC 5051 2: each character to its titlecase, then fully decomposed. Of ASCII that is the capital.
std::string unicode_folded(std::string_view text) {
  if (is_ascii(text)) return upper(text);
  const icu::UnicodeString given =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  icu::UnicodeString titled;
  for (std::int32_t i = 0; i < given.length();) {
    const UChar32 character = given.char32At(i);
    titled.append(u_totitle(character));
    i += U16_LENGTH(character);
  }
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKDInstance(status);
  if (U_FAILURE(status)) return upper(text);
  const icu::UnicodeString decomposed = normalizer->normalize(titled, status);
  std::string result;
  (U_FAILURE(status) ? titled : decomposed).toUTF8String(result);
  return result;
}

}  // namespace

std::string folded(std::string_view text, Collation collation) {
  switch (collation) {
    case Collation::octet:
      return std::string(text);
    case Collation::unicode_casemap:
      return unicode_folded(text);
    case Collation::ascii_casemap:
      break;
  }
  return upper(text);  // RFC 4790 9.2.1
}

std::string folding_edition() {
  UVersionInfo version{};
  u_getUnicodeVersion(version);
  return "Unicode " + std::to_string(version[0]) + '.' + std::to_string(version[1]);
}

std::optional<Collation> collation_of(std::string_view name, Collation default_collation) {
  if (name == "default") return default_collation;
  if (name == "i;ascii-casemap") return Collation::ascii_casemap;
  if (name == "i;octet") return Collation::octet;
  if (name == "i;unicode-casemap") return Collation::unicode_casemap;
  return std::nullopt;
}

Pattern::Pattern(std::string_view text, Collation collation, Match match)
    : wanted_(folded(text, collation)), collation_(collation), match_(match) {}

bool Pattern::is_in(std::string_view text) const {
  const std::string_view given = text;
  const std::string copy = collation_ == Collation::octet ? std::string() : folded(text, collation_);
  const std::string_view where = collation_ == Collation::octet ? given : std::string_view(copy);
  switch (match_) {
    case Match::contains:
      return where.find(wanted_) != std::string_view::npos;
    case Match::equals:
      return where == wanted_;
    case Match::starts_with:
      return where.starts_with(wanted_);
    case Match::ends_with:
      return where.ends_with(wanted_);
  }
  return false;
}

}  // namespace dav::content
