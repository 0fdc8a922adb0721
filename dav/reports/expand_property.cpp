#include "dav/access.h"
#include "dav/reports/answer.h"
#include "dav/reports/reports.h"

namespace dav {

namespace {

/// One DAV:property of the body.
struct Wanted {
  PropertyName name;
  std::vector<Wanted> within;  ///< asked of the resources that the property's value refers to
};

struct Query {
  std::vector<Wanted> wanted;
  Depth depth = Depth::zero;
  Preferences preferences;
};

constexpr std::size_t most_resources = 10000;

std::vector<Wanted> properties_in(const xml::Element& element) {
  std::vector<Wanted> wanted;
  for (const auto* child : element.children()) {
    if (!child->is(condition::DAV, "property")) continue;
    const auto name = child->attribute("name"), ns = child->attribute("namespace");
    if (!xml::is_name(name)) throw Error{condition::bad_request, "a DAV:property has the name of an element"};
    wanted.push_back({{std::string(ns.empty() ? condition::DAV : ns), std::string(name)}, properties_in(*child)});
  }
  return wanted;
}

class Expansion {
 public:
  Expansion(const Context& context, bool minimal) : context_(context), minimal_(minimal) {}

  void append_response(const Resource& resource, const std::vector<Wanted>& wanted, std::string& out) {
    if (++resources_ > most_resources) throw Error{condition::number_of_matches_within_limits, "too many resources"};
    append_href(resource.href, out);
    std::string found, missing;
    for (const auto& property : wanted) {
      const auto element = read(resource, property.name);
      if (element.empty()) {
        xml::empty_tag(missing, property.name.ns, property.name.name);
      } else if (property.within.empty()) {
        found += element;
      } else {
        expand(element, property, found);
      }
    }
    if (!found.empty() || missing.empty() || minimal_) append_propstat(found, 200, out);
    if (!missing.empty() && !minimal_) append_propstat(missing, 404, out);
    out += "</D:response>";
  }

 private:
  static void append_href(std::string_view href, std::string& out) {
    out += "<D:response><D:href>";
    xml::escape(out, href);
    out += "</D:href>";
  }

  static void append_propstat(std::string_view content, int status, std::string& out) {
    out.append("<D:propstat><D:prop>").append(content).append("</D:prop><D:status>");
    out.append(status_line(status)).append("</D:status></D:propstat>");
  }

  /// The property's whole element; empty where the resource has none.
  std::string read(const Resource& resource, const PropertyName& name) const {
    const auto* row = find_property(name.ns, name.name, resource.kind);
    if (!row || row->write) {
      if (const auto* stored = find_stored(resource, name.ns, name.name)) return stored->xml;
    }
    std::string content, out;
    if (!row || !row->read || !row->read(context_, resource, content)) return out;
    xml::open_tag(out, name.ns, name.name);
    out += content;
    xml::close_tag(out, name.ns, name.name);
    return out;
  }

  /// RFC 3253 3.8: each DAV:href in the value becomes a DAV:response with the properties of what it names.
  void expand(const std::string& element, const Wanted& property, std::string& out) {
    std::string wrapped = "<D:prop ";
    wrapped.append(xml::root_namespaces).append(">").append(element).append("</D:prop>");
    const auto document = xml::Document::parse(wrapped);
    xml::open_tag(out, property.name.ns, property.name.name);
    for (const auto* child : document.root().children().front()->children()) {
      if (child->is(condition::DAV, "href")) append_expanded(child->text(), property.within, out);
    }
    xml::close_tag(out, property.name.ns, property.name.name);
  }

  void append_expanded(const std::string& href, const std::vector<Wanted>& wanted, std::string& out) {
    int status = 404;
    try {
      if (const auto address = parse_reference(href, context_.request.authority)) {
        const auto target = resolve(context_.transaction, *address);
        permit(context_.transaction, context_.principal, target, Privilege::read);
        if (target.exists) {
          auto resource = resource_at(target);
          std::vector<storage::Property> stored;
          if (target.property_collection() != 0) {
            stored = context_.transaction.properties(target.property_collection(), target.property_member());
          }
          resource.stored = stored;
          return append_response(resource, wanted, out);
        }
      }
    } catch (const Error& error) {
      if (error.condition().element == condition::number_of_matches_within_limits.element) throw;
      status = error.status();
    }
    append_href(href, out);
    out.append("<D:status>").append(status_line(status)).append("</D:status></D:response>");
  }

  const Context& context_;
  bool minimal_;
  std::size_t resources_ = 0;
};

Response answer(const Query& query, Context& context) {
  Multistatus multistatus(context.environment.store.spool_directory());
  Expansion expansion(context, query.preferences.minimal);
  Walk walk(
      context,
      [](Kind) {
        return Needs{true, storage::WithBytes::no};
      },
      [&](const Resource& resource) {
        std::string response;
        expansion.append_response(resource, query.wanted, response);
        multistatus.out() += response;
        multistatus.flush();
      });
  walk.run(context.target, query.depth);
  auto response = multistatus.finish();
  apply_preferences(query.preferences, true, false, response.headers);
  return response;
}

}  // namespace

// RFC 3253 3.8
Action prepare_expand_property(const xml::Element& root, const Request& request, const Environment&) {
  Query query{properties_in(root), depth(request.headers).value_or(Depth::zero), preferences(request.headers)};
  if (query.depth == Depth::infinity) throw Error{condition::bad_request, "the Depth of this report is 0 or 1"};
  return [query = std::move(query)](Context& context) { return answer(query, context); };
}

}  // namespace dav
