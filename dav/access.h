#pragma once

#include <string>
#include <vector>

#include "dav/dispatch.h"

namespace dav {

/// Whether the principal may know at all of what stands at an address: what belongs to nobody, and its own. What it may
/// not know of is answered like what isn't there. Pure, so that a body that nobody will keep is never read.
bool may_know(const storage::Principal& principal, const Address& address);

/// The one gate. Throws Error: not_found where the principal may not know of the target (another account's tree),
/// need_privileges where it may see but not do (a read-only credential, a calendar that the server itself keeps).
void permit(storage::Transaction& transaction, const storage::Principal& principal, const Target& target,
            Privilege privilege);

/// What the principal may do there, for DAV:current-user-privilege-set. Of a calendar that the server keeps, that is
/// reading; though permit() lets its owner change its own properties and remove it, clients such as Thunderbird take
/// any sort of writing for that of its objects.
std::vector<Privilege> privileges(storage::Transaction& transaction, const storage::Principal& principal,
                                  const Target& target);

/// The name of a privilege as it stands in DAV:privilege: "write-content".
std::string_view name_of(Privilege privilege);

}  // namespace dav
