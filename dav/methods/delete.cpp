#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/groups.h"
#include "dav/headers.h"
#include "dav/merged_book.h"
#include "dav/methods/methods.h"

namespace dav {

namespace {

// RFC 4918 9.6; what is locked has been found in step 6, so that it goes whole or not at all.
Response remove(Context& context) {
  const Target& target = context.target;
  if (target.collection) {
    // RFC 4918 9.6.1: no "Depth header with a DELETE on a collection with any value but infinity".
    if (depth(context.request.headers).value_or(Depth::infinity) != Depth::infinity) {
      throw Error{condition::bad_request, "a collection can only be deleted with all that is in it"};
    }
    // What the server makes would only be made again.
    if (target.collection->keeper == storage::Keeper::birthdays) {
      storage::Account account = *target.account;
      account.birthdays = false;
      context.transaction.update_account(account);
    }
    if (is_merged(target)) {
      storage::Account account = *target.account;
      account.merged_book = false;
      context.transaction.update_account(account);
    }
    context.transaction.remove_collection(target.collection->id, context.actor());
  } else if (is_merged(target)) {
    remove_merged(context);
  } else {
    remove_followed(context, *target.parent, *target.member);
  }
  return answer(204);
}

}  // namespace

Action prepare_delete(const Request& request, const Environment&) {
  refuse_body(request);
  return remove;
}

void refuse_body(const Request& request) {
  if (!request.body.empty()) throw Error{condition::unsupported_media_type, "this method takes no body"};
}

}  // namespace dav
