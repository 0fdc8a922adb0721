#pragma once

#include <string>
#include <vector>

#include "dav/dispatch.h"

namespace dav {

/// The one gate. Throws Error: not_found where the principal may not know of the target (another account's tree),
/// need_privileges where it may see but not do (a read-only credential).
void permit(storage::Transaction& transaction, const storage::Principal& principal, const Target& target, Privilege privilege);

/// What the principal may do there, for DAV:current-user-privilege-set.
std::vector<Privilege> privileges(storage::Transaction& transaction, const storage::Principal& principal, const Target& target);

}  // namespace dav
