#include <set>

#include "dav/reports/answer.h"
#include "dav/reports/reports.h"

namespace dav {

namespace {

struct Query {
  ReportRequest request;
  std::vector<std::string> hrefs;
};

Query parse(const xml::Element& root, const Request& request, const Environment& environment) {
  Query query{read_report_request(root, request, environment), {}};
  for (const auto* child : root.children()) {
    if (child->is(condition::DAV, "href")) query.hrefs.push_back(child->text());
  }
  if (query.hrefs.empty()) throw Error{condition::bad_request, "a multiget names resources by DAV:href"};
  return query;
}

class Multiget {
 public:
  Multiget(const Context& context, const Query& query)
      : context_(context), query_(query), answer_(context, query.request) {}

  Response run() {
    if (context_.target.collection && query_.hrefs.size() > 100)
      answer_.walk().load_stored(*context_.target.collection);
    for (const auto& href : query_.hrefs) {
      // RFC 4791 7.9: a resource that isn't there is answered by a status of its own.
      if (!get(href)) answer_.multistatus().add_status(href, 404);
    }
    return answer_.finish();
  }

 private:
  bool get(const std::string& href) {
    const auto address = address_of(href);
    if (!address || !is_below(*address)) return false;
    const auto& own = context_.target.address.segments;
    if (context_.target.collection && address->segments.size() == own.size() + 1) {
      return member_of(*context_.target.collection, context_.target.href, address->segments.back());
    }
    const auto target = resolve(context_.transaction, *address);
    if (!target.exists || !target.parent || !target.account) return false;
    const auto parent = target.href.substr(0, target.href.rfind('/') + 1);
    return member_of(*target.parent, parent, target.name);
  }

  std::optional<Address> address_of(const std::string& href) const {
    try {
      return parse_reference(href, context_.request.authority);
    } catch (const Error&) {
      return std::nullopt;  // what is no path of ours names nothing here
    }
  }

  bool is_below(const Address& address) const {
    const auto& own = context_.target.address;
    return address.area == own.area && address.account == own.account &&
           address.segments.size() >= own.segments.size() &&
           std::equal(own.segments.begin(), own.segments.end(), address.segments.begin());
  }

  bool member_of(const storage::Collection& parent, std::string_view parent_href, const std::string& name) {
    const auto kind = row(kind_of(parent.kind)).member;
    if (kind != Kind::calendar_object && kind != Kind::card) return false;
    // Once is enough: a list of one name over and over would make an answer without bounds.
    if (!given_.insert({parent.id, name}).second) return true;
    const auto member = context_.transaction.member(parent.id, name, answer_.bytes(kind));
    if (!member || member->child != 0) return false;
    answer_.walk().visit_member(*context_.target.account, parent, *member, parent_href);
    return true;
  }

  const Context& context_;
  const Query& query_;
  ReportAnswer answer_;
  std::set<std::pair<storage::Id, std::string>> given_;
};

}  // namespace

// RFC 4791 7.9, RFC 6352 8.7. Depth means nothing here.
Action prepare_multiget(const xml::Element& root, const Request& request, const Environment& environment) {
  return [query = parse(root, request, environment)](Context& context) { return Multiget(context, query).run(); };
}

}  // namespace dav
