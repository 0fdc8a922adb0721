#include "mail/mime/parameters.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>

#include "mail/mime/charset.h"
#include "mail/mime/encoded_word.h"
#include "mail/mime/header.h"
#include "mail/mime/lexer.h"
#include "mail/mime/transfer.h"

namespace mail::mime {

namespace {

/// More parameters than anybody needs: those after them are dropped.
constexpr std::size_t most_parameters = 500;

/// A parameter as it stands: `name*12*=value` has the number 12 and is encoded.
struct Segment {
  std::string name;
  std::uint32_t number = 0;
  bool numbered = false;
  bool encoded = false;
  std::string value;
};

/// Takes the asterisks of RFC 2231 from the name.
Segment named(std::string_view name) {
  Segment segment;
  if (name.ends_with('*')) {
    segment.encoded = true;
    name.remove_suffix(1);
  }
  const auto star = name.find('*');
  if (star != std::string_view::npos) {
    const std::string_view digits = name.substr(star + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), segment.number);
    segment.numbered = error == std::errc() && end == digits.data() + digits.size();
    if (segment.numbered) name = name.substr(0, star);
  }
  segment.name = std::string(name);
  return segment;
}

/// An unquoted value. Many programs don't quote what has spaces in it; only what names a file may have them.
std::string_view unquoted(Lexer& lexer, std::string_view name) {
  const bool is_file = same_word(name, "name") || same_word(name, "filename");
  return trimmed(lexer.until(is_file ? ";" : "; \t("));
}

std::vector<Segment> read_segments(Lexer& lexer) {
  std::vector<Segment> segments;
  while (!lexer.at_end() && segments.size() < most_parameters) {
    lexer.skip_cfws();
    if (lexer.skip_if(';')) continue;
    const std::string_view name = trimmed(lexer.until("=; \t"));
    lexer.skip_cfws();
    if (!lexer.skip_if('=')) {
      // Not a parameter: on to the next semicolon, unless a word follows that may be one.
      if (name.empty()) lexer.until(";");
      continue;
    }
    lexer.skip_cfws();
    Segment segment = named(name);
    auto quoted = lexer.peek() == '"' ? lexer.quoted_string() : std::nullopt;
    if (quoted) {
      segment.value = std::move(*quoted);
    } else {
      // RFC 7103 7.1.6: a quote that is never closed is as if it were not there.
      lexer.skip_if('"');
      segment.value = std::string(unquoted(lexer, segment.name));
    }
    if (!segment.name.empty()) segments.push_back(std::move(segment));
  }
  return segments;
}

/// Joins the segments of one parameter, which are in the order of their numbers. RFC 2231 4.1
Parameter joined(const std::vector<const Segment*>& segments) {
  Parameter result;
  result.name = segments.front()->name;
  result.extended = segments.front()->encoded;
  std::string charset;
  std::string octets;
  std::uint32_t expected = segments.front()->number;
  for (const Segment* segment : segments) {
    // A gap, or a second one of the same number: what follows belongs to nothing.
    if (segment->number != expected++) break;
    std::string_view value = segment->value;
    if (segment == segments.front() && segment->encoded) {
      const auto first = value.find('\'');
      const auto second = first == std::string_view::npos ? first : value.find('\'', first + 1);
      if (second != std::string_view::npos) {
        charset = std::string(value.substr(0, first));
        result.language = std::string(value.substr(first + 1, second - first - 1));
        value.remove_prefix(second + 1);
      }
    }
    octets += segment->encoded ? decode_hex(value, '%') : std::string(value);
  }
  result.value = result.extended ? to_utf8(octets, charset) : octets;
  return result;
}

Parameters read_parameters(Lexer& lexer) {
  const std::vector<Segment> segments = read_segments(lexer);
  // The segments of each parameter, by its name; a parameter stands where its first segment came.
  std::map<std::string, std::vector<const Segment*>> numbered;
  for (const Segment& segment : segments) {
    if (segment.numbered) numbered[lower_case(segment.name)].push_back(&segment);
  }
  for (auto& [name, list] : numbered) {
    std::stable_sort(list.begin(), list.end(),
                     [](const Segment* a, const Segment* b) { return a->number < b->number; });
  }
  Parameters result;
  for (const Segment& segment : segments) {
    if (!segment.numbered) {
      result.push_back(joined({&segment}));
    } else if (auto node = numbered.extract(lower_case(segment.name))) {
      result.push_back(joined(node.mapped()));
    }
  }
  return result;
}

const Parameter* find(const Parameters& parameters, std::string_view name) {
  const Parameter* found = nullptr;
  for (const Parameter& candidate : parameters) {
    if (!same_word(candidate.name, name)) continue;
    if (found == nullptr || (candidate.extended && !found->extended)) found = &candidate;
  }
  return found;
}

}  // namespace

bool MediaType::is(std::string_view the_type) const { return same_word(type, the_type); }

bool MediaType::is(std::string_view the_type, std::string_view the_subtype) const {
  return same_word(type, the_type) && same_word(subtype, the_subtype);
}

bool MediaType::is_message() const { return is("message", "rfc822") || is("message", "global"); }

std::optional<MediaType> parse_media_type(std::string_view value) {
  Lexer lexer(value);
  lexer.skip_cfws();
  MediaType result;
  result.type = std::string(trimmed(lexer.until("/;( \t")));
  lexer.skip_cfws();
  if (result.type.empty() || !lexer.skip_if('/')) return std::nullopt;
  lexer.skip_cfws();
  result.subtype = std::string(trimmed(lexer.until(";( \t,")));
  if (result.subtype.empty()) return std::nullopt;
  result.parameters = read_parameters(lexer);
  return result;
}

std::optional<Disposition> parse_disposition(std::string_view value) {
  Lexer lexer(value);
  lexer.skip_cfws();
  Disposition result;
  result.type = std::string(trimmed(lexer.until(";( \t")));
  // A disposition that is only parameters is an attachment. RFC 2183 2.8
  if (const auto equals = result.type.find('='); equals != std::string::npos) {
    lexer = Lexer(value);
    result.type = "attachment";
  }
  if (result.type.empty()) return std::nullopt;
  result.parameters = read_parameters(lexer);
  return result;
}

std::vector<std::string> parse_languages(std::string_view value) {
  std::vector<std::string> tags;
  Lexer lexer(value);
  while (!lexer.at_end() && tags.size() < most_parameters) {
    lexer.skip_cfws();
    if (lexer.skip_if(',')) continue;
    const std::string_view tag = lexer.until(", \t(");
    if (!tag.empty()) tags.emplace_back(tag);
  }
  return tags;
}

std::optional<std::string> parameter(const Parameters& parameters, std::string_view name) {
  const Parameter* found = find(parameters, name);
  return found == nullptr ? std::nullopt : std::optional(found->value);
}

std::optional<std::string> shown_parameter(const Parameters& parameters, std::string_view name) {
  const Parameter* found = find(parameters, name);
  if (found == nullptr) return std::nullopt;
  return decode_words(found->value);
}

}  // namespace mail::mime
