#include "dav/properties/values.h"
#include "dav/reports/answer.h"
#include "dav/reports/reports.h"

namespace dav {

namespace {

struct Query {
  ReportRequest request;
  std::optional<PropertyName> property;  ///< nothing for DAV:self
};

Query parse(const xml::Element& root, const Request& request, const Environment& environment) {
  if (depth(request.headers).value_or(Depth::zero) != Depth::zero) {
    throw Error{condition::bad_request, "the Depth of this report is 0"};
  }
  Query query{read_report_request(root, request, environment), std::nullopt};
  if (root.child(condition::DAV, "self")) return query;
  const auto* property = root.child(condition::DAV, "principal-property");
  if (!property || property->children().size() != 1) {
    throw Error{condition::bad_request, "a DAV:principal-match holds DAV:self or DAV:principal-property"};
  }
  const auto* name = property->children().front();
  query.property = PropertyName{std::string(name->ns), name->name};
  return query;
}

/// Whether the property of the resource refers to who asks.
bool refers_to_self(const Context& context, const Resource& resource, const PropertyName& name) {
  const auto* row = find_property(name.ns, name.name, resource.kind);
  std::string value;
  if (!row || !row->read || !row->read(context, resource, value)) return false;
  std::string own;
  append_href(own, principal_href(context.principal.name));
  return value.find(own) != std::string::npos;
}

Response answer(const Query& query, Context& context) {
  ReportAnswer answer(context, query.request);
  if (!query.property) {
    // The principals that match are oneself and one's groups, and they stand below one root alone.
    if (context.target.kind == Kind::principal_root) answer.walk().run(context.target, Depth::one, true);
    return answer.finish();
  }
  Walk candidates(
      context,
      [](Kind) {
        return Needs{true, storage::WithBytes::no};
      },
      [&](const Resource& resource) {
        if (refers_to_self(context, resource, *query.property)) answer.write(resource);
      });
  candidates.run(context.target, Depth::infinity, true);
  return answer.finish();
}

}  // namespace

// RFC 3744 9.3
Action prepare_principal_match(const xml::Element& root, const Request& request, const Environment& environment) {
  return [query = parse(root, request, environment)](Context& context) { return answer(query, context); };
}

// RFC 3744 9.2: the principals in the access control list are one, the owner.
Action prepare_acl_principal_prop_set(const xml::Element& root, const Request& request,
                                      const Environment& environment) {
  if (depth(request.headers).value_or(Depth::zero) != Depth::zero) {
    throw Error{condition::bad_request, "the Depth of this report is 0"};
  }
  return [query = read_report_request(root, request, environment)](Context& context) {
    ReportAnswer answer(context, query);
    if (context.target.account) {
      const auto href = principal_href(context.target.account->name);
      Resource resource;
      resource.kind = Kind::principal;
      resource.href = href;
      resource.account = &*context.target.account;
      answer.write(resource);
    }
    return answer.finish();
  };
}

}  // namespace dav
