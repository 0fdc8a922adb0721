#pragma once

#include "dav/reports/report.h"

namespace dav {

// The pure first halves of the reports, one file each; methods/report.cpp has the table.

Action prepare_sync_collection(const xml::Element& root, const Request& request, const Environment& environment);
Action prepare_expand_property(const xml::Element& root, const Request& request, const Environment& environment);
Action prepare_multiget(const xml::Element& root, const Request& request, const Environment& environment);
Action prepare_calendar_query(const xml::Element& root, const Request& request, const Environment& environment);
Action prepare_free_busy(const xml::Element& root, const Request& request, const Environment& environment);
Action prepare_addressbook_query(const xml::Element& root, const Request& request, const Environment& environment);
Action prepare_acl_principal_prop_set(const xml::Element& root, const Request& request, const Environment& environment);
Action prepare_principal_match(const xml::Element& root, const Request& request, const Environment& environment);
Action prepare_principal_property_search(const xml::Element& root, const Request& request,
                                         const Environment& environment);
Action prepare_principal_search_property_set(const xml::Element& root, const Request& request,
                                             const Environment& environment);
Action prepare_calendarserver_principal_search(const xml::Element& root, const Request& request,
                                               const Environment& environment);

}  // namespace dav
