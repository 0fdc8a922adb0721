#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/config.h"

namespace server {

/// What the DNS says.
struct DnsAnswer {
  enum class Outcome {
    found,
    none,     ///< there is no such name, or no such record of it
    trouble,  ///< no resolver has answered, or it couldn't
  };
  Outcome outcome = Outcome::none;
  /// Each as in a zone file, in lower case but for TXT, which is the sum of its strings: "192.0.2.1", "10
  /// mail.example.org", "0 1 993 mail.example.org"; "." is the root.
  std::vector<std::string> values;
};

/// Asks the system's resolvers, or another.
class Resolver {
 public:
  /// Throws std::runtime_error where the system's can't be made ready, std::invalid_argument where `server` isn't IPv4.
  explicit Resolver(const std::optional<Endpoint>& server);
  ~Resolver();

  /// The records of a type ("A", "AAAA", "MX", "SRV", "TXT", "CNAME") of a name; aliases are followed.
  DnsAnswer ask(const std::string& name, const std::string& type);

  /// All addresses of a name.
  std::vector<std::string> addresses(const std::string& name);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace server
