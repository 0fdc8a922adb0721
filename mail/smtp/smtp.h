#pragma once

#include <memory>

#include "mail/connection.h"
#include "mail/services.h"

namespace mail::smtp {

enum class Role {
  lmtp,        ///< takes mail for accounts here, answering for each recipient. RFC 2033
  submission,  ///< takes mail from accounts here, for anybody. RFC 6409
};

/// The server of either.
std::shared_ptr<Protocol> smtp(const Services& services, Role role);

}  // namespace mail::smtp
