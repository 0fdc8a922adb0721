#pragma once

#include <optional>

#include "dav/request.h"
#include "dav/response.h"
#include "server/http.h"
#include "server/http_forwarded.h"

namespace server {

/// The answer to a request in the clear that the handler must not see: a redirect to https or an ACME challenge.
/// Nothing when the handler is to answer it.
std::optional<dav::Response> plaintext_answer(const dav::Request& request, const Peer& peer, const Origin& origin,
                                              const HttpOptions& options);

}  // namespace server
