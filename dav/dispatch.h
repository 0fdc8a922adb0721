#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dav/path.h"
#include "dav/request.h"
#include "dav/response.h"
#include "dav/settings.h"
#include "storage/store.h"

namespace dav::calendar {
class TimeZones;
class ZoneCatalog;
}  // namespace dav::calendar

namespace dav {

class PhotoMaker;

/// What a request's head allows: how much body may come, or why not.
struct Admission {
  std::int64_t max_body = 0;
  std::optional<Response> refusal;  ///< sent instead of reading the body (401, 413, DAV:max-resource-size …)
};

/// What outlives a request.
struct Environment {
  storage::Store& store;
  const Settings& settings;
  const calendar::TimeZones& zones;
  const calendar::ZoneCatalog& catalog;
  PhotoMaker* photos = nullptr;  ///< null where nothing is given out
};

/// The facts of one request, inside its transaction.
struct Context {
  storage::Transaction& transaction;
  const Request& request;
  const storage::Principal& principal;
  const Environment& environment;
  Target& target;
  storage::Timestamp now;

  storage::Actor actor() const { return {principal.account, principal.credential}; }
};

/// What is left to do once the body has been read: runs in the transaction, perhaps more than once.
using Action = std::function<Response(Context&)>;

/// RFC 3744 3; what a method's row asks for.
enum class Privilege {
  none,
  read,
  write_properties,
  write_content,
  bind,
  unbind,
  unlock,
  read_acl,
  read_current_user_privilege_set,
  write_acl,
  all,
};

enum class Mode { reads, writes };

/// One method: the privilege it needs on the target where that exists, on its parent where it doesn't
/// (RFC 3744 Appendix B), and its pure first half.
struct Method {
  std::string_view name;
  Mode mode;
  Privilege on_target;
  Privilege on_parent;
  KindSet on;  ///< where it is allowed (Allow, DAV:supported-method-set)
  Action (*prepare)(const Request&, const Environment&);
};

std::span<const Method> methods();
const Method* find_method(std::string_view name);  ///< null for none of ours; names are case-sensitive (RFC 9110 9.1)

/// What an Allow header says there (RFC 9110 10.2.1): what the rows allow on what exists, or what can make it. A method
/// that has just been refused is left out.
std::string allowed_methods(const Target& target, std::string_view without = {});

/// The DAV header (RFC 4918 10.1): what all of the tree can do.
std::string_view dav_header();

/// An object that is brought by no request of its own, and what became of it.
struct Delivery {
  enum class Outcome { created, replaced, unchanged, refused };

  std::string wanted;  ///< the name it is to have
  std::string bytes;
  std::string name;  ///< the name it has
  Outcome outcome = Outcome::refused;
  std::string refusal;               ///< why
  std::vector<std::string> repairs;  ///< what isn't kept as it has come
};

/// WebDAV, CalDAV, CardDAV and files over one store. Safe for use by many threads.
class Service {
 public:
  Service(storage::Store& store, Settings settings);
  ~Service();

  /// True for what anybody may see: /.well-known redirects, secret links, and the page at / for a browser.
  static bool is_public(const Request& head);

  /// How much body this head may bring; called after authentication, with Request::principal set, and before the body
  /// is read: one that will be refused anyway is not even read (404, 413, DAV:max-resource-size,
  /// DAV:quota-not-exceeded).
  Admission admit(const Request& head) const;

  /// Answers one request. Never throws: what goes wrong becomes a 500 or 503 with the reason in Response::refusal.
  Response handle(Request request) const;

  /// Puts objects into a calendar or address book, as PUTs of the principal would, in one step: where the UID of one is
  /// there already, in its place, otherwise under the name wanted or a similar one. Sets the outcome of each; throws
  /// storage::Failure.
  void deliver(const storage::Principal& principal, const Address& into, std::span<Delivery> items) const;

  void set_settings(Settings settings);

  /// The time zones that all of it goes by; as long as this object.
  const calendar::TimeZones& zones() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dav
