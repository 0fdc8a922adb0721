#pragma once

#include <string>
#include <vector>

#include "mail/imap/grammar/list_options.h"
#include "mail/imap/names.h"

namespace mail::imap {

/// Appends a STATUS response. RFC 9051 7.3.4
void append_status(std::string& out, storage::Transaction& transaction, const Session& session, const Place& place,
                   const std::vector<StatusItem>& items);

}  // namespace mail::imap
