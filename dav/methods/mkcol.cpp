#include <memory>
#include <utility>

#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/methods/methods.h"
#include "dav/methods/new_collection.h"

namespace dav {

namespace {

/// RFC 5689 3: a DAV:mkcol-response says which property it failed on.
[[noreturn]] void refuse_properties(const PropertyUpdate& update) {
  int status = 403;
  for (const auto& result : update.results) {
    if (result.error) status = result.status;
  }
  std::string body = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:mkcol-response ";
  body.append(xml::root_namespaces).append(">");
  append_propstats(update.results, body);
  body += "</D:mkcol-response>\n";
  Response response = answer(status, "application/xml; charset=utf-8", std::move(body));
  response.headers.set("Cache-Control", "no-cache");
  response.refusal = "a property can't be set";
  throw Undone{std::move(response)};
}

// RFC 4918 9.3, RFC 5689
Response make(Context& context, const NewCollection& wanted) {
  if (context.target.exists) throw Error{condition::method_not_allowed, "there is something already"};
  if (wanted.refused) refuse_properties(*wanted.refused);
  const PropertyUpdate update = make_collection(context, wanted);
  if (!update.done) refuse_properties(update);
  return answer_made(context.request);
}

}  // namespace

Action prepare_mkcol(const Request& request, const Environment& environment) {
  const auto wanted =
      std::make_shared<const NewCollection>(read_new_collection(request, environment, condition::DAV, "mkcol"));
  return [wanted](Context& context) { return make(context, *wanted); };
}

}  // namespace dav
