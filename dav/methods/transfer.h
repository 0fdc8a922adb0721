#pragma once

#include "dav/dispatch.h"

namespace dav {

enum class Transfer { copy, move };

/// COPY and MOVE: what is one for both of them, which is nearly all (RFC 4918 9.8, 9.9).
Action prepare_transfer(const Request& request, Transfer transfer);

}  // namespace dav
