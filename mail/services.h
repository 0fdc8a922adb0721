#pragma once

#include "mail/connection.h"
#include "mail/settings.h"
#include "storage/accounts.h"
#include "storage/store.h"

namespace mail {

/// What every protocol works with. All of it outlives the protocols.
struct Services {
  storage::Store& store;
  storage::Accounts& accounts;
  Wake wake;
  Settings settings;
};

}  // namespace mail
