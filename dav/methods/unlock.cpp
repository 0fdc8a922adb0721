#include <algorithm>

#include "dav/conditions.h"
#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/methods/methods.h"

namespace dav {

namespace {

// RFC 4918 10.5
std::string token_of(const Request& request) {
  const auto header = request.headers.find("Lock-Token");
  if (!header || header->size() < 3 || header->front() != '<' || header->back() != '>') {
    throw Error{condition::bad_request, "the Lock-Token header names the lock, in angle brackets"};
  }
  return std::string(header->substr(1, header->size() - 2));
}

// RFC 4918 9.11
Response unlock(Context& context, const std::string& token) {
  const auto locks = locks_covering(context.transaction, context.target);
  const bool here = std::any_of(locks.begin(), locks.end(), [&](const auto& lock) { return lock.token == token; });
  if (!here) throw Error{condition::lock_token_matches_request_uri, "there is no such lock here"};
  context.transaction.remove_lock(token);
  return answer(204);
}

}  // namespace

Action prepare_unlock(const Request& request, const Environment&) {
  refuse_body(request);
  return [token = token_of(request)](Context& context) { return unlock(context, token); };
}

}  // namespace dav
