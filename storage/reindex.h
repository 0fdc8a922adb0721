#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "storage/check.h"
#include "storage/store.h"

namespace storage {

struct ReindexReport {
  std::int64_t objects = 0;     ///< looked at
  std::int64_t changed = 0;     ///< whose times are others now
  std::int64_t unreadable = 0;  ///< which stay found at any time
  bool finished = false;
};

/// Says of a store in which no object has a time yet, that its index holds by `release`.
void begin_index(Store& store, std::string_view release);

/// Derives anew when the objects of all calendars are, and writes what differs, in small steps, while the store is in
/// use; then remembers that all of it holds by `release`. Ends early when `go_on` returns false, and starts over the
/// next time. Throws Failure.
ReindexReport reindex(Store& store, const DeriveFacts& derive, std::string_view release,
                      const std::function<bool()>& go_on);

/// The same for the texts of cards, by an edition of the rules that `derive` makes them by.
void begin_text_index(Store& store, std::string_view edition);
ReindexReport reindex_texts(Store& store, const DeriveFacts& derive, std::string_view edition,
                            const std::function<bool()>& go_on);

}  // namespace storage
