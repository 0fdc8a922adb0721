#pragma once

#include "dav/calendar/timezone.h"
#include "storage/check.h"

namespace server {

/// What a PUT of these bytes would derive, for storage::check. `zones` outlives it.
storage::DeriveFacts derive_facts(const dav::calendar::TimeZones& zones);

}  // namespace server
