#include "dav/error.h"
#include "dav/methods/methods.h"

namespace dav {

// RFC 3744 8.1: the privilege that it takes, DAV:write-acl, is nobody's yet, so that step 5 refuses before this is
// reached.
Action prepare_acl(const Request&, const Environment&) {
  return [](Context&) -> Response { throw Error{condition::forbidden, "access control lists can't be changed"}; };
}

}  // namespace dav
