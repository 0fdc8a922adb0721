#include "dav/methods/methods.h"
#include "dav/methods/transfer.h"

namespace dav {

// RFC 4918 9.9
Action prepare_move(const Request& request, const Environment&) { return prepare_transfer(request, Transfer::move); }

}  // namespace dav
