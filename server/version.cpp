#include "server/version.h"

namespace server {

std::string_view version() { return "0.1.0"; }

}  // namespace server
