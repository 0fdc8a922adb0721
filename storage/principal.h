#pragma once

#include <cstdint>
#include <string>

namespace storage {

/// What a credential may be used for.
struct Scope {
  bool dav = true;
  bool mail = true;
  bool read_only = false;
};

/// Who asks, and with which credential. A fact established by accounts; it never holds a secret.
struct Principal {
  std::int64_t account = 0;
  std::string name;
  std::int64_t credential = 0;  ///< the app password used; 0 for the account's own password
  Scope scope;
};

}  // namespace storage
