#pragma once

#include <optional>
#include <string>

#include "dav/contacts/card.h"
#include "dav/request.h"
#include "storage/types.h"

namespace dav {

/// The version of vCard that a client is known to want where it doesn't say, by its User-Agent; nothing where it reads
/// both.
std::optional<contacts::Version> version_read_by(const Headers& headers);

/// The version that a request wants of a card: the first that its Accept names, `text/vcard; version=4.0` (RFC 6350
/// 10.1), else that of version_read_by.
std::optional<contacts::Version> version_wanted(const Headers& headers);

/// Whether a member is a card, that of a group included.
bool is_card(const storage::Member& member);

/// The media type of a card: of 4.0, it names the version.
std::string card_media_type(contacts::Version version);

/// The version of a card, by its media type.
contacts::Version stored_version(const storage::Member& member);

}  // namespace dav
