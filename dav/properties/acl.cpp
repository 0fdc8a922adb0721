#include <algorithm>
#include <array>

#include "dav/access.h"
#include "dav/properties/tables.h"
#include "dav/properties/values.h"

namespace dav {

namespace {

constexpr std::string_view DAV = condition::DAV;

bool is_calendar(Kind kind) { return kind == Kind::calendar || kind == Kind::calendar_home; }

// RFC 3744 5.1
bool owner(const Context&, const Resource& resource, std::string& out) {
  if (!resource.account) return false;
  append_href(out, principal_href(resource.account->name));
  return true;
}

// RFC 3744 5.2: no resource has a group.
bool group(const Context&, const Resource&, std::string&) { return true; }

// RFC 3744 5.3
bool supported_privilege_set(const Context&, const Resource& resource, std::string& out) {
  const auto open = [&](std::string_view name, std::string_view description) {
    out.append("<D:supported-privilege><D:privilege><").append(name).append("/></D:privilege>");
    out.append("<D:description xml:lang=\"en\">").append(description).append("</D:description>");
  };
  const auto close = [&] { out += "</D:supported-privilege>"; };
  const auto leaf = [&](std::string_view name, std::string_view description) { open(name, description), close(); };
  open("D:all", "Everything");
  open("D:read", "Read");
  // RFC 4791 6.1.1: "The CALDAV:read-free-busy privilege MUST be aggregated in the DAV:read privilege."
  if (is_calendar(resource.kind)) leaf("C:read-free-busy", "Read when one is busy");
  close();
  leaf("D:read-acl", "Read who may do what");
  leaf("D:read-current-user-privilege-set", "Read what oneself may do");
  open("D:write", "Change");
  leaf("D:write-properties", "Change properties");
  leaf("D:write-content", "Change content");
  leaf("D:bind", "Add members");
  leaf("D:unbind", "Remove members");
  close();
  leaf("D:unlock", "Take away locks");
  close();
  return true;
}

void append_privileges(const std::vector<Privilege>& held, std::string& out) {
  const auto has = [&](Privilege privilege) { return std::find(held.begin(), held.end(), privilege) != held.end(); };
  const auto append = [&](std::string_view name) {
    out.append("<D:privilege><D:").append(name).append("/></D:privilege>");
  };
  // RFC 3744 5.4: aggregates are named as well as what they contain; many clients look for DAV:write alone.
  if (has(Privilege::write_properties) && has(Privilege::write_content) && has(Privilege::bind) &&
      has(Privilege::unbind)) {
    append("write");
  }
  for (const auto privilege : held) {
    if (privilege != Privilege::none) append(name_of(privilege));
  }
}

// RFC 3744 5.4
bool current_user_privilege_set(const Context& context, const Resource& resource, std::string& out) {
  const auto held = privileges(context.transaction, context.principal, target_of(resource));
  append_privileges(held, out);
  // RFC 4791 6.1.1: contained in DAV:read.
  if (is_calendar(resource.kind) && std::find(held.begin(), held.end(), Privilege::read) != held.end()) {
    out += "<D:privilege><C:read-free-busy/></D:privilege>";
  }
  return true;
}

// RFC 3744 5.5: the owner may do everything, and nothing else is granted.
bool acl(const Context& context, const Resource& resource, std::string& out) {
  if (!resource.account) return true;
  storage::Principal own;
  own.account = resource.account->id;
  own.name = resource.account->name;
  out += "<D:ace><D:principal><D:property><D:owner/></D:property></D:principal><D:grant>";
  append_privileges(privileges(context.transaction, own, target_of(resource)), out);
  out += "</D:grant><D:protected/></D:ace>";
  return true;
}

// RFC 3744 5.6
bool acl_restrictions(const Context&, const Resource&, std::string& out) {
  out += "<D:grant-only/><D:no-invert/>";
  return true;
}

// RFC 3744 5.7
bool inherited_acl_set(const Context&, const Resource&, std::string&) { return true; }

// RFC 3744 5.8
bool principal_collection_set(const Context&, const Resource&, std::string& out) {
  append_href(out, home_href(Address::Area::principals, {}));
  return true;
}

// RFC 3744 4.1
bool alternate_uri_set(const Context&, const Resource& resource, std::string& out) {
  for (const auto& address : resource.account->addresses) append_href(out, "mailto:" + address);
  return true;
}

// RFC 3744 4.2
bool principal_url(const Context&, const Resource& resource, std::string& out) {
  append_href(out, principal_href(resource.account->name));
  return true;
}

/// Who is in which group is for those who are in it.
bool is_own(const Context& context, const Resource& resource) {
  return resource.account->id == context.principal.account;
}

// RFC 3744 4.3
bool group_member_set(const Context& context, const Resource& resource, std::string& out) {
  const auto own = context.transaction.groups_of(context.principal.account);
  const auto same = [&](const storage::Account& team) { return team.id == resource.account->id; };
  if (!is_own(context, resource) && std::none_of(own.begin(), own.end(), same)) return false;
  for (const auto& member : context.transaction.group_members(resource.account->id))
    append_href(out, principal_href(member.name));
  return true;
}

// RFC 3744 4.4
bool group_membership(const Context& context, const Resource& resource, std::string& out) {
  if (!is_own(context, resource)) return false;
  for (const auto& team : context.transaction.groups_of(resource.account->id))
    append_href(out, principal_href(team.name));
  return true;
}

constexpr KindSet owned = all_stored | all_objects | KindSet{Kind::principal};
constexpr KindSet principals{Kind::principal};

// Most clients ask any resource for DAV:principal-URL to find the principal; RFC 3744 4.2 has it on principals only.
constexpr std::array table{
    // RFC 3744 5
    PropertyRow{DAV, "owner", owned, false, owner, nullptr},
    PropertyRow{DAV, "group", owned, false, group, nullptr},
    PropertyRow{DAV, "supported-privilege-set", everything, false, supported_privilege_set, nullptr},
    PropertyRow{DAV, "current-user-privilege-set", everything, false, current_user_privilege_set, nullptr},
    PropertyRow{DAV, "acl", everything, false, acl, nullptr},
    PropertyRow{DAV, "acl-restrictions", everything, false, acl_restrictions, nullptr},
    PropertyRow{DAV, "inherited-acl-set", everything, false, inherited_acl_set, nullptr},
    PropertyRow{DAV, "principal-collection-set", everything, false, principal_collection_set, nullptr},
    // RFC 3744 4
    PropertyRow{DAV, "alternate-URI-set", principals, false, alternate_uri_set, nullptr},
    PropertyRow{DAV, "principal-URL", principals, false, principal_url, nullptr},
    PropertyRow{DAV, "group-member-set", principals, false, group_member_set, nullptr},
    PropertyRow{DAV, "group-membership", principals, false, group_membership, nullptr},
};

}  // namespace

std::span<const PropertyRow> acl_properties() { return table; }

}  // namespace dav
