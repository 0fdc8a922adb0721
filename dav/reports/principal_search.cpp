#include <unicode/unistr.h>

#include <algorithm>
#include <charconv>

#include "dav/directory.h"
#include "dav/properties/values.h"
#include "dav/reports/answer.h"
#include "dav/reports/reports.h"

// Finding other accounts: by name and address, and no more than these is shown of them.

namespace dav {

namespace {

constexpr std::string_view DAV = condition::DAV;
constexpr std::string_view CALDAV = condition::CALDAV;
constexpr std::string_view CS = condition::CS;

constexpr std::size_t most_found = 500;

std::string folded(std::string_view text) {
  std::string out;
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())))
      .foldCase()
      .toUTF8String(out);
  return out;
}

enum class MatchType { contains, equals, starts_with, ends_with };

MatchType match_type(std::string_view name) {
  if (name == "equals") return MatchType::equals;
  if (name == "starts-with") return MatchType::starts_with;
  if (name == "ends-with") return MatchType::ends_with;
  return MatchType::contains;
}

bool matches(std::string_view value, std::string_view wanted, MatchType type) {
  switch (type) {
    case MatchType::equals:
      return value == wanted;
    case MatchType::starts_with:
      return value.starts_with(wanted);
    case MatchType::ends_with:
      return value.ends_with(wanted);
    case MatchType::contains:
      break;
  }
  return value.find(wanted) != std::string_view::npos;
}

std::string shown_name(const storage::Account& account) {
  return account.display_name.empty() ? account.name : account.display_name;
}

std::string_view user_type(const storage::Account& account) {
  switch (account.kind) {
    case storage::AccountKind::group:
      return "GROUP";
    case storage::AccountKind::room:
      return "ROOM";
    case storage::AccountKind::resource:
      return "RESOURCE";
    case storage::AccountKind::user:
      break;
  }
  return "INDIVIDUAL";
}

/// What an account can be found by under the name of a property.
std::vector<std::string> values_of(const storage::Account& account, const PropertyName& property) {
  std::vector<std::string> values;
  const auto is = [&](std::string_view ns, std::string_view name) {
    return property.name == name && property.ns == ns;
  };
  if (is(DAV, "displayname")) values.push_back(shown_name(account));
  if (is(CALDAV, "calendar-user-type")) values.emplace_back(user_type(account));
  if (is(CS, "email-address-set")) values = account.addresses;
  if (is(CALDAV, "calendar-user-address-set") || is(DAV, "alternate-URI-set")) {
    for (const auto& address : account.addresses) values.push_back("mailto:" + address);
  }
  return values;
}

/// One DAV:property-search: any of its properties holds the text.
struct Condition {
  std::vector<PropertyName> properties;
  std::string text;  ///< folded
  MatchType type = MatchType::contains;

  bool holds(const storage::Account& account) const {
    return std::any_of(properties.begin(), properties.end(), [&](const PropertyName& property) {
      const auto values = values_of(account, property);
      return std::any_of(values.begin(), values.end(),
                         [&](const std::string& value) { return matches(folded(value), text, type); });
    });
  }
};

struct Query {
  ReportRequest request;
  std::vector<Condition> conditions;
  bool any = false;            ///< one of them is enough; without any, everybody is found
  std::string_view user_type;  ///< empty for every
  std::size_t limit = most_found;

  bool holds(const storage::Account& account) const {
    if ((!user_type.empty() && user_type != dav::user_type(account))) return false;
    const auto holds = [&](const Condition& condition) { return condition.holds(account); };
    return any && !conditions.empty() ? std::any_of(conditions.begin(), conditions.end(), holds)
                                      : std::all_of(conditions.begin(), conditions.end(), holds);
  }
};

Response answer(const Query& query, Context& context) {
  ReportAnswer answer(context, query.request);
  std::size_t found = 0;
  for (auto& one : context.transaction.accounts()) {
    const auto found_account = listed(std::move(one), context.principal.account);
    if (!found_account || !query.holds(*found_account)) continue;
    const storage::Account& account = *found_account;
    if (found++ == query.limit) {
      const Error limit{condition::number_of_matches_within_limits};
      answer.multistatus().add_status(context.target.href, limit.status(), &limit);
      break;
    }
    const auto href = principal_href(account.name);
    Resource resource;
    resource.kind = Kind::principal;
    resource.href = href;
    resource.account = &account;
    answer.write(resource);
  }
  return answer.finish();
}

void check_depth(const Request& request) {
  if (depth(request.headers).value_or(Depth::zero) != Depth::zero) {
    throw Error{condition::bad_request, "the Depth of this report is 0"};
  }
}

Condition property_search_in(const xml::Element& element) {
  const auto* prop = element.child(DAV, "prop");
  const auto* match = element.child(DAV, "match");
  if (!prop || !match) throw Error{condition::bad_request, "a DAV:property-search holds a DAV:prop and a DAV:match"};
  Condition condition;
  for (const auto* child : prop->children()) condition.properties.push_back({std::string(child->ns), child->name});
  condition.text = folded(match->text());
  condition.type = match_type(match->attribute("match-type"));
  if (condition.text.empty()) throw Error{condition::bad_request, "nothing is searched for"};
  return condition;
}

/// python-caldav (3.6 and before) names the properties beside an empty DAV:prop, and not in it.
void read_stray_names(const xml::Element& root, PropertyRequest& properties) {
  if (properties.what != PropertyRequest::What::named || !properties.names.empty()) return;
  for (const auto* child : root.children()) {
    if (child->is(DAV, "displayname") || child->is(CALDAV, "calendar-home-set")) {
      properties.names.push_back({std::string(child->ns), child->name});
    }
  }
}

std::size_t limit_in(const xml::Element& root) {
  const auto* limit = root.child(CS, "limit");
  if (!limit) limit = root.child(DAV, "limit");
  if (!limit) return most_found;
  const auto* results = limit->child(CS, "nresults");
  if (!results) results = limit->child(DAV, "nresults");
  const auto text = results ? results->text() : std::string();
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return most_found;
  return std::clamp<std::size_t>(value, 1, most_found);
}

std::string_view type_of_context(std::string_view context) {
  if (context == "user") return "INDIVIDUAL";
  if (context == "group") return "GROUP";
  if (context == "location") return "ROOM";
  if (context == "resource") return "RESOURCE";
  return {};  // attendee: whoever can be invited
}

}  // namespace

// RFC 3744 9.4. The attributes test and match-type are those of Apple's servers. A search for nothing in particular,
// which the RFC's grammar doesn't have, is how python-caldav lists everybody.
Action prepare_principal_property_search(const xml::Element& root, const Request& request,
                                         const Environment& environment) {
  check_depth(request);
  Query query;
  query.request = read_report_request(root, request, environment);
  query.any = root.attribute("test") == "anyof";
  query.limit = limit_in(root);
  for (const auto* child : root.children()) {
    if (child->is(DAV, "property-search")) query.conditions.push_back(property_search_in(*child));
  }
  read_stray_names(root, query.request.properties);
  return [query = std::move(query)](Context& context) { return answer(query, context); };
}

/// What Apple's clients look attendees up with: every word must be found, in the name or in an address.
Action prepare_calendarserver_principal_search(const xml::Element& root, const Request& request,
                                               const Environment& environment) {
  check_depth(request);
  Query query;
  query.request = read_report_request(root, request, environment);
  query.user_type = type_of_context(root.attribute("context"));
  query.limit = limit_in(root);
  for (const auto* child : root.children()) {
    if (!child->is(CS, "search-token") || child->text().empty()) continue;
    query.conditions.push_back(
        {{{std::string(DAV), "displayname"}, {std::string(CS), "email-address-set"}}, folded(child->text())});
  }
  if (query.conditions.empty()) throw Error{condition::bad_request, "nothing is searched for"};
  return [query = std::move(query)](Context& context) { return answer(query, context); };
}

// RFC 3744 9.5
Action prepare_principal_search_property_set(const xml::Element&, const Request& request, const Environment&) {
  check_depth(request);
  return [](Context&) {
    std::string body = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:principal-search-property-set ";
    body.append(xml::root_namespaces).append(">");
    const auto append = [&](std::string_view ns, std::string_view name, std::string_view description) {
      body += "<D:principal-search-property><D:prop>";
      xml::empty_tag(body, ns, name);
      body.append("</D:prop><D:description xml:lang=\"en\">").append(description);
      body += "</D:description></D:principal-search-property>";
    };
    append(DAV, "displayname", "Name");
    append(CS, "email-address-set", "E-mail address");
    append(CALDAV, "calendar-user-address-set", "Address of a calendar user");
    append(CALDAV, "calendar-user-type", "Kind of calendar user");
    body += "</D:principal-search-property-set>\n";
    Response response;
    response.headers.set("Content-Type", "application/xml; charset=utf-8");
    response.body.push_back({std::move(body), nullptr, 0, 0});
    return response;
  };
}

}  // namespace dav
