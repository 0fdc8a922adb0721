#pragma once

#include "dav/property.h"

namespace dav {

/// How much of the bytes a report wants (RFC 4791 9.6, RFC 6352 10.4).
struct DataOptions {};

/// The octets of a member: those that came with it, or those that the store keeps.
std::string octets_of(const Context& context, const storage::Member& member);

/// Reads the CALDAV:calendar-data or CARDDAV:address-data in the DAV:prop of a report.
DataOptions read_data_options(const xml::Element& report);

/// Appends the content of CALDAV:calendar-data or CARDDAV:address-data for the resource's member, as its options say.
bool append_calendar_data(const Context& context, const Resource& resource, std::string& out);
bool append_address_data(const Context& context, const Resource& resource, std::string& out);

}  // namespace dav
