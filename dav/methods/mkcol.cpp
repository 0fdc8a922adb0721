#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/methods/methods.h"

namespace dav {

namespace {

// RFC 4918 9.3
Response make(Context& context) {
  const Target& target = context.target;
  if (target.exists) throw Error{condition::method_not_allowed, "there is something already"};
  const Kind holder = kind_of(target.parent->kind);
  const auto made = collection_kind(row(holder).subcollection);
  if (!made || row(holder).subcollection == holder) {
    if (holder != Kind::folder)
      throw Error{condition::forbidden, "no collection can be made in this kind of collection"};
  }
  context.transaction.create_collection(target.parent->id, *made, target.name);
  return answer(201);
}

}  // namespace

Action prepare_mkcol(const Request& request, const Environment&) {
  refuse_body(request);
  return make;
}

}  // namespace dav
