#pragma once

#include <functional>
#include <string>

#include "storage/check.h"

namespace storage {

/// Recomputes what is kept of mailboxes and messages: counts, counters, sizes, what refers to nothing, and, where it is
/// told how, what is derived of each message's octets. Calls `tell` for every difference (see Difference).
void check_mail(Transaction& transaction, const DeriveMessage& derive,
                const std::function<void(std::string where, std::string what)>& tell);

}  // namespace storage
