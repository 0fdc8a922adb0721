#include "storage/signature.h"

#include <algorithm>

namespace storage {

namespace {

constexpr std::size_t piece_octets = 3;
constexpr std::size_t first_table = 1 << 10;
// Of which 40 000 octets are made.
constexpr std::size_t most_pieces = 1 << 16;
constexpr std::size_t bits_per_piece = 5;

// Of a long text, the first pieces tell enough.
constexpr std::size_t most_looked_for = 64;

/// Never 0. The finalizer of MurmurHash3, which is a permutation.
std::uint64_t hash_of(SearchIn where, std::string_view text, std::size_t at) {
  std::uint64_t hash = static_cast<std::uint64_t>(where) + 1;
  for (std::size_t i = 0; i < piece_octets; ++i) hash = hash << 8 | static_cast<unsigned char>(text[at + i]);
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53ULL;
  return hash ^ hash >> 33;
}

/// Calls `each` with the places of the three bits of a piece, in a signature of so many bits.
template <class Each>
void for_each_bit(std::uint64_t hash, std::size_t bits, const Each& each) {
  const auto low = static_cast<std::uint32_t>(hash);
  const std::uint32_t high = static_cast<std::uint32_t>(hash >> 32) | 1U;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const std::uint32_t mixed = low + i * high;
    each(static_cast<std::size_t>(std::uint64_t{mixed} * bits >> 32));
  }
}

bool holds(std::string_view signature, std::uint64_t hash) {
  bool all = true;
  for_each_bit(hash, signature.size() * 8, [&](std::size_t bit) {
    all = all && (static_cast<unsigned char>(signature[bit / 8]) >> bit % 8 & 1) != 0;
  });
  return all;
}

/// False where it was there already.
bool insert(std::vector<std::uint64_t>& table, std::uint64_t hash) {
  std::size_t at = hash & (table.size() - 1);
  while (table[at] != 0 && table[at] != hash) at = (at + 1) & (table.size() - 1);
  if (table[at] == hash) return false;
  table[at] = hash;
  return true;
}

}  // namespace

SignatureMaker::SignatureMaker() : seen_(first_table) {}

void SignatureMaker::add(SearchIn where, std::string_view folded) {
  for (std::size_t at = 0; at + piece_octets <= folded.size() && !full_; ++at) {
    if (!insert(seen_, hash_of(where, folded, at))) continue;
    full_ = ++count_ > most_pieces;
    if (count_ * 2 <= seen_.size()) continue;
    std::vector<std::uint64_t> larger(seen_.size() * 2);
    for (const std::uint64_t hash : seen_) {
      if (hash != 0) insert(larger, hash);
    }
    seen_ = std::move(larger);
  }
}

std::optional<std::string> SignatureMaker::finish() {
  if (full_) return std::nullopt;
  std::string signature((count_ * bits_per_piece + 7) / 8, '\0');
  for (const std::uint64_t hash : seen_) {
    if (hash == 0) continue;
    for_each_bit(hash, signature.size() * 8, [&](std::size_t bit) {
      signature[bit / 8] = static_cast<char>(static_cast<unsigned char>(signature[bit / 8]) | 1U << bit % 8);
    });
  }
  return signature;
}

SignatureQuery::SignatureQuery(SearchIn where, std::string_view folded) {
  if (folded.size() < piece_octets) return;
  const auto add = [&](SearchIn place) {
    std::vector<std::uint64_t>& hashes = alternatives_.emplace_back();
    const std::size_t pieces = std::min(folded.size() - piece_octets + 1, most_looked_for);
    for (std::size_t at = 0; at < pieces; ++at) hashes.push_back(hash_of(place, folded, at));
  };
  if (where != SearchIn::anywhere) {
    add(where);
    return;
  }
  for (const auto place :
       {SearchIn::subject, SearchIn::from, SearchIn::to, SearchIn::headers, SearchIn::body, SearchIn::attachments}) {
    add(place);
  }
}

bool SignatureQuery::matches(std::string_view signature) const {
  if (signature.empty()) return false;
  return std::any_of(alternatives_.begin(), alternatives_.end(), [&](const auto& hashes) {
    return std::all_of(hashes.begin(), hashes.end(), [&](std::uint64_t hash) { return holds(signature, hash); });
  });
}

}  // namespace storage
