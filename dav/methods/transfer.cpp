#include "dav/methods/transfer.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "dav/access.h"
#include "dav/calendar/object.h"
#include "dav/conditions.h"
#include "dav/dispatch_answer.h"
#include "dav/error.h"
#include "dav/groups.h"
#include "dav/headers.h"
#include "dav/merged_book.h"
#include "dav/methods/incoming.h"
#include "dav/methods/location.h"
#include "dav/methods/methods.h"
#include "dav/methods/representation.h"

namespace dav {

namespace {

struct Order {
  Transfer transfer;
  Address destination;
  bool overwrite;
  Depth depth;
};

/// Whether `inner` is `outer` or below it.
bool is_within(const Address& inner, const Address& outer) {
  return inner.area == outer.area && inner.account == outer.account && inner.segments.size() >= outer.segments.size() &&
         std::equal(outer.segments.begin(), outer.segments.end(), inner.segments.begin());
}

void check_depth(const Order& order, const Target& source) {
  if (!source.collection) return;  // RFC 4918 10.2: ignored
  if (order.depth == Depth::one || (order.transfer == Transfer::move && order.depth != Depth::infinity)) {
    throw Error{condition::bad_request, "a collection is copied with Depth 0 or infinity, and moved with infinity"};
  }
}

/// Source and destination must not contain each other.
void check_places(const Order& order, const Target& source) {
  const Address& from = source.address;
  if (order.destination == from) throw Error{condition::forbidden, "source and destination are the same"};
  const bool shallow = order.transfer == Transfer::copy && order.depth == Depth::zero;
  if (is_within(order.destination, from) && !(source.collection && shallow)) {
    throw Error{source.collection ? condition::forbidden : condition::conflict,
                "the destination is inside of the source"};
  }
  if (is_within(from, order.destination)) throw Error{condition::forbidden, "the source is inside of the destination"};
}

/// Privileges, RFC 3744 Appendix B, and locks at the destination.
void check_destination(Context& context, const Target& destination) {
  if (!destination.exists) {
    permit(context.transaction, context.principal, destination, Privilege::bind);
    return check_parent_locks(context, destination);
  }
  permit(context.transaction, context.principal, destination, Privilege::write_content);
  permit(context.transaction, context.principal, destination, Privilege::unbind);
  const Method* remove = find_method("DELETE");
  if (!remove->on.has(destination.kind))
    throw Error{condition::forbidden, "what is at the destination can't be replaced"};
  check_parent_locks(context, destination);
  check_locks(context, destination, true);
}

Target find_destination(Context& context, const Order& order) {
  // Trees that one may not know of look like trees that aren't there.
  if (!may_know(context.principal, order.destination))
    throw Error{condition::conflict, "there is no collection to put it in"};
  Target destination = resolve(context.transaction, order.destination);
  if (destination.exists && !destination.parent)
    throw Error{condition::forbidden, "what is at the destination can't be replaced"};
  if (!destination.parent) throw Error{condition::conflict, "there is no collection to put it in"};
  if (is_merged(destination)) throw Error{condition::forbidden, "this is put into the address book that is to keep it"};
  if (destination.exists && !order.overwrite)
    throw Error{condition::precondition_failed, "there is something at the destination"};
  return destination;
}

void clear(Context& context, const Target& destination) {
  if (destination.collection) {
    context.transaction.remove_collection(destination.collection->id, context.actor());
  } else if (destination.exists) {
    context.transaction.remove(*destination.member, context.actor());
  }
}

storage::Spool content_of(Context& context, const storage::Member& member) {
  storage::Spool spool(context.environment.store.spool_directory());
  if (member.size == 0) return spool;
  const storage::Segment whole = context.transaction.content(member);
  if (!whole.file) {
    spool.append(whole.bytes);
    return spool;
  }
  std::string piece(std::size_t{64} << 10, '\0');
  for (std::uint64_t at = 0; at < whole.length;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), whole.length - at));
    const auto got = whole.file->read(piece.data(), wanted, whole.offset + at);
    if (got == 0) throw storage::Failure(storage::Trouble::corrupt, "a blob is shorter than its row says");
    spool.append(std::string_view(piece).substr(0, got));
    at += got;
  }
  return spool;
}

/// An object that becomes one of another kind is new content there: a file in a calendar is checked as a PUT is, an
/// event among files is a file. Its properties go with it.
storage::Member convert(Context& context, const Order& order, const Target& destination, Kind made) {
  const storage::Member& source = *context.target.member;
  const auto incoming =
      read_incoming(made, source.media_type, destination.name, content_of(context, source), context.environment);
  const storage::Member* replaced = destination.exists && !destination.collection ? &*destination.member : nullptr;
  check_incoming(context, *incoming, {*destination.parent, parent_href(destination), replaced});
  clear(context, destination);
  auto& transaction = context.transaction;
  const storage::Member member = keep(context, *incoming, destination.parent->id, destination.name).member;
  for (const auto& property : transaction.properties(source.collection, source.id)) {
    transaction.set_property(member.collection, member.id, property);
  }
  if (order.transfer == Transfer::move) transaction.remove(source, context.actor());
  return member;
}

/// RFC 4791 5.3.2.1: the limits hold for what is "targeted by a COPY or MOVE request" too. They may have become
/// narrower.
void check_limits_of(Context& context, const storage::Member& member, const storage::Collection& collection) {
  const auto object = calendar::Object::parse(content_of(context, member).text(), context.environment.zones);
  if (const auto* read = std::get_if<calendar::Object>(&object)) check_limits(context.environment, *read, collection);
}

storage::Member transfer_object(Context& context, const Order& order, const Target& destination) {
  const Target& source = context.target;
  const Kind made = row(kind_of(destination.parent->kind)).object;
  if (!all_objects.has(made)) throw Error{condition::forbidden, "nothing can be put into this kind of collection"};
  if (order.destination.trailing_slash && !destination.exists) {
    throw Error{condition::conflict, "a name that ends in a slash is that of a collection"};
  }
  // A card of the directory is in no collection of the store.
  if (made != source.kind || source.parent->id == 0) return convert(context, order, destination, made);

  const bool moves = order.transfer == Transfer::move;
  const storage::Member* replaced = destination.exists && !destination.collection ? &*destination.member : nullptr;
  check_component(*destination.parent, source.member->facts);
  check_uid(context.transaction,
            {*destination.parent, parent_href(destination), replaced, moves ? &*source.member : nullptr},
            source.member->facts);
  if (made == Kind::calendar_object) check_limits_of(context, *source.member, *destination.parent);
  clear(context, destination);
  const auto to = destination.parent->id;
  return moves ? context.transaction.move(*source.member, to, destination.name, context.actor())
               : context.transaction.copy(*source.member, to, destination.name, context.actor());
}

void transfer_collection(Context& context, const Order& order, const Target& destination) {
  const Target& source = context.target;
  check_location(source.kind, kind_of(destination.parent->kind));
  clear(context, destination);
  const auto to = destination.parent->id;
  if (order.transfer == Transfer::move) {
    context.transaction.move(*source.member, to, destination.name, context.actor());
  } else if (order.depth == Depth::zero) {
    context.transaction.copy_shallow(*source.member, to, destination.name);
  } else {
    context.transaction.copy(*source.member, to, destination.name, context.actor());
  }
}

Response transfer(Context& context, const Order& order) {
  check_depth(order, context.target);
  check_places(order, context.target);
  const Target destination = find_destination(context, order);
  check_destination(context, destination);

  Response response;
  const int status = destination.exists ? 204 : 201;
  const std::string href = encode(destination.address, context.target.collection.has_value());
  if (context.target.collection) {
    transfer_collection(context, order, destination);
    response = answer(status);
  } else {
    const Target& source = context.target;
    const bool leaves = order.transfer == Transfer::move && source.parent->id != destination.parent->id;
    std::optional<GroupFollower> left;
    if (leaves) left.emplace(context, *source.parent);
    const auto taken = left ? left->before(&*source.member) : std::nullopt;
    GroupFollower reached(context, *destination.parent);
    const auto before = reached.before(destination.exists ? &*destination.member : nullptr);
    storage::Member member = transfer_object(context, order, destination);
    if (left) {
      left->follow(taken, nullptr);
      left->finish();
    }
    if (auto changed = reached.follow(before, &member)) member = std::move(*changed);
    reached.finish();
    response = answer_change(context, member, !destination.exists, href);
    // The tag is that of another resource than the one that the request names.
    if (response.body.empty()) response.headers.remove("ETag");
  }
  // RFC 9110 15.3.2
  if (!destination.exists) response.headers.set("Location", href);
  return response;
}

}  // namespace

Action prepare_transfer(const Request& request, Transfer transfer_mode) {
  refuse_body(request);
  const auto header = request.headers.find("Destination");
  if (!header) throw Error{condition::bad_request, "the Destination header is missing"};
  auto destination = parse_reference(*header, request.authority);
  // RFC 4918 9.8.5
  if (!destination) throw Error{condition::bad_gateway, "the destination is on another server"};
  const Order order{transfer_mode, std::move(*destination), overwrite(request.headers),
                    depth(request.headers).value_or(Depth::infinity)};
  return [order](Context& context) { return transfer(context, order); };
}

}  // namespace dav
