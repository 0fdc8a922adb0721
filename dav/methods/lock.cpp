#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "dav/conditions.h"
#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/headers.h"
#include "dav/if_header.h"
#include "dav/methods/body.h"
#include "dav/methods/media_types.h"
#include "dav/methods/methods.h"
#include "dav/methods/uuid.h"
#include "dav/multistatus.h"
#include "dav/property.h"
#include "dav/xml.h"

namespace dav {

namespace {

/// What a LOCK asks for.
struct Wish {
  bool exclusive = true;
  bool infinite = true;
  std::string owner;  ///< XML
  std::optional<std::int64_t> seconds;
};

std::string content_of(const xml::Element& element) {
  std::string content;
  for (const xml::Node& node : element.nodes) {
    if (const auto* text = std::get_if<std::string>(&node)) {
      xml::escape(content, *text);
    } else {
      content += xml::serialize(*std::get<std::unique_ptr<xml::Element>>(node));
    }
  }
  return content;
}

// RFC 4918 14.11
void read_body(const xml::Element& root, Wish& wish) {
  using condition::DAV;
  if (!root.is(DAV, "lockinfo")) throw Error{condition::bad_request, "the body is a DAV:lockinfo"};
  const auto* scope = root.child(DAV, "lockscope");
  const auto* type = root.child(DAV, "locktype");
  const bool exclusive = scope && scope->child(DAV, "exclusive");
  if (!scope || (!exclusive && !scope->child(DAV, "shared"))) {
    throw Error{condition::bad_request, "DAV:lockscope is DAV:exclusive or DAV:shared"};
  }
  if (!type || !type->child(DAV, "write")) throw Error{condition::bad_request, "DAV:locktype is DAV:write"};
  wish.exclusive = exclusive;
  if (const auto* owner = root.child(DAV, "owner")) wish.owner = content_of(*owner);
}

storage::Timestamp expiry(const Context& context, const std::optional<std::int64_t>& seconds) {
  const Settings& settings = context.environment.settings;
  return context.now +
         std::clamp<std::int64_t>(seconds.value_or(settings.default_lock_seconds), 1, settings.max_lock_seconds);
}

/// The body that all successful LOCKs answer: DAV:lockdiscovery.
Response answer_lock(Context& context, int status) {
  std::string body = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:prop ";
  body.append(xml::root_namespaces).append("><D:lockdiscovery>");
  const auto* property = find_property(condition::DAV, "lockdiscovery", context.target.kind);
  if (property != nullptr) property->read(context, resource_at(context.target), body);
  body += "</D:lockdiscovery></D:prop>\n";
  return answer(status, "application/xml; charset=utf-8", std::move(body));
}

bool conflicts(const storage::Lock& lock, const Wish& wish) { return lock.exclusive || wish.exclusive; }

/// RFC 4918 9.10.5, for the locks on the resource itself and above it.
void refuse_conflicts(const std::vector<storage::Lock>& locks, const Wish& wish) {
  Error error{condition::no_conflicting_lock, "it is locked already"};
  bool any = false;
  for (const auto& lock : locks) {
    if (!conflicts(lock, wish)) continue;
    error.with_href(lock.root);
    any = true;
  }
  if (any) throw error;
}

/// RFC 4918 9.10.3: for locks on what is below, the answer names what prevented the lock, and the request's resource as
/// depending on it. Nothing where there is no conflict.
std::optional<Response> conflict_below(Context& context, const Wish& wish) {
  if (!context.target.collection || !wish.infinite) return std::nullopt;
  auto locks = context.transaction.locks_below(context.target.collection->id);
  std::erase_if(locks, [&](const auto& lock) { return !conflicts(lock, wish); });
  if (locks.empty()) return std::nullopt;
  std::vector<std::string> roots;
  for (auto& lock : locks) roots.push_back(std::move(lock.root));
  std::sort(roots.begin(), roots.end());
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
  Multistatus answer(context.environment.store.spool_directory());
  const Error conflict{condition::no_conflicting_lock};
  for (const auto& root : roots) answer.add_status(root, 423, &conflict);
  answer.add_status(context.target.href, 424);
  return answer.finish();
}

/// RFC 4918 7.3: a lock on an unmapped URL makes an empty resource there.
void make_empty(Context& context, const storage::StagedBlob& nothing) {
  Target& target = context.target;
  const Kind made = row(kind_of(target.parent->kind)).object;
  if (made == Kind::calendar_object)
    throw Error{condition::calendar_valid_calendar_data, "a calendar takes no empty object"};
  if (made == Kind::card) throw Error{condition::valid_address_data, "an address book takes no empty card"};
  if (made != Kind::file) throw Error{condition::forbidden, "nothing can be made in this kind of collection"};
  if (target.address.trailing_slash)
    throw Error{condition::conflict, "a name that ends in a slash is that of a collection"};
  context.transaction.put(target.parent->id, target.name, nothing, media_type_of_name(target.name), {},
                          context.actor());
  target = resolve(context.transaction, target.address);
}

// RFC 4918 9.10.1, 9.10.4
Response take(Context& context, const Wish& wish, const storage::StagedBlob& nothing) {
  Target& target = context.target;
  const bool created = !target.exists;
  if (created) {
    auto above = context.transaction.locks_covering(target.parent->id, 0);
    std::erase_if(above, [](const auto& lock) { return !lock.infinite; });
    refuse_conflicts(above, wish);
    make_empty(context, nothing);
  } else {
    refuse_conflicts(locks_covering(context.transaction, target), wish);
    if (auto conflict = conflict_below(context, wish)) return std::move(*conflict);
  }
  storage::Lock lock;
  lock.token = "urn:uuid:" + random_uuid();
  lock.collection = target.property_collection();
  lock.member = target.property_member();
  lock.account = context.principal.account;
  lock.exclusive = wish.exclusive;
  lock.infinite = wish.infinite;
  lock.owner = wish.owner;
  lock.root = target.href;
  lock.expires = expiry(context, wish.seconds);
  context.transaction.add_lock(lock);
  Response response = answer_lock(context, created ? 201 : 200);
  response.headers.add("Lock-Token", '<' + lock.token + '>');
  return response;
}

// RFC 4918 9.10.2
Response refresh(Context& context, const std::string& token, const std::optional<std::int64_t>& seconds) {
  for (const auto& lock : locks_covering(context.transaction, context.target)) {
    if (lock.token != token) continue;
    if (lock.account != context.principal.account) throw Error{condition::forbidden, "the lock is somebody else's"};
    context.transaction.refresh_lock(token, expiry(context, seconds));
    return answer_lock(context, 200);
  }
  throw Error{condition::precondition_failed, "there is no such lock here"};
}

Action prepare_refresh(const Request& request) {
  const auto header = request.headers.joined("If");
  if (!header) throw Error{condition::bad_request, "a LOCK without a body refreshes a lock that the If header names"};
  const auto tokens = submitted_tokens(parse_if(*header));
  if (tokens.size() != 1) throw Error{condition::bad_request, "one lock is refreshed at a time"};
  return [token = tokens.front(), seconds = timeout(request.headers)](Context& context) {
    return refresh(context, token, seconds);
  };
}

}  // namespace

Action prepare_lock(const Request& request, const Environment& environment) {
  if (request.body.empty()) return prepare_refresh(request);
  Wish wish;
  const auto asked = depth(request.headers).value_or(Depth::infinity);
  if (asked == Depth::one) throw Error{condition::bad_request, "a lock has depth 0 or infinity"};
  wish.infinite = asked == Depth::infinity;
  wish.seconds = timeout(request.headers);
  read_body(parse_body(request, environment).root(), wish);
  return [wish,
          nothing = environment.store.stage(storage::Spool(std::string_view{}, environment.store.spool_directory()))](
             Context& context) { return take(context, wish, nothing); };
}

}  // namespace dav
