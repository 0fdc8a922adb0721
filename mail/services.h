#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "mail/connection.h"
#include "mail/settings.h"
#include "storage/accounts.h"
#include "storage/store.h"

namespace mail {

/// Something for the security log, whose form stands in server/log.h.
struct SecurityEvent {
  enum class What { login_failed, login_throttled, login_malformed, scope_denied };
  What what = What::login_failed;
  std::string_view account;      ///< as it was given
  std::string_view client;       ///< an address
  std::string_view reason;       ///< never for the client
  std::string_view protocol;     ///< "imap", "submission", "managesieve"
  std::int64_t retry_after = 0;  ///< seconds; of login_throttled
  std::int64_t credential = 0;   ///< of scope_denied
};

/// What every protocol works with. All of it outlives the protocols.
struct Services {
  storage::Store& store;
  storage::Accounts& accounts;
  Wake wake;
  Settings settings;
  std::function<void(const SecurityEvent&)> security = {};  ///< from any thread
};

}  // namespace mail
