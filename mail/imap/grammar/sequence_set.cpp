#include "mail/imap/grammar/sequence_set.h"

#include <algorithm>

namespace mail::imap {

namespace {

/// Sorted ranges as a set has them: those that overlap or touch become one.
std::vector<NumberRange> joined(std::vector<NumberRange> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::size_t kept = 0;
  for (const NumberRange& range : ranges) {
    if (kept > 0 && range.first <= std::uint64_t{ranges[kept - 1].last} + 1) {
      ranges[kept - 1].last = std::max(ranges[kept - 1].last, range.last);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
  return ranges;
}

/// Reads a number, or `*` as 0.
std::uint32_t read_seq_number(Cursor& cursor) { return cursor.skip_if('*') ? 0 : cursor.nz_number(); }

}  // namespace

NumberSet NumberSet::of(std::span<const std::uint32_t> numbers) {
  NumberSet set;
  if (std::is_sorted(numbers.begin(), numbers.end())) {
    for (const std::uint32_t number : numbers) set.add(number);
    return set;
  }
  std::vector<NumberRange> ranges;
  ranges.reserve(numbers.size());
  for (const std::uint32_t number : numbers) ranges.push_back({number, number});
  set.ranges_ = joined(std::move(ranges));
  return set;
}

NumberSet NumberSet::of_ranges(std::vector<NumberRange> ranges) {
  NumberSet set;
  set.ranges_ = joined(std::move(ranges));
  return set;
}

void NumberSet::add(std::uint32_t number) {
  if (ranges_.empty() || number > std::uint64_t{ranges_.back().last} + 1) {
    ranges_.push_back({number, number});
  } else if (number > ranges_.back().last) {
    ranges_.back().last = number;
  } else if (!contains(number)) {
    ranges_.push_back({number, number});
    ranges_ = joined(std::move(ranges_));
  }
}

std::uint64_t NumberSet::size() const {
  std::uint64_t size = 0;
  for (const NumberRange& range : ranges_) size += std::uint64_t{range.last} - range.first + 1;
  return size;
}

bool NumberSet::contains(std::uint32_t number) const {
  const auto range = std::partition_point(ranges_.begin(), ranges_.end(),
                                          [number](const NumberRange& each) { return each.last < number; });
  return range != ranges_.end() && range->first <= number;
}

NumberSet NumberSet::united(const NumberSet& other) const {
  std::vector<NumberRange> ranges = ranges_;
  ranges.insert(ranges.end(), other.ranges_.begin(), other.ranges_.end());
  return of_ranges(std::move(ranges));
}

NumberSet NumberSet::intersected(const NumberSet& other) const {
  NumberSet both;
  auto one = ranges_.begin();
  auto two = other.ranges_.begin();
  while (one != ranges_.end() && two != other.ranges_.end()) {
    const NumberRange range{std::max(one->first, two->first), std::min(one->last, two->last)};
    if (range.first <= range.last) both.ranges_.push_back(range);
    if (one->last < two->last) {
      ++one;
    } else {
      ++two;
    }
  }
  return both;
}

NumberSet NumberSet::without(const NumberSet& other) const {
  NumberSet rest;
  auto gone = other.ranges_.begin();
  for (const NumberRange& range : ranges_) {
    std::uint64_t first = range.first;
    while (gone != other.ranges_.end() && gone->last < first) ++gone;
    for (auto each = gone; each != other.ranges_.end() && each->first <= range.last; ++each) {
      if (each->first > first) rest.ranges_.push_back({static_cast<std::uint32_t>(first), each->first - 1});
      first = std::max(first, std::uint64_t{each->last} + 1);
      gone = each;
    }
    if (first <= range.last) rest.ranges_.push_back({static_cast<std::uint32_t>(first), range.last});
  }
  return rest;
}

std::string NumberSet::text() const {
  std::string text;
  for (const NumberRange& range : ranges_) {
    if (!text.empty()) text += ',';
    text += std::to_string(range.first);
    if (range.last != range.first) text.append(":").append(std::to_string(range.last));
  }
  return text;
}

std::vector<std::uint32_t> select(std::span<const std::uint32_t> numbers, const NumberSet& set) {
  std::vector<std::uint32_t> chosen;
  auto range = set.ranges().begin();
  for (const std::uint32_t number : numbers) {
    while (range != set.ranges().end() && range->last < number) ++range;
    if (range == set.ranges().end()) break;
    if (range->first <= number) chosen.push_back(number);
  }
  return chosen;
}

bool SequenceSet::has_star() const {
  return std::any_of(ranges.begin(), ranges.end(),
                     [](const NumberRange& range) { return range.first == 0 || range.last == 0; });
}

std::uint32_t SequenceSet::greatest() const {
  std::uint32_t greatest = 0;
  for (const NumberRange& range : ranges) greatest = std::max({greatest, range.first, range.last});
  return greatest;
}

NumberSet SequenceSet::resolved(std::uint32_t star) const {
  std::vector<NumberRange> known;
  known.reserve(ranges.size());
  for (const NumberRange& range : ranges) {
    const std::uint32_t first = range.first == 0 ? star : range.first;
    const std::uint32_t last = range.last == 0 ? star : range.last;
    known.push_back({std::min(first, last), std::max(first, last)});
  }
  return NumberSet::of_ranges(std::move(known));
}

SequenceSet read_sequence_set(Cursor& cursor) {
  SequenceSet set;
  do {
    if (cursor.skip_if('$')) {
      set.saved = true;
      continue;
    }
    const std::uint32_t first = read_seq_number(cursor);
    set.ranges.push_back({first, cursor.skip_if(':') ? read_seq_number(cursor) : first});
  } while (cursor.skip_if(','));
  return set;
}

NumberSet read_number_set(Cursor& cursor) {
  const SequenceSet set = read_sequence_set(cursor);
  if (set.saved || set.has_star()) throw SyntaxError("* and $ can't stand in this set");
  return set.resolved(0);
}

PartialRange::Slice PartialRange::of(std::size_t count) const {
  const std::size_t begin = std::min<std::size_t>(first - 1, count);
  const std::size_t end = std::min<std::size_t>(last, count);
  return from_end ? Slice{count - end, count - begin} : Slice{begin, end};
}

PartialRange read_partial_range(Cursor& cursor) {
  const std::size_t begin = cursor.at();
  PartialRange range;
  range.from_end = cursor.skip_if('-');
  range.first = cursor.nz_number();
  cursor.expect(':');
  // "partial-range-last = MINUS nz-number ':' MINUS nz-number": both count from the same end. RFC 9394 4
  if (range.from_end) cursor.expect('-');
  range.last = cursor.nz_number();
  range.text = cursor.since(begin);
  if (range.first > range.last) std::swap(range.first, range.last);
  return range;
}

}  // namespace mail::imap
