#include "dav/access.h"

#include <algorithm>

#include "dav/error.h"

namespace dav {

namespace {

bool changes_something(Privilege privilege) {
  switch (privilege) {
    case Privilege::none:
    case Privilege::read:
    case Privilege::read_acl:
    case Privilege::read_current_user_privilege_set:
      return false;
    default:
      return true;
  }
}

/// Groups are known to their members.
bool is_known_group(storage::Transaction& transaction, const storage::Principal& principal, const Target& target) {
  if (target.address.area != Address::Area::principals || !target.account) return false;
  const auto groups = transaction.groups_of(principal.account);
  return std::any_of(groups.begin(), groups.end(), [&](const auto& group) { return group.id == target.account->id; });
}

bool is_own(const storage::Principal& principal, const Target& target) {
  return target.account && target.account->id == principal.account;
}

/// A calendar that the server fetches from elsewhere, or makes of cards, and what is in it.
bool is_kept(const Target& target) {
  const auto& holder = target.collection ? target.collection : target.parent;
  return holder && holder->keeper != storage::Keeper::clients && holder->keeper != storage::Keeper::merged;
}

/// Such a calendar is its owner's to name, to colour and to remove.
bool may_manage(const storage::Principal& principal, const Target& target, Privilege privilege) {
  return is_own(principal, target) && is_kept(target) && target.collection && !principal.scope.read_only &&
         (privilege == Privilege::write_properties || privilege == Privilege::unbind);
}

/// What the owner of a tree may do with a resource of that kind. What the server itself keeps (inbox, outbox,
/// notifications) takes no new members from clients.
std::vector<Privilege> of_owner(Kind kind) {
  std::vector<Privilege> all{Privilege::read, Privilege::read_acl, Privilege::read_current_user_privilege_set};
  if (kind == Kind::principal) {
    all.push_back(Privilege::write_properties);
    return all;
  }
  if (kind == Kind::attachment) return all;
  all.insert(all.end(), {Privilege::write_properties, Privilege::write_content, Privilege::unbind, Privilege::unlock});
  if (kind != Kind::inbox && kind != Kind::outbox && kind != Kind::notifications) all.push_back(Privilege::bind);
  return all;
}

}  // namespace

bool may_know(const storage::Principal& principal, const Address& address) {
  return address.account.empty() || address.account == principal.name || address.area == Address::Area::principals;
}

std::vector<Privilege> privileges(storage::Transaction& transaction, const storage::Principal& principal,
                                  const Target& target) {
  if (target.address.account.empty()) {
    return {Privilege::read, Privilege::read_acl, Privilege::read_current_user_privilege_set};
  }
  if (!is_own(principal, target)) {
    if (!is_known_group(transaction, principal, target)) return {};
    return {Privilege::read, Privilege::read_current_user_privilege_set};
  }
  // Something new is made with the privileges on what will hold it.
  const Kind kind = target.exists || !target.parent ? target.kind : kind_of(target.parent->kind);
  auto all = of_owner(kind);
  if (principal.scope.read_only || is_kept(target)) std::erase_if(all, changes_something);
  return all;
}

void permit(storage::Transaction& transaction, const storage::Principal& principal, const Target& target,
            Privilege privilege) {
  if (target.address.area == Address::Area::outside) throw Error{condition::not_found};
  const auto held = privileges(transaction, principal, target);
  // Not even that it exists is told: the answer is the one for what isn't there.
  if (held.empty()) throw Error{condition::not_found};
  if (privilege == Privilege::none) return;
  if (std::find(held.begin(), held.end(), privilege) != held.end() || may_manage(principal, target, privilege)) return;
  // RFC 3744 7.1.1
  const bool changes = changes_something(privilege);
  const auto why = principal.scope.read_only && changes ? "this password is for reading only"
                   : is_kept(target) && changes         ? "the server itself keeps this calendar"
                                                        : "nobody may do this here";
  std::string missing = "<D:privilege><D:";
  missing.append(name_of(privilege)).append("/></D:privilege>");
  throw Error{condition::need_privileges, why}.with_href(target.href).with_detail(std::move(missing));
}

std::string_view name_of(Privilege privilege) {
  switch (privilege) {
    case Privilege::none:
      return "";
    case Privilege::read:
      return "read";
    case Privilege::write_properties:
      return "write-properties";
    case Privilege::write_content:
      return "write-content";
    case Privilege::bind:
      return "bind";
    case Privilege::unbind:
      return "unbind";
    case Privilege::unlock:
      return "unlock";
    case Privilege::read_acl:
      return "read-acl";
    case Privilege::read_current_user_privilege_set:
      return "read-current-user-privilege-set";
    case Privilege::write_acl:
      return "write-acl";
    case Privilege::all:
      return "all";
  }
  return "";
}

}  // namespace dav
