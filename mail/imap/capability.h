#pragma once

#include <string>

#include "mail/connection.h"

namespace mail::imap {

class Session;

/// What CAPABILITY tells in this state, names separated by spaces. RFC 9051 6.1.1
std::string capabilities(const Session& session, const Peer& peer);

}  // namespace mail::imap
