#pragma once

#include "dav/dispatch.h"
#include "dav/methods/incoming.h"

namespace dav {

/// A Content-Disposition (RFC 6266) with that name: shown where it is, or to be saved.
std::string content_disposition(std::string_view name, bool inline_);

/// Appends the names of header fields to Vary.
void add_vary(Headers& headers, std::string_view names);

/// Puts an object's bytes, in the form that the request asks for (form.h), and what describes them into an answer:
/// Content-Type, Content-Disposition, the validators, and what keeps a browser from running what somebody has uploaded.
void set_representation(Context& context, const storage::Member& member, Response& response);

/// The answer to a change of an object: 201 or 204 with its ETag; where the request asks for it by Prefer, with the
/// object itself (RFC 8144 3.1). `href` is where it is, when that isn't the request's own path.
Response answer_change(Context& context, const storage::Member& member, bool created, std::string_view href = {});

/// The same for what has been put: no tag for what isn't octet by octet what was sent, unless that is in the answer, so
/// that the client reads it again (RFC 4791 5.3.4, RFC 6352 6.3.2.3).
Response answer_put(Context& context, const Kept& kept, bool created, std::string_view href = {});

}  // namespace dav
