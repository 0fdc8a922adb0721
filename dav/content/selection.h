#pragma once

#include <string>
#include <string_view>

#include "dav/content/content_line.h"

namespace dav::content {

/// A property that is asked for, with or without its value. RFC 4791 9.6.4, RFC 6352 10.4.2
struct PropertyRequest {
  std::string name;
  bool no_value = false;
};

/// Appends the line without its value: "just the … property name and any … parameters and a trailing ":" without the
/// subsequent value data".
void append_without_value(std::string& out, const Property& property);

}  // namespace dav::content
