#pragma once

#include "dav/kind.h"

namespace dav {

/// Whether a collection of one kind can stand in a collection of the other, for MKCOL, MKCALENDAR, COPY and MOVE.
/// Throws Error: calendar_collection_location_ok (RFC 4791 5.3.1), addressbook_collection_location_ok (RFC
/// 6352 6.3.2.1), forbidden.
void check_location(Kind made, Kind holder);

}  // namespace dav
