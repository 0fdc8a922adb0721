#pragma once

#include <string>

namespace dav {

/// A random UUID (RFC 9562 5.4), for lock tokens and the names of what is posted:
/// "f81d4fae-7dec-41d0-a765-00a0c91e6bf6".
std::string random_uuid();

}  // namespace dav
