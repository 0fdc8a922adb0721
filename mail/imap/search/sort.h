#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mail/imap/grammar/search_options.h"
#include "mail/mime/sort_keys.h"
#include "storage/mail.h"

namespace mail::imap {

/// What a message is sorted by: a value for each criterion.
struct SortRow {
  std::uint32_t number = 0;  ///< message number or UID: the last criterion
  struct Value {
    std::int64_t number = 0;
    std::string text;
  };
  std::vector<Value> values;
};

/// RFC 5256 3, RFC 5957 3
SortRow sort_row(std::uint32_t number, const storage::Message& message, const mime::SortKeys& keys,
                 std::span<const SortCriterion> criteria);

/// The numbers in the order that the criteria ask for, those that are equal in ascending order.
std::vector<std::uint32_t> sorted(std::vector<SortRow> rows, std::span<const SortCriterion> criteria);

}  // namespace mail::imap
