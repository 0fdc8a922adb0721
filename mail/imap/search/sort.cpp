#include "mail/imap/search/sort.h"

#include <algorithm>

namespace mail::imap {

namespace {

SortRow::Value value_of(const storage::Message& message, const mime::SortKeys& keys, SortBy by) {
  switch (by) {
    case SortBy::arrival:
      return {message.internal_date, {}};
    case SortBy::date:
      return {keys.sent.value_or(message.internal_date), {}};
    case SortBy::size:
      return {message.size, {}};
    case SortBy::cc:
      return {0, mime::collation_key(keys.cc)};
    case SortBy::from:
      return {0, mime::collation_key(keys.from)};
    case SortBy::subject:
      return {0, mime::collation_key(keys.base_subject)};
    case SortBy::to:
      return {0, mime::collation_key(keys.to)};
    case SortBy::display_from:
      return {0, mime::collation_key(keys.display_from)};
    case SortBy::display_to:
      return {0, mime::collation_key(keys.display_to)};
    case SortBy::relevancy:
      break;  // all that is found is found to the letter
  }
  return {};
}

/// Negative if `one` stands before `other`.
int compare(const SortRow& one, const SortRow& other, std::span<const SortCriterion> criteria) {
  for (std::size_t i = 0; i < criteria.size(); ++i) {
    const SortRow::Value& a = one.values[i];
    const SortRow::Value& b = other.values[i];
    int way = a.number < b.number ? -1 : a.number > b.number ? 1 : a.text.compare(b.text);
    if (way == 0) continue;
    // REVERSE "does not affect the implicit 'sequence number' sort criterion". RFC 5256 3
    return criteria[i].reverse ? -way : way;
  }
  return one.number < other.number ? -1 : one.number > other.number ? 1 : 0;
}

}  // namespace

SortRow sort_row(std::uint32_t number, const storage::Message& message, const mime::SortKeys& keys,
                 std::span<const SortCriterion> criteria) {
  SortRow row;
  row.number = number;
  row.values.reserve(criteria.size());
  for (const SortCriterion& criterion : criteria) row.values.push_back(value_of(message, keys, criterion.by));
  return row;
}

std::vector<std::uint32_t> sorted(std::vector<SortRow> rows, std::span<const SortCriterion> criteria) {
  std::sort(rows.begin(), rows.end(),
            [&](const SortRow& one, const SortRow& other) { return compare(one, other, criteria) < 0; });
  std::vector<std::uint32_t> numbers;
  numbers.reserve(rows.size());
  for (const SortRow& row : rows) numbers.push_back(row.number);
  return numbers;
}

}  // namespace mail::imap
