#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "dav/dispatch.h"

namespace dav {

// Many objects in one POST: the simple bulk import of calendarserver-bulk-change 3.

/// The most objects that one request may bring.
inline constexpr std::size_t most_bulk_objects = 200'000;

/// Whether the head is one of a POST into a calendar or an address book. Pure.
bool may_be_bulk(const Request& head);

/// What such a body holds.
struct Bulk;

/// Reads it; nothing where it is a single object, which RFC 5995 has its own answer for. Throws Error.
std::shared_ptr<const Bulk> read_bulk(const Request& request);

/// Runs an action in a transaction of its own, with all that comes before it. `first` says that nothing of the request
/// has been done yet, so that its conditions count.
using RunBatch = std::function<void(bool first, const std::function<void(Context&)>& act)>;

/// Puts the objects, some hundreds in each transaction, and answers for each: 207. What can't be put keeps no other
/// from being put.
Response put_bulk(const Request& request, const Environment& environment, const Bulk& bulk, const RunBatch& run);

}  // namespace dav
