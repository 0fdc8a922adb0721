#include "dav/conditions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/access.h"
#include "dav/conditions_rules.h"
#include "dav/error.h"
#include "dav/form.h"
#include "dav/if_header.h"
#include "dav/properties/values.h"

namespace dav {

namespace {

// calendarserver-bulk-change 6
constexpr std::string_view ctag_state = "http://me.com/_namespace/ctag/";
constexpr Condition ctag_ok{"http://me.com/_namespace/", "ctag-ok", 412, "calendarserver-bulk-change 6.1"};

std::vector<IfList> if_header(const Context& context) {
  const auto value = context.request.headers.joined("If");
  return value ? parse_if(*value) : std::vector<IfList>{};
}

IfState state_of(Context& context, const Target& target) {
  IfState state;
  if (target.member && !target.collection) state.etag = target.member->etag;
  for (auto& lock : locks_covering(context.transaction, target)) state.tokens.push_back(std::move(lock.token));
  // RFC 6578 5: "Servers MUST support use of DAV:sync-token values in If request headers."
  if (target.exists && target.collection) {
    const std::string token = state.tokens.emplace_back(ctag_of(context.transaction, target));
    state.tokens.push_back(std::string(ctag_state).append(token));
    encode_segment(state.tokens.emplace_back(ctag_state), token);
  }
  return state;
}

/// RFC 4918 10.4.4: what is on another server, isn't there, or may not be known of, has no state to match.
IfState state_of_reference(Context& context, const std::string& reference) {
  const auto address = parse_reference(reference, context.request.authority);
  if (!address || !may_know(context.principal, *address)) return {};
  return state_of(context, resolve(context.transaction, *address));
}

void check_if_header(Context& context) {
  const auto lists = if_header(context);
  if (lists.empty()) return;
  const bool holds = evaluate_if(lists, [&](const std::optional<std::string>& resource) {
    return resource ? state_of_reference(context, *resource) : state_of(context, context.target);
  });
  const Condition& failed = names_ctag(context.request) ? ctag_ok : condition::precondition_failed;
  if (!holds) throw Error{failed, "no list of the If header holds"};
}

/// Whether any of the headers is there that evaluate_preconditions looks at.
bool has_preconditions(const Headers& headers) {
  constexpr std::array<std::string_view, 4> names{"If-Match", "If-None-Match", "If-Modified-Since",
                                                  "If-Unmodified-Since"};
  return std::ranges::any_of(names, [&](std::string_view name) { return headers.find(name).has_value(); });
}

void check_headers(Context& context, const Method& method) {
  if (method.name == "OPTIONS") return;  // RFC 9110 13.2.1
  // The tag of what is given out may depend on the book's properties: not to be asked for where nobody compares it.
  if (!has_preconditions(context.request.headers)) return;
  const Target& target = context.target;
  const bool safe = method.name == "GET" || method.name == "HEAD";
  Validators current;
  current.exists = target.exists;
  if (target.member && !target.collection) {
    current.etag = safe ? tag_given(context, *target.member) : target.member->etag;
    current.modified = target.member->modified;
  }
  switch (evaluate_preconditions(context.request.headers, safe, current, context.now)) {
    case Verdict::proceed:
      return;
    case Verdict::not_modified:
      throw NotModified{current.etag};
    case Verdict::failed:
      throw Error{condition::precondition_failed, "it has been changed, or is there already"};
  }
}

/// The tokens that the request submits, for the locks that are its sender's (RFC 4918 6.4).
class Keys {
 public:
  explicit Keys(const Context& context)
      : account_(context.principal.account), tokens_(submitted_tokens(if_header(context))) {}

  bool open(const storage::Lock& lock) const {
    return lock.account == account_ && std::find(tokens_.begin(), tokens_.end(), lock.token) != tokens_.end();
  }

  /// Of several locks on one resource, shared ones, one is enough (RFC 4918 6.2).
  void require(const std::vector<storage::Lock>& locks) const {
    if (locks.empty() || std::any_of(locks.begin(), locks.end(), [&](const auto& lock) { return open(lock); })) return;
    Error error{condition::lock_token_submitted, "it is locked, and the lock's token has not been sent"};
    for (const auto& lock : locks) error.with_href(lock.root);
    throw error;
  }

 private:
  storage::Id account_;
  std::vector<std::string> tokens_;
};

/// Each resource below that is locked must be unlocked by one of its own locks.
void require_below(const Keys& keys, std::vector<storage::Lock> locks) {
  const auto place = [](const storage::Lock& lock) { return std::pair(lock.collection, lock.member); };
  std::stable_sort(locks.begin(), locks.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  for (auto first = locks.begin(); first != locks.end();) {
    const auto next = std::find_if(first, locks.end(), [&](const auto& lock) { return place(lock) != place(*first); });
    keys.require({first, next});
    first = next;
  }
}

void check_own_locks(Context& context, const Method& method) {
  const Target& target = context.target;
  if (method.mode == Mode::reads || method.on_target == Privilege::unlock) return;
  if (!target.exists) return check_parent_locks(context, target);
  switch (method.on_target) {
    case Privilege::unbind:
      check_parent_locks(context, target);
      return check_locks(context, target, true);
    case Privilege::write_content:
    case Privilege::write_properties:
    case Privilege::bind:
      // What LOCK may do beside other locks is a question of its own (RFC 4918 9.10.5).
      if (method.name != "LOCK") check_locks(context, target, false);
      return;
    default:
      return;
  }
}

}  // namespace

bool names_ctag(const Request& request) {
  const auto value = request.headers.joined("If");
  return value && value->find(ctag_state) != std::string::npos;
}

std::string ctag_of(storage::Transaction& transaction, const Target& target) {
  std::string token;
  if (target.exists && target.collection) {
    append_sync_token(token, transaction.epoch(), target.collection->id, target.collection->modseq);
  }
  return token;
}

std::vector<storage::Lock> locks_covering(storage::Transaction& transaction, const Target& target) {
  if (target.exists && target.property_collection() != 0) {
    return transaction.locks_covering(target.property_collection(), target.property_member());
  }
  // RFC 4918 10.4.4: an unmapped URL "does not have the specified state".
  return {};
}

void check_parent_locks(Context& context, const Target& target) {
  if (!target.parent) return;
  Keys(context).require(context.transaction.locks_covering(target.parent->id, 0));
}

void check_locks(Context& context, const Target& target, bool below) {
  if (!target.exists) return check_parent_locks(context, target);
  const Keys keys(context);
  keys.require(locks_covering(context.transaction, target));
  if (below && target.collection) require_below(keys, context.transaction.locks_below(target.collection->id));
}

void check_conditions(Context& context, const Method& method) {
  check_headers(context, method);
  check_if_header(context);
  check_own_locks(context, method);
}

}  // namespace dav
