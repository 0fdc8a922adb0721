#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/mail.h"

namespace storage {

/// A set of bits for the three-octet pieces of a message's texts. Whether all pieces of a text that is looked for are
/// there is known by looking at few of them: if one is missing, the text is not in the message; if none is, it may be.
/// Five bits a piece, of which three are set for each, leave one in eleven wrong ones of the texts of one piece, and
/// few of longer ones.
class SignatureMaker {
 public:
  SignatureMaker();

  /// Adds a text, folded: what is looked for in it is folded the same way. Not for SearchIn::anywhere.
  void add(SearchIn where, std::string_view folded);

  /// What was added; nothing where that is too much. Nothing may be added after it.
  std::optional<std::string> finish();

 private:
  std::vector<std::uint64_t> seen_;  // a table of hashes, 0 where there is none
  std::size_t count_ = 0;
  bool full_ = false;
};

/// A text that is looked for in many messages.
class SignatureQuery {
 public:
  SignatureQuery(SearchIn where, std::string_view folded);

  /// It is too short to have a piece.
  bool empty() const { return alternatives_.empty(); }

  /// Whether a message of this signature may have the text.
  bool matches(std::string_view signature) const;

 private:
  std::vector<std::vector<std::uint64_t>> alternatives_;  // the hashes of its pieces, in each place that it may stand
};

}  // namespace storage
