#pragma once

#include "dav/calendar/calendar_data.h"
#include "dav/contacts/address_data.h"
#include "dav/form.h"
#include "dav/property.h"
#include "dav/reports/query_zone.h"

namespace dav {

/// How much of the bytes a report wants (RFC 4791 9.6, RFC 6352 10.4).
struct DataOptions {
  calendar::CalendarDataRequest calendar;
  contacts::AddressDataRequest card;
  Form calendar_form;                             ///< RFC 7265, RFC 7809 7.1
  Form card_form;                                 ///< RFC 7095; its images set by ReportAnswer where it matters
  bool wants_cards = false;                       ///< there is an address-data
  QueryZone zone;                                 ///< for what is read as times
  const calendar::Zone* floating_zone = nullptr;  ///< of the calendar at hand; set by ReportAnswer where it matters
  const calendar::Object* object = nullptr;       ///< the object at hand, where it has been read already
};

/// Reads the CALDAV:calendar-data or CARDDAV:address-data in the DAV:prop of a report. Throws
/// Error{supported_calendar_data, supported_address_data, valid_filter}.
DataOptions read_data_options(const xml::Element& report, const Request& request, const Environment& environment);

/// Appends the content of CALDAV:calendar-data or CARDDAV:address-data for the resource's member, as its options say.
/// Throws Error{number_of_matches_within_limits} where an expansion has too many instances.
bool append_calendar_data(const Context& context, const Resource& resource, std::string& out);
bool append_address_data(const Context& context, const Resource& resource, std::string& out);

}  // namespace dav
