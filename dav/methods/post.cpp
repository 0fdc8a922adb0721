#include <memory>

#include "dav/access.h"
#include "dav/attachments.h"
#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/groups.h"
#include "dav/methods/incoming.h"
#include "dav/methods/methods.h"
#include "dav/methods/representation.h"
#include "dav/methods/uuid.h"
#include "dav/publish.h"

namespace dav {

namespace {

Kind made_by_post(const Address& address) {
  if (address.area == Address::Area::calendars) return Kind::calendar_object;
  if (address.area == Address::Area::addressbooks) return Kind::card;
  return Kind::file;
}

std::string_view ending_of(Kind kind) {
  if (kind == Kind::calendar_object) return ".ics";
  if (kind == Kind::card) return ".vcf";
  return "";
}

/// The name that AtomPub's Slug suggests for a file (RFC 5995 3.3), where it can be a name and is free; nothing
/// otherwise.
std::optional<std::string> suggested_name(Context& context) {
  const auto slug = context.request.headers.find("Slug");
  if (!slug || slug->find('/') != std::string_view::npos) return std::nullopt;
  try {
    const Address address = parse_path("/" + std::string(*slug));
    if (address.area == Address::Area::root || address.trailing_slash) return std::nullopt;
    std::string name = address.area == Address::Area::dav ? "dav" : address.segments.at(0);
    if (context.transaction.member(context.target.collection->id, name)) return std::nullopt;
    return name;
  } catch (const Error&) {
    return std::nullopt;  // a suggestion that can't be followed is none
  }
}

// RFC 5995 3.1
Response add_member(Context& context, const Incoming& incoming) {
  const Target& target = context.target;
  check_incoming(context, incoming, {*target.collection, target.href});
  std::optional<std::string> name;
  if (incoming.kind == Kind::file) name = suggested_name(context);
  if (!name) name = random_uuid().append(ending_of(incoming.kind));
  const Kept kept = keep_followed(context, incoming, *target.collection, *name, nullptr);
  std::string href = target.href;
  encode_segment(href, *name);
  Response response = answer_put(context, kept, true, href);
  response.headers.set("Location", href);
  return response;
}

}  // namespace

Action prepare_post(const Request& request, const Environment& environment) {
  const Address address = parse_path(request.path);
  if (!may_know(*request.principal, address) || request.principal->scope.read_only) {
    return [](Context&) -> Response { throw Error{condition::forbidden, "nothing can be added here"}; };
  }
  if (request.headers.find("Content-Encoding")) {
    throw Error{condition::unsupported_media_type, "send the content without a coding"};
  }
  if (asks_for_attachment(request)) return prepare_attachment(request, environment);
  if (auto publishing = prepare_publishing(request, environment)) return *std::move(publishing);
  const auto incoming = read_incoming(made_by_post(address), request.headers.find("Content-Type").value_or(""), "",
                                      request.body, environment);
  return [incoming](Context& context) { return add_member(context, *incoming); };
}

}  // namespace dav
