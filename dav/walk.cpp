#include "dav/walk.h"

#include <algorithm>

#include "dav/address_books.h"
#include "dav/merged_book.h"

namespace dav {

namespace {

using Area = Address::Area;

Address address_in(Area area, std::string_view account = {}) {
  Address address;
  address.area = area;
  address.account = account;
  return address;
}

Area area_of(Kind root) {
  switch (root) {
    case Kind::principal_root:
      return Area::principals;
    case Kind::calendar_root:
      return Area::calendars;
    case Kind::addressbook_root:
      return Area::addressbooks;
    default:
      return Area::files;
  }
}

/// What stands below a root. Of accounts, one sees oneself, and the groups that one is in.
std::vector<Address> children_of(const Context& context, Kind root) {
  if (root == Kind::root) return {address_in(Area::dav)};
  if (root == Kind::dav_root) {
    std::vector<Address> all{address_in(Area::principals), address_in(Area::calendars), address_in(Area::addressbooks),
                             address_in(Area::files)};
    if (context.environment.settings.directory) all.push_back(address_in(Area::directory));
    return all;
  }
  std::vector<Address> all{address_in(area_of(root), context.principal.name)};
  if (root == Kind::principal_root) {
    for (const auto& team : context.transaction.groups_of(context.principal.account)) {
      all.push_back(address_in(Area::principals, team.name));
    }
  }
  return all;
}

}  // namespace

Walk::Walk(const Context& context, std::function<Needs(Kind)> needs, Visit visit)
    : context_(context), needs_(std::move(needs)), visit_(std::move(visit)) {}

void Walk::run(const Target& target, Depth depth, bool noroot) {
  if (!noroot) visit_target(target);
  if (depth == Depth::zero) return;
  if (all_roots.has(target.kind)) {
    below_root(target, depth);
  } else if (target.collection && target.account) {
    members(*target.account, *target.collection, target.href, depth);
  }
}

void Walk::visit_target(const Target& target) {
  auto resource = resource_at(target);
  std::vector<storage::Property> stored;
  if (needs_(target.kind).stored && target.property_collection() != 0 && (resource.collection || resource.member)) {
    stored = context_.transaction.properties(target.property_collection(), target.property_member());
  }
  resource.stored = stored;
  visit_(resource);
}

void Walk::below_root(const Target& target, Depth depth) {
  const auto deeper = depth == Depth::infinity ? Depth::infinity : Depth::zero;
  for (const auto& address : children_of(context_, target.kind)) {
    const auto child = resolve(context_.transaction, address);
    if (child.exists) run(child, deeper);
  }
}

void Walk::members(const storage::Account& account, const storage::Collection& collection, std::string_view href,
                   Depth depth) {
  if (choose_) {
    if (const auto list = choose_(collection)) {
      chosen(account, collection, href, *list);
      for (const auto& child : context_.transaction.children(collection.id)) {
        visit_child(account, collection, child, href, depth);
      }
      return;
    }
  }
  Resource resource;
  resource.kind = row(kind_of(collection.kind)).member;
  resource.account = &account;
  resource.parent = &collection;

  const auto needs = needs_(resource.kind);
  const auto stored = needs.stored ? stored_of(collection) : Stored();
  std::string path(href);
  std::vector<storage::Member> children;
  context_.transaction.for_each_member(collection.id, needs.bytes, [&](const storage::Member& member) {
    if (member.child != 0) {
      children.push_back(member);
      return;
    }
    path.resize(href.size());
    encode_segment(path, member.name);
    resource.href = path;
    resource.member = &member;
    if (needs.stored) {
      const auto found = stored.find(member.id);
      resource.stored = found == stored.end() ? std::span<const storage::Property>() : found->second;
    }
    visit_(resource);
  });
  if (collection.kind == storage::CollectionKind::addressbook_home && children.size() > 1) {
    // Contacts on macOS reads one book, the first that it is shown.
    const auto first = default_address_book(context_.transaction, collection);
    std::stable_partition(children.begin(), children.end(),
                          [&](const storage::Member& child) { return child.name == first; });
  }
  for (const auto& child : children) visit_child(account, collection, child, href, depth);
}

void Walk::chosen(const storage::Account& account, const storage::Collection& collection, std::string_view href,
                  const std::vector<storage::Id>& members) {
  // From so many on, one search for the properties of all costs less than one for each.
  constexpr std::size_t many = 100;
  if (members.size() >= many) load_stored(collection);
  context_.transaction.for_each_of(
      members, needs_(row(kind_of(collection.kind)).member).bytes,
      [&](const storage::Member& member) { visit_member(account, collection, member, href); });
}

void Walk::visit_child(const storage::Account& account, const storage::Collection& parent, const storage::Member& entry,
                       std::string_view href, Depth depth) {
  const auto collection = context_.transaction.collection(entry.child);
  if (!collection || !is_shown(context_, *collection)) return;
  std::string path(href);
  encode_segment(path, entry.name);
  path += '/';
  Resource resource;
  resource.kind = kind_of(collection->kind);
  resource.href = path;
  resource.account = &account;
  resource.collection = &*collection;
  resource.parent = &parent;
  resource.member = &entry;
  std::vector<storage::Property> stored;
  if (needs_(resource.kind).stored) stored = context_.transaction.properties(collection->id, 0);
  resource.stored = stored;
  visit_(resource);
  if (depth == Depth::infinity) members(account, *collection, path, depth);
}

void Walk::visit_member(const storage::Account& account, const storage::Collection& parent,
                        const storage::Member& member, std::string_view href) {
  if (member.child != 0) return visit_child(account, parent, member, href, Depth::zero);
  path_ = href;
  encode_segment(path_, member.name);
  Resource resource;
  resource.kind = row(kind_of(parent.kind)).member;
  resource.href = path_;
  resource.account = &account;
  resource.parent = &parent;
  resource.member = &member;
  std::vector<storage::Property> own;
  if (loaded_ == parent.id) {
    if (const auto found = stored_.find(member.id); found != stored_.end()) resource.stored = found->second;
  } else if (needs_(resource.kind).stored) {
    own = context_.transaction.properties(parent.id, member.id);
    resource.stored = own;
  }
  visit_(resource);
}

Walk::Stored Walk::stored_of(const storage::Collection& collection) const {
  Stored stored;
  context_.transaction.for_each_property(collection.id, [&](storage::Id member, const storage::Property& property) {
    stored[member].push_back(property);
  });
  return stored;
}

void Walk::load_stored(const storage::Collection& collection) {
  if (!needs_(row(kind_of(collection.kind)).member).stored) return;
  stored_ = stored_of(collection);
  loaded_ = collection.id;
}

}  // namespace dav
