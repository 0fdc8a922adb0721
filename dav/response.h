#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dav/request.h"
#include "storage/spool.h"

namespace dav {

/// One answer. The front adds Date, Content-Length and connection fields, and applies a content coding where the
/// answer has no strong entity tag and its media type is XML or text.
struct Response {
  int status = 200;
  Headers headers;
  std::vector<storage::Segment> body;  ///< sent in order; empty for none

  std::string refusal;  ///< for the log line: why a refusal was made; never sent
};

}  // namespace dav
