#include "dav/headers.h"
#include "dav/methods/body.h"
#include "dav/methods/methods.h"
#include "dav/walk.h"

namespace dav {

namespace {

struct Query {
  PropertyRequest properties;
  Depth depth = Depth::infinity;
  Preferences preferences;
};

Query parse(const Request& request, const Environment& environment) {
  Query query;
  // RFC 4918 9.1: "Servers SHOULD treat a request without a Depth header as if a "Depth: infinity" header was
  // included."
  query.depth = depth(request.headers).value_or(Depth::infinity);
  query.preferences = preferences(request.headers);
  // RFC 4918 9.1: "An empty PROPFIND request body MUST be treated as if it were an 'allprop' request."
  if (request.body.empty()) return query;
  const auto document = parse_body(request, environment);
  if (!document.root().is(condition::DAV, "propfind"))
    throw Error{condition::bad_request, "the body is a DAV:propfind"};
  auto properties = read_property_request(document.root());
  if (!properties) throw Error{condition::bad_request, "a DAV:propfind holds DAV:prop, DAV:allprop or DAV:propname"};
  query.properties = std::move(*properties);
  return query;
}

// RFC 4918 9.1.1
void check_depth(const Query& query, const Context& context) {
  if (query.depth != Depth::infinity || !row(context.target.kind).collection) return;
  const auto& settings = context.environment.settings;
  const bool above = all_roots.has(context.target.kind);
  if (above ? settings.infinite_depth_above_homes : settings.infinite_depth_in_homes) return;
  throw Error{condition::propfind_finite_depth, "Depth: infinity is not answered here; 0 and 1 are"};
}

Response answer(const Query& query, Context& context) {
  if (!context.target.exists) throw Error{condition::not_found};
  check_depth(query, context);

  Multistatus answer(context.environment.store.spool_directory());
  PropertyWriter writer(query.properties, query.preferences.minimal);
  Walk walk(
      context,
      [&](Kind kind) {
        return Needs{writer.needs_stored(kind), storage::WithBytes::no};
      },
      [&](const Resource& resource) { writer.write(context, resource, answer); });
  walk.run(context.target, query.depth, query.preferences.depth_noroot);

  auto response = answer.finish();
  apply_preferences(query.preferences, true, true, response.headers);
  return response;
}

}  // namespace

Action prepare_propfind(const Request& request, const Environment& environment) {
  return [query = parse(request, environment)](Context& context) { return answer(query, context); };
}

}  // namespace dav
