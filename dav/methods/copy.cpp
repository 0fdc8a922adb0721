#include "dav/methods/methods.h"
#include "dav/methods/transfer.h"

namespace dav {

// RFC 4918 9.8
Action prepare_copy(const Request& request, const Environment&) { return prepare_transfer(request, Transfer::copy); }

}  // namespace dav
