#pragma once

#include "server/http.h"

namespace server {

/// Writes the line `event=request` of server/log.h: a warning where the server is at fault (5xx), else information.
void log_access(const AccessRecord& record);

}  // namespace server
