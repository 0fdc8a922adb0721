#pragma once

#include <functional>
#include <string>

#include "mail/delivery.h"
#include "mail/services.h"

namespace mail::sieve {

/// Told once of a fault that an account's script has run into.
using TellFault = std::function<void(const storage::Account&, const std::string& script, const std::string& fault)>;

/// Runs an account's active script over what is delivered to it. A script that is wrong never loses mail: then the
/// message is kept. `services` outlives the hook.
DeliverHook filter(const Services& services, TellFault tell);

}  // namespace mail::sieve
