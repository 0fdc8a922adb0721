#pragma once

#include <string>

#include "mail/mime/imap_string.h"
#include "mail/mime/structure.h"

namespace mail::mime {

/// BODY is BODYSTRUCTURE without its extension data.
enum class Detail { body, body_structure };

/// The BODY or BODYSTRUCTURE of a message, parentheses and all. RFC 9051 7.5.2
std::string body_structure(const Structure& structure, Detail detail, Client client);

}  // namespace mail::mime
