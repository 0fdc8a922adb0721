#pragma once

#include "dav/dispatch.h"
#include "dav/methods/incoming.h"

namespace dav {

// Managed attachments, RFC 8607.

/// Whether the head asks for something to be done with an attachment of a calendar object: POST with an "action" in the
/// query, or to what looks like an object. Pure.
bool asks_for_attachment(const Request& head);

/// The first half of such a POST: what it asks for, and the attachment staged.
Action prepare_attachment(const Request& request, const Environment& environment);

/// Whether an object that is put may refer to the attachments that it refers to. Throws
/// Error{valid_managed_id_parameter, max_attachments_per_resource}.
void check_attachments(Context& context, const Incoming& incoming, storage::Id account);

/// The name that a Content-Disposition (RFC 6266) gives a file, fit for one (RFC 6266 4.3): without folders, control
/// characters and what isn't UTF-8. "attachment" where there is none.
std::string file_name_of(std::string_view content_disposition);

}  // namespace dav
