#pragma once

#include "dav/dispatch.h"
#include "dav/xml.h"

namespace dav {

/// The XML body of a request, within the limits of the settings. Throws Error{bad_request}.
xml::Document parse_body(const Request& request, const Environment& environment);

}  // namespace dav
