#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/config.h"

namespace server {

/// A value as it stands in the file.
using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>, std::vector<CertificateFiles>>;

/// A member of a Config, seen as a key's value.
struct Slot {
  std::function<void(const Value&)> set;  ///< throws std::invalid_argument with the reason
  std::function<std::string()> get;       ///< as TOML
};

/// One key: its table and name, when a change of it counts, and where its value lies.
struct Key {
  std::string_view name;  ///< "store.pool"
  bool reloads;           ///< read again on SIGHUP
  Slot (*slot)(Config&);
};

/// Every key, in the order of conf/pileus.toml.
std::span<const Key> config_keys();

}  // namespace server
