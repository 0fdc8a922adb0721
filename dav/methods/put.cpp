#include <memory>

#include "dav/access.h"
#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/merged_book.h"
#include "dav/methods/incoming.h"
#include "dav/methods/methods.h"
#include "dav/methods/representation.h"

namespace dav {

namespace {

/// What a PUT to an address of that area makes.
Kind made_in(Address::Area area) {
  switch (area) {
    case Address::Area::calendars:
      return Kind::calendar_object;
    case Address::Area::addressbooks:
      return Kind::card;
    default:
      return Kind::file;
  }
}

void check_headers(const Headers& headers) {
  // RFC 9110 14.5: a part can't be put by itself; taking it for the whole would destroy the rest.
  if (headers.find("Content-Range")) throw Error{condition::bad_request, "PUT takes the whole, not a range of it"};
  // RFC 9110 8.4: the bytes are kept as they come, so that a coding would become a part of them.
  const auto coding = headers.find("Content-Encoding");
  if (coding && *coding != "identity" && !coding->empty()) {
    throw Error{condition::unsupported_media_type, "send the content without a coding"};
  }
}

// RFC 9110 9.3.4, RFC 4918 9.7, RFC 4791 5.3.2, RFC 6352 6.3.2
Response put(Context& context, const Incoming& incoming) {
  const Target& target = context.target;
  if (!target.parent) throw Error{condition::forbidden, "nothing can be put here"};
  const Kind holder = kind_of(target.parent->kind);
  const Kind made = row(holder).object;
  if (!all_objects.has(made)) throw Error{condition::forbidden, "nothing can be put into this kind of collection"};
  if (!target.exists && target.address.trailing_slash) {
    throw Error{condition::conflict, "a name that ends in a slash is that of a collection; MKCOL makes one"};
  }
  if (is_merged(target)) return put_merged(context, incoming);
  const storage::Member* replaced = target.exists ? &*target.member : nullptr;
  check_incoming(context, incoming, {*target.parent, parent_href(target), replaced});
  return answer_put(context, keep_followed(context, incoming, *target.parent, target.name, replaced), !target.exists);
}

}  // namespace

Action prepare_put(const Request& request, const Environment& environment) {
  check_headers(request.headers);
  const Address address = parse_path(request.path);
  // What will be refused anyway is not even staged.
  if (!may_know(*request.principal, address) || request.principal->scope.read_only || address.segments.empty()) {
    return [](Context&) -> Response { throw Error{condition::forbidden, "nothing can be put here"}; };
  }
  const auto incoming = read_incoming(made_in(address.area), request.headers.find("Content-Type").value_or(""),
                                      address.segments.back(), request.body, environment);
  return [incoming](Context& context) { return put(context, *incoming); };
}

}  // namespace dav
