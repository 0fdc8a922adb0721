#pragma once

#include "dav/dispatch.h"

namespace dav {

// The first halves of the methods, one file each; dispatch.cpp has the table.

Action prepare_options(const Request& request, const Environment& environment);
Action prepare_get(const Request& request, const Environment& environment);
Action prepare_put(const Request& request, const Environment& environment);
Action prepare_post(const Request& request, const Environment& environment);
Action prepare_delete(const Request& request, const Environment& environment);
Action prepare_propfind(const Request& request, const Environment& environment);
Action prepare_proppatch(const Request& request, const Environment& environment);
Action prepare_mkcol(const Request& request, const Environment& environment);
Action prepare_mkcalendar(const Request& request, const Environment& environment);
Action prepare_copy(const Request& request, const Environment& environment);
Action prepare_move(const Request& request, const Environment& environment);
Action prepare_lock(const Request& request, const Environment& environment);
Action prepare_unlock(const Request& request, const Environment& environment);
Action prepare_acl(const Request& request, const Environment& environment);
Action prepare_report(const Request& request, const Environment& environment);

/// RFC 4918 8.4: "In cases where a request body is present but would be ignored by a server, the server MUST reject the
/// request with 415 (Unsupported Media Type)." Throws that.
void refuse_body(const Request& request);

}  // namespace dav
