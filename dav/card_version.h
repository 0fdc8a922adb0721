#pragma once

#include <optional>

#include "dav/contacts/card.h"
#include "dav/request.h"

namespace dav {

/// The version of vCard that a client is known to want where it doesn't say, by its User-Agent; nothing where it reads
/// both.
std::optional<contacts::Version> version_read_by(const Headers& headers);

}  // namespace dav
