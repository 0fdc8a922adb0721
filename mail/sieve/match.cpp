#include "mail/sieve/match.h"

#include <algorithm>

#include "mail/mime/header.h"
#include "mail/mime/sort_keys.h"
#include "mail/sieve/rules.h"

namespace mail::sieve {

namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// The digits that a text begins with, without leading zeros; nothing (npos long) for infinity. RFC 4790 9.1.1
struct Numeric {
  bool finite = false;
  std::string_view digits;
};

Numeric numeric(std::string_view text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0) return {};
  text = text.substr(0, end);
  return {true, text.substr(std::min(text.find_first_not_of('0'), text.size()))};
}

int compare_numbers(std::string_view one, std::string_view other) {
  const Numeric a = numeric(one);
  const Numeric b = numeric(other);
  if (!a.finite || !b.finite) return static_cast<int>(!a.finite) - static_cast<int>(!b.finite);
  if (a.digits.size() != b.digits.size()) return a.digits.size() < b.digits.size() ? -1 : 1;
  return a.digits.compare(b.digits);
}

std::size_t character_length(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t wanted = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::size_t length = 1;
  while (length < wanted && at + length < text.size() &&
         (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U) {
    ++length;
  }
  return length;
}

/// What a wildcard stands for.
std::string capture(std::string_view value, const std::vector<std::size_t>& places, std::size_t begin,
                    std::size_t end) {
  return std::string(value.substr(places[begin], places[end] - places[begin]));
}

Comparator comparator_named(std::string_view name) {
  if (name == "i;octet") return Comparator::octet;
  if (name == "i;ascii-numeric") return Comparator::ascii_numeric;
  if (name == "i;unicode-casemap") return Comparator::unicode_casemap;
  return Comparator::ascii_casemap;
}

}  // namespace

Matching::Matching(const Call& call, std::vector<std::string> keys, Budget& budget) : budget_(budget) {
  for (const Tag tag : {Tag::contains, Tag::matches, Tag::count, Tag::value}) {
    if (const Argument* value = call.option(tag)) {
      type_ = tag;
      if (!value->texts.empty()) relation_ = mime::lower_case(value->text());
    }
  }
  if (const Argument* named = call.option(Tag::comparator)) comparator_ = comparator_named(named->text());
  for (const std::string& key : keys) {
    budget_.spend(key.size());
    if (type_ == Tag::matches) {
      patterns_.push_back(pattern(key));
    } else {
      keys_.push_back(key_of(key));
    }
  }
}

std::string Matching::key_of(std::string_view text) const {
  if (comparator_ == Comparator::unicode_casemap) return mime::collation_key(text);
  std::string out(text);
  if (comparator_ == Comparator::ascii_casemap) std::transform(out.begin(), out.end(), out.begin(), upper);
  return out;
}

int Matching::compare(std::string_view value, std::string_view key) const {
  return comparator_ == Comparator::ascii_numeric ? compare_numbers(value, key) : value.compare(key);
}

/// RFC 5231 4
bool Matching::is_so(int order) const {
  if (relation_ == "gt") return order > 0;
  if (relation_ == "ge") return order >= 0;
  if (relation_ == "lt") return order < 0;
  if (relation_ == "le") return order <= 0;
  return (order == 0) == (relation_ == "eq");
}

bool Matching::count_is(std::size_t count) {
  const std::string value = key_of(std::to_string(count));
  return std::any_of(keys_.begin(), keys_.end(), [&](const std::string& key) { return is_so(compare(value, key)); });
}

bool Matching::matches(std::string_view value) {
  budget_.spend(value.size() + 1);
  if (type_ == Tag::matches) {
    read_units(value);
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const Units& one) { return glob(one, value); });
  }
  const std::string shaped = key_of(value);
  return std::any_of(keys_.begin(), keys_.end(), [&](const std::string& key) {
    if (type_ == Tag::contains) return contains(shaped, key);
    budget_.spend(1);
    const int order = compare(shaped, key);
    return type_ == Tag::value ? is_so(order) : order == 0;
  });
}

/// In time linear in both (the algorithm of Knuth, Morris and Pratt).
bool Matching::contains(std::string_view value, std::string_view key) {
  budget_.spend(value.size() + key.size());
  if (key.empty()) return true;
  if (key.size() > value.size()) return false;
  std::vector<std::size_t> border(key.size(), 0);
  std::size_t length = 0;
  const auto extend = [&](char c) {
    while (length > 0 && (length == key.size() || key[length] != c)) length = border[length - 1];
    if (key[length] == c) ++length;
  };
  for (std::size_t i = 1; i < key.size(); ++i) {
    extend(key[i]);
    border[i] = length;
  }
  length = 0;
  for (const char c : value) {
    extend(c);
    if (length == key.size()) return true;
  }
  return false;
}

/// The next thing that the comparator compares: an octet, or a character. RFC 5228 2.7.1
std::uint32_t Matching::unit(std::string_view text, std::size_t& at) {
  if (comparator_ != Comparator::unicode_casemap) {
    const char c = text[at++];
    return static_cast<unsigned char>(comparator_ == Comparator::ascii_casemap ? upper(c) : c);
  }
  const std::size_t length = character_length(text, at);
  const std::string_view character = text.substr(at, length);
  at += length;
  if (length == 1) return static_cast<unsigned char>(upper(character[0]));
  const auto [found, is_new] = units_.emplace(mime::collation_key(character), 0);
  if (is_new) {
    found->second = found->first.size() == 1 ? static_cast<unsigned char>(found->first[0])
                                             : 256 + static_cast<std::uint32_t>(units_.size());
  }
  return found->second;
}

Matching::Units Matching::pattern(std::string_view text) {
  Units out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '*' || text[at] == '?') {
      out.push_back(text[at++] == '*' ? any_units : one_unit);
      continue;
    }
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    out.push_back(unit(text, at));
  }
  return out;
}

void Matching::read_units(std::string_view value) {
  value_.clear();
  places_.clear();
  for (std::size_t at = 0; at < value.size();) {
    places_.push_back(at);
    value_.push_back(unit(value, at));
  }
  places_.push_back(value.size());
}

/// The pattern is walked along the value; where it doesn't fit, the last '*' takes one more unit. So every '*' takes as
/// little as it can (RFC 5229 3.2), and each step is paid for.
bool Matching::glob(const Units& pattern, std::string_view value) {
  struct Wild {
    std::size_t begin;
    std::size_t end;
  };
  std::vector<Wild> wild;
  std::size_t star = pattern.size();  // the last '*', if any
  std::size_t star_wild = 0;
  std::size_t p = 0;
  std::size_t v = 0;
  while (v < value_.size() || p < pattern.size()) {
    budget_.spend(1);
    if (p < pattern.size() && pattern[p] == any_units) {
      star = p++;
      star_wild = wild.size();
      wild.push_back({v, v});
    } else if (p < pattern.size() && v < value_.size() && (pattern[p] == one_unit || pattern[p] == value_[v])) {
      if (pattern[p++] == one_unit) wild.push_back({v, v + 1});
      ++v;
    } else if (star < pattern.size() && wild[star_wild].end < value_.size()) {
      wild.resize(star_wild + 1);
      v = ++wild.back().end;
      p = star + 1;
    } else {
      return false;
    }
  }
  captured_.assign(1, std::string(value));
  for (const Wild& each : wild) {
    if (captured_.size() > most_match_variables) break;
    captured_.push_back(capture(value, places_, each.begin, each.end));
  }
  return true;
}

}  // namespace mail::sieve
