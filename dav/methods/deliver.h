#pragma once

#include <span>
#include <string>

#include "dav/dispatch.h"

namespace dav {

/// Puts objects into a calendar or address book, as PUTs of the principal would, in one step: where the UID of one is
/// there already, in its place, otherwise under the name wanted or a similar one. A MANAGED-ID (RFC 8607) that is none
/// of the account's is taken away: the object comes from another server, where its attachment still is. Sets the
/// outcome of each; throws storage::Failure.
void deliver(const Environment& environment, const storage::Principal& principal, const Address& into,
             std::span<Delivery> items);

}  // namespace dav
