#pragma once

#include <span>
#include <string_view>

#include "dav/dispatch.h"
#include "dav/xml.h"

namespace dav {

/// One report, a row of the table in methods/report.cpp.
struct ReportRow {
  std::string_view ns;
  std::string_view name;
  KindSet on;           ///< where it is answered (DAV:supported-report-set)
  Privilege privilege;  ///< what it needs on the target
  /// The pure first half, as of a Method. `root` lives only as long as the call.
  Action (*prepare)(const xml::Element& root, const Request& request, const Environment& environment);
};

std::span<const ReportRow> reports();

/// The row for a report; null for one that is not known.
const ReportRow* find_report(std::string_view ns, std::string_view name);

}  // namespace dav
