#pragma once

#include "server/config.h"
#include "web/site.h"

namespace server {

/// What the configuration says of this server to those who connect; where server.host_name is empty, the machine's
/// name. A listener whose port the system chooses is left out.
web::Site web_site(const Config& config);

}  // namespace server
