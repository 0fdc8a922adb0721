#include "storage/search.h"

#include <algorithm>

namespace storage {

namespace {

// Around each text; its name stands before the first.
constexpr char begins = '\x01';
constexpr char ends = '\x02';
constexpr std::size_t gram_octets = 3;
// Of a gram: its collection, a hash, and its last octet or what is none.
constexpr int hash_bits = 20;
constexpr int last_bits = 10;
constexpr std::uint64_t no_octet = 256;
// A digit of a word is so many bits of it, and one that is no digit stands after those of the collection, so that no
// word begins like that of another collection.
constexpr int digit_bits = 5;
constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv";
constexpr char after_collection = 'z';

std::uint64_t mixed(std::uint64_t value) {
  // The finalizer of splitmix64.
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

std::uint64_t hash_of_name(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

/// Grams of one name lie apart from those of others, and those of one collection beside each other.
class Grams {
 public:
  Grams(Id collection, std::string_view name)
      : base_(static_cast<std::uint64_t>(collection) << (hash_bits + last_bits)), name_(hash_of_name(name)) {}

  Gram of_name() const { return made(0, no_octet); }
  Gram at(std::string_view text, std::size_t position) const {
    return made(pair(text, position), static_cast<unsigned char>(text[position + 2]));
  }
  GramRange beginning(std::string_view text, std::size_t position) const { return {made(pair(text, position), 0)}; }

 private:
  static std::uint64_t pair(std::string_view text, std::size_t position) {
    return std::uint64_t{1} << 16 | static_cast<std::uint64_t>(static_cast<unsigned char>(text[position])) << 8 |
           static_cast<unsigned char>(text[position + 1]);
  }

  Gram made(std::uint64_t octets, std::uint64_t last) const {
    const std::uint64_t hash = mixed(name_ ^ (octets * 0x9e3779b97f4a7c15U)) >> (64 - hash_bits);
    return static_cast<Gram>(base_ | hash << last_bits | last);
  }

  std::uint64_t base_;
  std::uint64_t name_;
};

/// Calls `each(name, text)` for every text, with its marks, until it returns true; whether it did.
template <typename Each>
bool find_text(std::string_view texts, Each each) {
  while (!texts.empty()) {
    const std::size_t begin = texts.find(begins);
    const std::size_t end = begin == std::string_view::npos ? begin : texts.find(ends, begin);
    if (end == std::string_view::npos) return false;
    if (each(texts.substr(0, begin), texts.substr(begin, end + 1 - begin))) return true;
    texts.remove_prefix(end + 1);
  }
  return false;
}

bool holds_term(std::string_view texts, const TextTerm& term) {
  const std::string needle = needle_of(term);
  return find_text(texts, [&](std::string_view name, std::string_view text) {
    return name == term.name && text.find(needle) != std::string_view::npos;
  });
}

}  // namespace

void add_text(std::string& texts, std::string_view name, std::string_view text) {
  texts.append(name) += begins;
  const std::size_t start = texts.size();
  texts += text;
  std::replace_if(
      texts.begin() + static_cast<std::ptrdiff_t>(start), texts.end(),
      [](char c) { return c == begins || c == ends || c == '\0'; }, ' ');
  texts += ends;
}

bool holds(std::string_view texts, const TextSearch& search) {
  return std::any_of(search.begin(), search.end(), [&](const std::vector<TextTerm>& terms) {
    return std::all_of(terms.begin(), terms.end(), [&](const TextTerm& term) { return holds_term(texts, term); });
  });
}

std::string needle_of(const TextTerm& term) {
  std::string needle(term.at_start ? 1 : 0, begins);
  needle += term.text;
  if (term.at_end) needle += ends;
  return needle;
}

std::string word_of(Gram gram) {
  std::string word;
  auto rest = static_cast<std::uint64_t>(gram);
  for (int bits = 0; bits < hash_bits + last_bits; bits += digit_bits, rest >>= digit_bits) word += digits[rest & 31];
  word += after_collection;
  for (; rest != 0; rest >>= digit_bits) word += digits[rest & 31];
  std::reverse(word.begin(), word.end());
  return word;
}

std::string words_begin_with(const GramRange& range) {
  std::string word = word_of(range.first);
  word.resize(word.size() - last_bits / digit_bits);
  return word;
}

std::vector<Gram> grams_of(Id collection, std::string_view texts) {
  std::vector<Gram> grams;
  find_text(texts, [&](std::string_view name, std::string_view text) {
    const Grams of(collection, name);
    grams.push_back(of.of_name());
    for (std::size_t i = 0; i + gram_octets <= text.size(); ++i) grams.push_back(of.at(text, i));
    return false;
  });
  std::sort(grams.begin(), grams.end());
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
  return grams;
}

std::vector<Gram> grams_for(Id collection, const std::vector<TextTerm>& terms) {
  // Each one more costs a look at all that have it, and few are left after some.
  constexpr std::size_t enough = 6;
  constexpr std::size_t enough_of_one = 2;
  std::vector<Gram> grams;
  for (const TextTerm& term : terms) {
    const std::string needle = needle_of(term);
    const Grams of(collection, term.name);
    if (needle.empty()) {
      grams.push_back(of.of_name());
      continue;
    }
    if (needle.size() < gram_octets) continue;
    const std::size_t there = needle.size() - gram_octets + 1;
    const std::size_t taken = std::min(there, std::max(enough_of_one, enough / terms.size()));
    for (std::size_t i = 0; i < taken; ++i) {
      grams.push_back(of.at(needle, taken == 1 ? 0 : i * (there - 1) / (taken - 1)));
    }
  }
  return grams;
}

std::optional<GramRange> gram_range_for(Id collection, const std::vector<TextTerm>& terms) {
  for (const TextTerm& term : terms) {
    const std::string needle = needle_of(term);
    // No octet follows the mark of the end.
    if (needle.size() >= 2 && needle[1] != ends) return Grams(collection, term.name).beginning(needle, 0);
  }
  return std::nullopt;
}

}  // namespace storage
