#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mail/imap/grammar/cursor.h"

namespace mail::imap {

/// Both ends belong to it.
struct NumberRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool operator==(const NumberRange&) const = default;
};

/// A set of UIDs or message numbers: ranges in ascending order that neither overlap nor touch.
class NumberSet {
 public:
  NumberSet() = default;
  /// Of numbers in any order.
  static NumberSet of(std::span<const std::uint32_t> numbers);
  static NumberSet of_ranges(std::vector<NumberRange> ranges);

  /// Adds a number; cheap for one that is greater than all others.
  void add(std::uint32_t number);

  bool empty() const { return ranges_.empty(); }
  /// How many numbers there are.
  std::uint64_t size() const;
  /// Of a set that isn't empty.
  std::uint32_t smallest() const { return ranges_.front().first; }
  std::uint32_t largest() const { return ranges_.back().last; }
  bool contains(std::uint32_t number) const;
  const std::vector<NumberRange>& ranges() const { return ranges_; }

  NumberSet united(const NumberSet& other) const;
  NumberSet intersected(const NumberSet& other) const;
  NumberSet without(const NumberSet& other) const;

  /// Calls each number in ascending order; the set may be as large as 2^32: intersect it first.
  template <typename Each>
  void for_each(Each each) const {
    for (const NumberRange& range : ranges_) {
      for (std::uint64_t number = range.first; number <= range.last; ++number) each(static_cast<std::uint32_t>(number));
    }
  }

  /// `1:3,7`; empty for the empty set.
  std::string text() const;

  bool operator==(const NumberSet&) const = default;

 private:
  std::vector<NumberRange> ranges_;
};

/// Which of some numbers, ascending, are in the set: in time of their number, not of the set's.
std::vector<std::uint32_t> select(std::span<const std::uint32_t> numbers, const NumberSet& set);

/// A set as a command has it, where `*` has no number yet. RFC 9051 9 (sequence-set)
struct SequenceSet {
  /// 0 stands for `*`. In the order of the command.
  std::vector<NumberRange> ranges;
  /// `$` is among them: what the last search has saved. RFC 9051 6.4.4.1
  bool saved = false;

  bool has_star() const;
  /// The greatest number that is said in it; 0 if only `*` and `$` are.
  std::uint32_t greatest() const;
  /// With `*` being that number. `$` adds nothing: unite it with what was saved.
  NumberSet resolved(std::uint32_t star) const;
  bool operator==(const SequenceSet&) const = default;
};

/// Reads a sequence set, `*` and `$` included.
SequenceSet read_sequence_set(Cursor& cursor);
/// Reads a set without `*` and `$`, as QRESYNC and UIDBATCHES have them.
NumberSet read_number_set(Cursor& cursor);

/// `1:500`, or from the end `-1:-100`; the first is not greater than the last in what it counts. RFC 9394 3.1
struct PartialRange {
  bool from_end = false;
  std::uint32_t first = 1;
  std::uint32_t last = 1;
  std::string text;  ///< as the client has said it
  bool operator==(const PartialRange&) const = default;

  /// Which of `count` results, counted from 0 in ascending order: begin and end, the same for none.
  struct Slice {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  Slice of(std::size_t count) const;
};
PartialRange read_partial_range(Cursor& cursor);

}  // namespace mail::imap
