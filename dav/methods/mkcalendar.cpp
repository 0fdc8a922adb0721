#include <memory>
#include <utility>

#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/methods/methods.h"
#include "dav/methods/new_collection.h"
#include "dav/multistatus.h"

namespace dav {

namespace {

/// RFC 4791 5.3.1.1: a 207 says which property it failed on.
[[noreturn]] void refuse_properties(Context& context, const PropertyUpdate& update) {
  Multistatus multistatus(context.environment.store.spool_directory());
  multistatus.begin_response(context.target.href);
  append_propstats(update.results, multistatus.out());
  multistatus.end_response();
  Response response = multistatus.finish();
  response.headers.set("Cache-Control", "no-cache");
  response.refusal = "a property can't be set";
  throw Undone{std::move(response)};
}

// RFC 4791 5.3.1
Response make(Context& context, const NewCollection& wanted) {
  if (context.target.exists) throw Error{condition::resource_must_be_null, "there is something already"};
  const PropertyUpdate update = make_collection(context, wanted);
  if (!update.done) refuse_properties(context, update);
  return answer_made(context.request);
}

}  // namespace

Action prepare_mkcalendar(const Request& request, const Environment& environment) {
  auto wanted = read_new_collection(request, environment, condition::CALDAV, "mkcalendar");
  if (wanted.refused) {
    for (const auto& result : wanted.refused->results) {
      if (result.error) throw Error(*result.error);
    }
  }
  if (wanted.kind.value_or(Kind::calendar) != Kind::calendar) {
    throw Error{condition::valid_resourcetype, "MKCALENDAR makes calendars"};
  }
  wanted.kind = Kind::calendar;
  return [made = std::make_shared<const NewCollection>(std::move(wanted))](Context& context) {
    return make(context, *made);
  };
}

}  // namespace dav
