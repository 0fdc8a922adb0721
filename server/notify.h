#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace server {

/// Tells the service manager how the server is, as sd_notify(3) does: "READY=1", "STOPPING=1", "WATCHDOG=1" … Does
/// nothing where NOTIFY_SOCKET isn't set.
void notify(std::string_view state);

/// How often the service manager wants to hear WATCHDOG=1; nothing where it doesn't.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace server
