#pragma once

#include <memory>

#include "mail/connection.h"
#include "mail/services.h"

namespace mail::imap {

/// IMAP4rev2 and IMAP4rev1. RFC 9051, RFC 3501
std::shared_ptr<Protocol> imap(const Services& services);

}  // namespace mail::imap
