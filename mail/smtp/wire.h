#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mail::smtp {

/// A connection to another server that can't be made, or is no more.
class WireBroken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A connection to another server, for a thread that waits for it. Every verb throws WireBroken, also when its time is
/// up or the server here shuts down.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void write(std::string_view bytes) = 0;
  /// Some octets, at least one.
  virtual std::string read() = 0;
  /// With `verified`, the certificate must be one for the host that was connected to.
  enum class Certificate { any, verified };
  virtual void start_tls(Certificate certificate) = 0;
  /// Until when the verbs from now on may wait.
  virtual void deadline(std::chrono::steady_clock::time_point when) = 0;
};

/// Makes connections. Safe for use by many threads.
class Connector {
 public:
  virtual ~Connector() = default;
  virtual std::unique_ptr<Wire> connect(const std::string& host, std::uint16_t port,
                                        std::chrono::steady_clock::time_point deadline) = 0;
  /// Ends what waits now and from now on.
  virtual void interrupt() = 0;
};

}  // namespace mail::smtp
