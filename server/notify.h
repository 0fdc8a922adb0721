#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace server {

/// Tells the service manager how the server is, as sd_notify(3) does: "READY=1", "STOPPING=1" … Does nothing where
/// NOTIFY_SOCKET isn't set. Where the service manager doesn't listen it waits some seconds, and no longer.
void notify(std::string_view state);

/// Tells it that the server lives ("WATCHDOG=1"), and doesn't wait: the next one will do.
void notify_alive();

/// How often the service manager wants to hear WATCHDOG=1; nothing where it doesn't.
std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace server
