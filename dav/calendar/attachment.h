#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dav/calendar/object.h"
#include "dav/calendar/zone_scope.h"

namespace dav::calendar {

// RFC 8607: what the server changes in an object for its managed attachments. Everything that isn't named here stays,
// octet by octet.

/// What an ATTACH with MANAGED-ID says.
struct ManagedAttachment {
  std::string managed_id;
  std::optional<std::string> size;  ///< SIZE as written; nothing where it isn't said
};

/// All of an object, in the order of the text; one that stands in several components comes several times.
std::vector<ManagedAttachment> managed_attachments(const Object& object);

/// An ATTACH as the server writes it.
struct AttachmentLine {
  std::string managed_id;
  std::string uri;
  std::string media_type;  ///< type and subtype
  std::string name;
  std::string size;
};

/// Which components are meant (RFC 8607 3.3.2): values of RECURRENCE-ID as they stand, or "M"; nothing for all.
using AttachmentScope = std::optional<std::vector<std::string>>;

/// Why an edit can't be made: the precondition of RFC 8607 3.11 that fails.
enum class AttachmentFault { valid_rid, valid_managed_id };

using Edited = std::variant<std::string, AttachmentFault>;

/// RFC 8607 3.4. An occurrence that has no component gets one, made of the master.
Edited add_attachment(const Object& object, const ZoneScope& scope, const AttachmentScope& instances,
                      const AttachmentLine& line);

/// RFC 8607 3.5. Parameters that aren't the server's stay.
Edited update_attachment(const Object& object, std::string_view managed_id, const AttachmentLine& line);

/// RFC 8607 3.6. An occurrence that has no component gets one without the attachment.
Edited remove_attachment(const Object& object, const ZoneScope& scope, const AttachmentScope& instances,
                         std::string_view managed_id);

/// RFC 8607 3.7: the object with another SIZE at each ATTACH of that managed id.
std::string with_size(const Object& object, std::string_view managed_id, std::string_view size);

/// The object without the MANAGED-IDs of which `unknown` is true: what stays is an ATTACH with a URI like any other.
std::string without_managed_ids(const Object& object, const std::function<bool(std::string_view)>& unknown);

}  // namespace dav::calendar
