#pragma once

#include <memory>

#include "mail/connection.h"
#include "mail/services.h"

namespace mail::sieve {

/// RFC 5804
std::shared_ptr<Protocol> managesieve(const Services& services);

}  // namespace mail::sieve
