#pragma once

#include <span>
#include <string>
#include <vector>

#include "dav/property.h"

namespace dav {

/// One DAV:set or DAV:remove of one property; the element belongs to the request's document.
struct PropertyInstruction {
  bool remove = false;
  const xml::Element* element = nullptr;
};

/// The instructions among the children of `root` (DAV:propertyupdate, DAV:mkcol, CALDAV:mkcalendar), in order. Throws
/// Error{bad_request} for a DAV:set or DAV:remove without its DAV:prop.
std::vector<PropertyInstruction> read_instructions(const xml::Element& root);

struct PropertyResult {
  std::string ns;
  std::string name;
  int status = 200;
  std::optional<Error> error;
};

struct PropertyUpdate {
  bool done = false;     ///< all of it; otherwise nothing
  bool changed = false;  ///< something is now other than it was
  std::vector<PropertyResult> results;
};

/// Whether the resource is being made by the same request: then DAV:resourcetype and
/// CALDAV:supported-calendar-component-set are the method's own, and count as done here.
enum class Creating { no, yes };

/// Follows the instructions in order, all or nothing (RFC 4918 9.2). Takes a modseq where something changed. The
/// resource needs no Resource::stored.
PropertyUpdate apply_properties(const Context& context, const Resource& resource,
                                std::span<const PropertyInstruction> instructions, Creating creating = Creating::no);

/// Appends the results as DAV:propstat elements, for a DAV:response, DAV:mkcol-response or CALDAV:mkcalendar-response.
void append_propstats(const std::vector<PropertyResult>& results, std::string& out);

}  // namespace dav
