#pragma once

#include <optional>

#include "dav/request.h"
#include "dav/response.h"
#include "dav/settings.h"

namespace dav {

/// Whether the request is answered without asking who sends it.
bool is_public_request(const Request& head);

/// The answer to such a request; nothing for all others.
std::optional<Response> public_answer(const Request& request, const Settings& settings);

/// What a Content-Length says; nothing where there is none.
std::optional<std::int64_t> content_length(const Request& head);

/// How much body a request may bring. Throws Error for what no body needs to be read for: a method that isn't known, a
/// tree that its principal may not know of, a Content-Length over the limit.
std::int64_t max_body(const Request& head, const Settings& settings);

}  // namespace dav
