#include "dav/dispatch_answer.h"
#include "dav/methods/methods.h"

namespace dav {

namespace {

// RFC 9110 9.3.7, RFC 4918 10.1
Response options(Context& context) {
  Response response = answer(200);
  response.headers.add("Allow", allowed_methods(context.target));
  response.headers.add("DAV", std::string(dav_header()));
  // Windows and Office take a server without it for one of another protocol.
  response.headers.add("MS-Author-Via", "DAV");
  if (context.target.exists && !row(context.target.kind).collection) response.headers.add("Accept-Ranges", "bytes");
  return response;
}

}  // namespace

Action prepare_options(const Request&, const Environment&) { return options; }

}  // namespace dav
