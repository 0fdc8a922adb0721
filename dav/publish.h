#pragma once

#include <optional>
#include <string>

#include "dav/dispatch.h"
#include "dav/property.h"

namespace dav {

// Publishing a calendar as Apple's clients do it: POST of CS:publish-calendar gives it a secret link (links.h), of
// which CS:publish-url then tells its owner; POST of CS:unpublish-calendar revokes it.

/// What such a POST does; nothing where the request is none. Throws Error{bad_request} for XML that can't be read.
std::optional<Action> prepare_publishing(const Request& request, const Environment& environment);

// CS:publish-url, and CS:allowed-sharing-modes (caldav-sharing 5.2.3).
bool read_publish_url(const Context& context, const Resource& resource, std::string& out);
bool read_sharing_modes(const Context& context, const Resource& resource, std::string& out);

/// Where the link's secret is kept: unlike that of other links it can be had again.
inline constexpr std::string_view published_property = "published";

}  // namespace dav
