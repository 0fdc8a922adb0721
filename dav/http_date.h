#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/types.h"

namespace dav {

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).
std::string http_date(storage::Timestamp time);

/// Reads the three forms of RFC 9110 5.6.7: IMF-fixdate, RFC 850's with two digits of the year (which `now` decides),
/// and that of C's asctime. Nothing if it is none of them.
std::optional<storage::Timestamp> parse_http_date(std::string_view text, storage::Timestamp now);

}  // namespace dav
