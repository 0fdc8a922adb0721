#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "dav/content/content_line.h"

namespace dav::calendar {

/// How much of a calendar is shown.
enum class Disclosure {
  everything,  ///< to its owner
  public_,     ///< what CLASS (RFC 5545 3.8.1.3) lets everybody see: of CONFIDENTIAL the times alone, of others nothing
  busy,        ///< when somebody is busy, and nothing else
};

/// What stands for a UID where only times are shown; the same for the same one.
using MaskUid = std::function<std::string(std::string_view uid)>;

/// Appends what may be seen of an object's components, its time zones excepted. An override that may not be seen in a
/// series that may leaves a cancelled occurrence: without it the occurrence would show up where it was planned first.
void append_disclosed(const content::Component& calendar, Disclosure disclosure, const MaskUid& mask, std::string& out);

/// Whether CLASS lets everybody see an event or a card: it is absent or PUBLIC.
bool is_public(const content::Component& component);

}  // namespace dav::calendar
