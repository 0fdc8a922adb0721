#include "dav/publish.h"

#include <vector>

#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/groups.h"
#include "dav/headers.h"
#include "dav/links.h"
#include "dav/methods/body.h"
#include "dav/properties/values.h"
#include "storage/links.h"

namespace dav {

namespace {

/// The secret of the link by which a calendar is published; nothing where it isn't, or not any more. A copy of a
/// published calendar has its properties, but not its link.
std::optional<std::string> secret_of(storage::Transaction& transaction, const storage::Collection& calendar,
                                     std::span<const storage::Property> stored) {
  auto secret = text_in(stored, PILEUS, published_property);
  const auto link = secret ? storage::find_link(transaction, *secret) : std::nullopt;
  if (!link || link->collection != calendar.id) return std::nullopt;
  return secret;
}

std::optional<std::string> secret_of(storage::Transaction& transaction, const storage::Collection& calendar) {
  return secret_of(transaction, calendar, transaction.properties(calendar.id, 0));
}

Response publish(Context& context) {
  const storage::Collection& calendar = *context.target.collection;
  if (secret_of(context.transaction, calendar)) return answer(200);
  storage::Link wanted;
  wanted.collection = calendar.id;
  wanted.label = "published";
  const std::string secret = storage::create_link(context.transaction, wanted);
  context.transaction.set_property(calendar.id, 0, text_property(PILEUS, published_property, secret));
  context.transaction.touch(calendar.id);
  return answer(200);
}

Response unpublish(Context& context) {
  const storage::Collection& calendar = *context.target.collection;
  const auto secret = secret_of(context.transaction, calendar);
  if (!secret) return answer(200);
  const auto link = storage::find_link(context.transaction, *secret);
  storage::revoke_link(context.transaction, calendar.account, link->id);
  context.transaction.remove_property(calendar.id, 0, PILEUS, published_property);
  context.transaction.touch(calendar.id);
  return answer(200);
}

}  // namespace

std::optional<Action> prepare_publishing(const Request& request, const Environment& environment) {
  const Address address = parse_path(request.path);
  const std::string type = media_type(request.headers.find("Content-Type").value_or(""));
  if (address.area != Address::Area::calendars || address.segments.size() != 1) return std::nullopt;
  if (type != "application/xml" && type != "text/xml") return std::nullopt;
  const xml::Document document = parse_body(request, environment);
  if (document.root().is(condition::CS, "publish-calendar")) return publish;
  if (document.root().is(condition::CS, "unpublish-calendar")) return unpublish;
  return std::nullopt;
}

bool read_publish_url(const Context& context, const Resource& resource, std::string& out) {
  const auto secret = resource.stored.empty() ? secret_of(context.transaction, *resource.collection)
                                              : secret_of(context.transaction, *resource.collection, resource.stored);
  if (!secret) return false;
  out += "<D:href>";
  xml::escape(out, context.request.scheme + "://" + context.request.authority + link_path(*secret, Kind::calendar));
  out += "</D:href>";
  return true;
}

// Whom a calendar can be shared with by name is another matter.
bool read_sharing_modes(const Context&, const Resource& resource, std::string& out) {
  if (resource.collection->keeper != storage::Keeper::clients) return false;
  out += "<CS:can-be-published/>";
  return true;
}

}  // namespace dav
