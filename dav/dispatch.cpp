#include "dav/dispatch.h"

#include <mutex>
#include <utility>

#include "dav/access.h"
#include "dav/calendar/timezone.h"
#include "dav/calendar/zone_catalog.h"
#include "dav/conditions.h"
#include "dav/dispatch_answer.h"
#include "dav/dispatch_public.h"
#include "dav/error.h"
#include "dav/form.h"
#include "dav/headers.h"
#include "dav/links.h"
#include "dav/merged_book.h"
#include "dav/methods/deliver.h"
#include "dav/methods/methods.h"
#include "dav/methods/representation.h"
#include "dav/multiput.h"
#include "dav/photo_maker.h"
#include "dav/tzdist.h"
#include "storage/failure.h"

namespace dav {

namespace {

/// What a request has led to so far; for the answer to what went wrong on the way.
struct Trail {
  const Method* method = nullptr;
  std::optional<Target> target;
};

const Method& known_method(const Request& request) {
  const Method* method = find_method(request.method);
  if (method == nullptr) throw Error{condition::not_implemented, "no such method here"};
  return *method;
}

/// Runs the pure half now. What it refuses is said in its turn: after who may know of the target, and what is allowed
/// there.
Action prepare(const Method& method, const Request& request, const Environment& environment) {
  try {
    return method.prepare(request, environment);
  } catch (const Error& error) {
    return [error](Context&) -> Response { throw error; };
  }
}

/// What comes before privileges: a method must be allowed on what is there, or able to make what isn't.
void check_allowed(const Method& method, const Target& target) {
  const bool makes = method.on_parent == Privilege::bind;
  if (!target.exists) {
    if (method.on_parent == Privilege::none) throw Error{condition::not_found};
    // RFC 4918 9.7.1, 9.3.1
    if (makes && !target.parent) throw Error{condition::conflict, "there is no collection to make this in"};
    return;
  }
  const bool collection = row(target.kind).collection;
  if (!collection && target.address.trailing_slash) {
    if (makes) throw Error{condition::conflict, "a name that ends in a slash is that of a collection"};
    throw Error{condition::not_found};
  }
  if (!method.on.has(target.kind)) {
    if (method.name == "MKCALENDAR") throw Error{condition::resource_must_be_null, "there is something already"};
    throw Error{condition::method_not_allowed, "not on this kind of resource"};
  }
}

/// RFC 8144 3.2: whose condition fails can ask for what is there instead, and save a request. Nothing has been done
/// yet, so that the transaction may end as if all was well.
std::optional<Response> answer_with_current(Context& context, const Error& error) {
  if (error.status() != 412 || !context.target.member || context.target.collection) return std::nullopt;
  if (!preferences(context.request.headers).representation) return std::nullopt;
  Response response = answer(412);
  set_representation(context, *context.target.member, response);
  response.headers.set("Content-Location", context.target.href);
  response.headers.set("Preference-Applied", "return=representation");
  add_vary(response.headers, "Brief, Prefer");
  response.refusal = error.reason();
  return response;
}

/// Where the tree begins that an address lies in.
Address home_of(const Address& address) { return {address.area, address.account, {}, true}; }

/// Steps 4 to 7, within the transaction.
Response run(storage::Transaction& transaction, const Request& request, const Environment& environment,
             const Address& address, const Action& act, Trail& trail, bool again = false) {
  const Method& method = *trail.method;
  if (address.area == Address::Area::directory && !environment.settings.directory) throw Error{condition::not_found};
  const bool merges = method.mode == Mode::writes && concerns_merged_book(request, address);
  if (merges) bring_up_to_date(transaction, environment, address);
  const bool sends_bytes = method.name == "GET" && !request.headers.find("If-None-Match");
  Target& target = trail.target.emplace(
      resolve(transaction, address, sends_bytes ? storage::WithBytes::yes : storage::WithBytes::no));
  Context context{transaction, request, *request.principal, environment, target, transaction.now()};
  permit(transaction, *request.principal, target, Privilege::none);
  check_allowed(method, target);
  permit(transaction, *request.principal, target, target.exists ? method.on_target : method.on_parent);
  check_merged(method, target);
  // A request of several transactions has itself changed what its conditions were about.
  if (again) check_locks(context, target, false);
  try {
    if (!again) check_conditions(context, method);
  } catch (const Error& error) {
    if (auto current = answer_with_current(context, error)) return std::move(*current);
    throw;
  }
  return act(context);
}

/// Many objects at once are put by many transactions, each with the steps that come before the act.
Response follow_bulk(const Request& request, const Environment& environment, const Address& address, Trail& trail,
                     const std::function<Response(const RunBatch&)>& do_all) {
  Response response = do_all([&](bool first, const std::function<void(Context&)>& act) {
    const Action put = [&](Context& context) {
      act(context);
      return Response();
    };
    environment.store.write(
        [&](storage::Transaction& transaction) {
          return run(transaction, request, environment, address, put, trail, !first);
        },
        encode(home_of(address), true));
  });
  if (!names_ctag(request)) return response;
  // calendarserver-bulk-change 6: "the server MUST return a CTag response header (Section 8.2) with the new CS:getctag
  // value for the collection after changes have been applied."
  environment.store.read([&](storage::Transaction& transaction) {
    response.headers.set("CTag", ctag_of(transaction, resolve(transaction, address)));
  });
  return response;
}

/// The request path: steps 3 to 8 (docs/architecture.md); the front has received and authenticated.
Response follow(const Request& request, const Environment& environment, Trail& trail) {
  if (auto page = public_answer(request, environment.settings)) return std::move(*page);
  if (tzdist::is_ours(request.path)) return tzdist::answer(request, environment.catalog);
  if (is_link(request.path)) return link_answer(request, environment);
  if (!request.principal) throw Error{condition::unauthorized, "no credentials"};
  if (!request.principal->scope.dav) throw Error{condition::forbidden, "this password is for mail only"};
  trail.method = &known_method(request);
  const Address address = parse_path(request.path);
  if (concerns_merged_book(request, address)) bring_up_to_date(environment, *request.principal);
  if (may_be_bulk(request) && may_know(*request.principal, address) && !request.principal->scope.read_only) {
    if (const auto bulk = read_bulk(request)) {
      return follow_bulk(request, environment, address, trail,
                         [&](const RunBatch& batch) { return put_bulk(request, environment, *bulk, batch); });
    }
    if (const auto multiput = read_multiput(request, environment)) {
      return follow_bulk(request, environment, address, trail,
                         [&](const RunBatch& batch) { return do_multiput(request, environment, *multiput, batch); });
    }
  }
  const Action act = prepare(*trail.method, request, environment);
  const auto job = [&](storage::Transaction& transaction) {
    return run(transaction, request, environment, address, act, trail);
  };
  return trail.method->mode == Mode::reads ? environment.store.read(job)
                                           : environment.store.write(job, encode(home_of(address), true));
}

// RFC 9110 15.4.5
Response not_modified(const NotModified& current, const Trail& trail) {
  Response response = answer(304);
  if (!trail.target || !trail.target->member) return response;
  const storage::Member& member = *trail.target->member;
  set_validators(response.headers, member);
  response.headers.set("ETag", '"' + current.etag + '"');
  if (const auto vary = varies_by(member); !vary.empty()) response.headers.set("Vary", std::string(vary));
  return response;
}

Response answer_trouble(const storage::Failure& failure) {
  using storage::Trouble;
  if (failure.trouble() == Trouble::full) {
    Response response = refuse(Error{condition::sufficient_disk_space, "the disk is full"});
    response.refusal = failure.what();
    return response;
  }
  const bool passing = failure.trouble() == Trouble::unavailable || failure.trouble() == Trouble::conflict;
  Response response =
      answer(passing ? 503 : 500, "text/plain; charset=utf-8",
             passing ? "The store does not answer; try again in a moment.\n" : "Something went wrong here.\n");
  if (passing) response.headers.add("Retry-After", "5");
  response.refusal = failure.what();
  return response;
}

/// The one catch: whatever went wrong becomes an answer.
Response follow_to_the_end(const Request& request, const Environment& environment) {
  Trail trail;
  try {
    return follow(request, environment, trail);
  } catch (const NotModified& current) {
    return not_modified(current, trail);
  } catch (Undone& undone) {
    return std::move(undone.answer);
  } catch (const Error& error) {
    Response response = refuse(error);
    // RFC 9110 15.5.6: "The origin server MUST generate an Allow header field in a 405 response".
    if (error.status() == 405 && trail.target) {
      response.headers.set("Allow", allowed_methods(*trail.target, request.method));
    }
    return response;
  } catch (const storage::QuotaExceeded& exceeded) {
    return refuse(Error{condition::quota_not_exceeded, exceeded.what()});
  } catch (const storage::Failure& failure) {
    return answer_trouble(failure);
  } catch (const std::exception& fault) {
    Response response = answer(500, "text/plain; charset=utf-8", "Something went wrong here.\n");
    response.refusal = fault.what();
    return response;
  }
}

/// What would not fit is refused before it has been sent. What counts is asked again by the transaction that writes.
bool fits_quota(storage::Store& store, const Request& head) {
  constexpr std::int64_t worth_asking = std::int64_t{1} << 20;
  const auto length = content_length(head).value_or(0);
  if (length < worth_asking || (head.method != "PUT" && head.method != "POST") || !head.principal) return true;
  const Address address = parse_path(head.path);
  try {
    return store.read([&](storage::Transaction& transaction) {
      const auto account = transaction.account(head.principal->account);
      if (!account || !account->quota) return true;
      const Target target = resolve(transaction, address);
      const auto replaced = target.member && !target.collection ? target.member->size : 0;
      return length <= *account->quota - account->used + replaced;
    });
  } catch (const storage::Failure&) {
    return true;  // what ails the store is said when the request is handled
  }
}

}  // namespace

struct Service::State {
  State(storage::Store& kept_in, Settings first)
      : store(kept_in), settings(std::make_shared<const Settings>(std::move(first))) {}

  storage::Store& store;
  calendar::TimeZones zones;
  calendar::ZoneCatalog catalog;
  PhotoMaker photos;
  mutable std::mutex guard;
  std::shared_ptr<const Settings> settings;  // shared: a request goes on with those that it began with

  std::shared_ptr<const Settings> current() const {
    const std::lock_guard lock(guard);
    return settings;
  }
};

Service::Service(storage::Store& store, Settings settings)
    : state_(std::make_unique<State>(store, std::move(settings))) {}

Service::~Service() = default;

bool Service::is_public(const Request& head) { return is_public_request(head); }

Admission Service::admit(const Request& head) const {
  try {
    const auto limit = max_body(head, *state_->current());
    if (!fits_quota(state_->store, head)) {
      throw Error{condition::quota_not_exceeded, "it would take the account over its quota"};
    }
    return {limit, std::nullopt};
  } catch (const Error& error) {
    return {0, refuse(error)};
  }
}

Response Service::handle(Request request) const {
  const auto settings = state_->current();
  return follow_to_the_end(request,
                           Environment{state_->store, *settings, state_->zones, state_->catalog, &state_->photos});
}

const calendar::TimeZones& Service::zones() const { return state_->zones; }

void Service::deliver(const storage::Principal& principal, const Address& into, std::span<Delivery> items) const {
  const auto settings = state_->current();
  dav::deliver(Environment{state_->store, *settings, state_->zones, state_->catalog}, principal, into, items);
}

void Service::set_settings(Settings settings) {
  auto fresh = std::make_shared<const Settings>(std::move(settings));
  const std::lock_guard lock(state_->guard);
  state_->settings = std::move(fresh);
}

}  // namespace dav
