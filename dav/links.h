#pragma once

#include <string>
#include <string_view>

#include "dav/dispatch.h"

namespace dav {

/// Whether a path is that of a secret link: /link/SECRET.ics or /link/SECRET.vcf. Whoever has it needs no login.
bool is_link(std::string_view path);

/// The path that such a link has, for a calendar or an address book.
std::string link_path(std::string_view secret, Kind kind);

/// Answers GET, HEAD and OPTIONS: with the feed of the link's collection as strangers may see it, the same 404 for a
/// link that never was and for one that is no more, 405 to other methods.
Response link_answer(const Request& request, const Environment& environment);

}  // namespace dav
