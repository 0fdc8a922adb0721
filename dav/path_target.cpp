#include "dav/directory.h"
#include "dav/error.h"
#include "dav/path.h"

namespace dav {

namespace {

using Area = Address::Area;

Kind root_of(Area area) {
  switch (area) {
    case Area::root:
    case Area::outside:
      return Kind::root;
    case Area::dav:
      return Kind::dav_root;
    case Area::principals:
      return Kind::principal_root;
    case Area::calendars:
      return Kind::calendar_root;
    case Area::addressbooks:
      return Kind::addressbook_root;
    case Area::files:
      return Kind::file_root;
    case Area::attachments:
      return Kind::attachment;
    case Area::directory:
      return Kind::directory;
  }
  return Kind::root;
}

std::optional<storage::CollectionKind> home_of(Area area) {
  switch (area) {
    case Area::calendars:
      return storage::CollectionKind::calendar_home;
    case Area::addressbooks:
      return storage::CollectionKind::addressbook_home;
    case Area::files:
      return storage::CollectionKind::file_home;
    default:
      return std::nullopt;
  }
}

/// What a name that leads to nothing would lead to after a PUT, or after a MKCOL where nothing can be put.
Kind kind_to_be(Kind parent) {
  const KindRow& holder = row(parent);
  return holder.object != parent ? holder.object : holder.member;
}

/// Follows the names from a home downwards as far as they lead.
void walk(storage::Transaction& transaction, storage::Collection home, storage::WithBytes with_bytes, Target& target) {
  std::optional<storage::Collection> here = std::move(home);
  const auto& names = target.address.segments;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!here) {  // a name below something that holds no names, or below nothing
      target.parent.reset();
      target.member.reset();
      target.exists = false;
      return;
    }
    target.parent = std::move(here);
    here = std::nullopt;
    const bool last = i + 1 == names.size();
    auto entry = transaction.entry(target.parent->id, names[i], last ? with_bytes : storage::WithBytes::no);
    target.exists = entry.has_value();
    target.member.reset();
    if (!entry) continue;
    target.member = std::move(entry->member);
    here = std::move(entry->child);
  }
  target.collection = std::move(here);
  if (target.collection) {
    target.exists = true;
    target.kind = kind_of(target.collection->kind);
  } else {
    const Kind parent = kind_of(target.parent->kind);
    target.kind = target.exists ? row(parent).member : kind_to_be(parent);
  }
}

/// An attachment stands by itself (RFC 8607 3.10): below its account, by its managed id and its name.
void find_attachment(storage::Transaction& transaction, Target& target) {
  const auto& names = target.address.segments;
  if (names.size() != 2) return;
  auto found = transaction.attachment(names[0]);
  if (!found || found->account != target.account->id || found->name != names[1] || !found->used) return;
  storage::Member& member = target.member.emplace();
  member.name = std::move(found->name);
  member.etag = std::move(found->etag);
  member.size = found->size;
  member.media_type = std::move(found->media_type);
  member.blob = found->blob;
  member.created = member.modified = found->created;
  target.exists = true;
}

void find(storage::Transaction& transaction, storage::WithBytes with_bytes, Target& target) {
  const Address& address = target.address;
  target.kind = root_of(address.area);
  if (address.area == Area::outside) return;
  if (address.area == Area::directory) return find_in_directory(transaction, target);
  if (address.account.empty() && address.area == Area::attachments) return;
  if (address.account.empty()) {
    target.exists = true;
    return;
  }
  if (const auto home_kind = home_of(address.area)) {
    auto found = transaction.account_home(address.account, *home_kind);
    if (!found) return;
    target.account = std::move(found->account);
    if (found->home) walk(transaction, std::move(*found->home), with_bytes, target);
    return;
  }
  target.account = transaction.account_named(address.account);
  if (!target.account) return;
  if (address.area == Area::principals) {
    target.kind = Kind::principal;
    target.exists = address.segments.empty();
    return;
  }
  if (address.area == Area::attachments) return find_attachment(transaction, target);
}

}  // namespace

std::string parent_href(const Target& target) {
  Address parent = target.address;
  if (!parent.segments.empty()) parent.segments.pop_back();
  return encode(parent, true);
}

Target resolve(storage::Transaction& transaction, const Address& address, storage::WithBytes with_bytes) {
  Target target;
  target.address = address;
  if (!address.segments.empty()) target.name = address.segments.back();
  find(transaction, with_bytes, target);
  target.href = encode(address, target.exists && row(target.kind).collection);
  return target;
}

}  // namespace dav
