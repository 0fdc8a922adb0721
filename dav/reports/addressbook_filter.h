#pragma once

#include "dav/contacts/filter.h"
#include "dav/xml.h"

namespace dav {

/// Reads a CARDDAV:filter (RFC 6352 10.5). Throws Error{card_valid_filter, card_supported_filter,
/// card_supported_collation}.
contacts::Filter read_addressbook_filter(const xml::Element& filter);

}  // namespace dav
