#pragma once

#include <string_view>

#include "dav/request.h"
#include "dav/response.h"

namespace dav::calendar {
class ZoneCatalog;
}

namespace dav::tzdist {

/// The context path of the time zone data distribution service (RFC 7808 4.2.1); /.well-known/timezone leads here.
inline constexpr std::string_view context_path = "/timezones";

/// Whether a path is the service's. It asks for no login: what it tells is in every system.
bool is_ours(std::string_view path);

/// Answers the actions of RFC 7808 5: capabilities, list, get, expand, find, leapseconds. Pure but for the catalog's
/// reading of files.
Response answer(const Request& request, const calendar::ZoneCatalog& catalog);

}  // namespace dav::tzdist
