#pragma once

#include <memory>

#include "dav/bulk.h"

namespace dav {

// Creating, changing and removing many objects by one POST: the "bulk CRUD request" of calendarserver-bulk-change 4.

/// The most objects that one request may name.
inline constexpr std::size_t most_multiput_resources = 5000;

/// The most octets that it may have.
std::int64_t most_multiput_octets(const Settings& settings);

/// What such a body asks for.
struct Multiput;

/// Reads it; nothing where the body is no MM:multiput. Throws Error{bad_request} for one that can't be read,
/// Error{content_too_large} for one of too many resources.
std::shared_ptr<const Multiput> read_multiput(const Request& request, const Environment& environment);

/// Does what it asks for, some of it in each transaction, and answers for each resource in turn: 207. What can't be
/// done for one keeps nothing else from being done; of one resource all is done or nothing.
Response do_multiput(const Request& request, const Environment& environment, const Multiput& multiput,
                     const RunBatch& run);

}  // namespace dav
