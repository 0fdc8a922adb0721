#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dav/dispatch.h"
#include "dav/property_update.h"
#include "dav/xml.h"

namespace dav {

/// A collection to be made, by MKCOL, extended MKCOL (RFC 5689) or MKCALENDAR (RFC 4791 5.3.1): they differ in the
/// body's root and in how a property that can't be set is answered.
struct NewCollection {
  std::optional<Kind> kind;                       ///< nothing: what its place makes of it
  bool subscribed = false;                        ///< CS:subscribed: a calendar that the server fetches from elsewhere
  std::string components;                         ///< of a calendar; empty for all
  std::optional<xml::Document> document;          ///< where the instructions' elements live
  std::vector<PropertyInstruction> instructions;  ///< the properties to set, in order
  std::optional<PropertyUpdate> refused;          ///< what it asks to be that there isn't here: nothing is made
};

/// Reads a body: which root it must have, and what its DAV:resourcetype and CALDAV:supported-calendar-component-set
/// say. Without a body, a plain one. Throws Error{unsupported_media_type}; what those two properties ask for in vain
/// is kept as refused.
NewCollection read_new_collection(const Request& request, const Environment& environment, std::string_view root_ns,
                                  std::string_view root_name);

/// Makes it, with all its properties. What comes back names the properties and whether they have been set; where they
/// haven't, the caller throws Undone.
PropertyUpdate make_collection(Context& context, const NewCollection& wanted);

/// The answer to a collection that has been made (RFC 8144 2.3).
Response answer_made(const Request& request);

}  // namespace dav
