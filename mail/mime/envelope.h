#pragma once

#include <string>
#include <string_view>

#include "mail/mime/imap_string.h"

namespace mail::mime {

/// The ENVELOPE of a message with that header, parentheses and all. Of an address field that came several times all
/// addresses are in it (RFC 7103 7.5.1), of the others the first. RFC 9051 7.5.2
std::string envelope(std::string_view header, Client client);

}  // namespace mail::mime
