#include "dav/reports/report.h"

#include <algorithm>
#include <array>

#include "dav/access.h"
#include "dav/error.h"
#include "dav/methods/body.h"
#include "dav/methods/methods.h"
#include "dav/reports/reports.h"

namespace dav {

namespace {

constexpr std::string_view DAV = condition::DAV;
constexpr std::string_view CALDAV = condition::CALDAV;
constexpr std::string_view CARDDAV = condition::CARDDAV;
constexpr std::string_view CS = condition::CS;

constexpr KindSet calendars{Kind::calendar, Kind::calendar_home, Kind::inbox};
constexpr KindSet books{Kind::addressbook, Kind::addressbook_home, Kind::directory};
constexpr KindSet searched = all_homes | KindSet{Kind::root, Kind::dav_root, Kind::principal_root, Kind::principal};

// name, on, privilege, prepare
constexpr std::array table{
    // RFC 6578 3
    ReportRow{DAV, "sync-collection", all_stored, Privilege::read, prepare_sync_collection},
    // RFC 3253 3.8
    ReportRow{DAV, "expand-property", everything, Privilege::read, prepare_expand_property},
    // RFC 3744 9
    ReportRow{DAV, "acl-principal-prop-set", all_stored | all_objects, Privilege::read_acl,
              prepare_acl_principal_prop_set},
    ReportRow{DAV, "principal-match", all_stored | KindSet{Kind::principal_root}, Privilege::read,
              prepare_principal_match},
    ReportRow{DAV, "principal-property-search", searched, Privilege::read, prepare_principal_property_search},
    ReportRow{DAV, "principal-search-property-set", searched, Privilege::read, prepare_principal_search_property_set},
    ReportRow{CS, "calendarserver-principal-search", searched, Privilege::read,
              prepare_calendarserver_principal_search},
    // RFC 4791 7.8, 7.9, 7.10
    ReportRow{CALDAV, "calendar-query", calendars, Privilege::read, prepare_calendar_query},
    ReportRow{CALDAV, "calendar-multiget", calendars | KindSet{Kind::calendar_object}, Privilege::read,
              prepare_multiget},
    ReportRow{CALDAV, "free-busy-query", KindSet{Kind::calendar} | KindSet{Kind::calendar_home}, Privilege::read,
              prepare_free_busy},
    // RFC 6352 8.6, 8.7
    ReportRow{CARDDAV, "addressbook-query", books, Privilege::read, prepare_addressbook_query},
    ReportRow{CARDDAV, "addressbook-multiget", books | KindSet{Kind::card}, Privilege::read, prepare_multiget},
};

/// More than any client asks for. What is asked for is looked at for every member, so there is a bound to it; but not
/// to the resources that are named.
constexpr std::size_t most_elements = 300;

void check_size(const xml::Element& root) {
  std::size_t count = 0;
  for (const auto* child : root.children()) {
    if (!child->is(DAV, "href")) count += xml::count_elements(*child);
  }
  if (count > most_elements) throw Error{condition::bad_request, "the report asks for too much"};
}

}  // namespace

std::span<const ReportRow> reports() { return table; }

const ReportRow* find_report(std::string_view ns, std::string_view name) {
  const auto all = reports();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const ReportRow& row) { return row.name == name && row.ns == ns; });
  return found == all.end() ? nullptr : &*found;
}

Action prepare_report(const Request& request, const Environment& environment) {
  const auto document = parse_body(request, environment);
  const auto* report = find_report(document.root().ns, document.root().name);
  // RFC 3253 3.6: DAV:supported-report.
  if (!report) throw Error{condition::supported_report, "there is no report of that name"};
  check_size(document.root());
  return [report, run = report->prepare(document.root(), request, environment)](Context& context) {
    if (!context.target.exists) throw Error{condition::not_found};
    if (!report->on.has(context.target.kind))
      throw Error{condition::supported_report, "this report is not answered here"};
    permit(context.transaction, context.principal, context.target, report->privilege);
    return run(context);
  };
}

}  // namespace dav
