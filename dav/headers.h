#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dav/request.h"
#include "dav/response.h"

namespace dav {

/// RFC 4918 10.2
enum class Depth { zero, one, infinity };

/// The Depth header; nothing where there is none. Throws Error{bad_request} for a value that the RFC doesn't know.
std::optional<Depth> depth(const Headers& headers);

/// What Prefer (RFC 7240, RFC 8144) and Brief ask for.
struct Preferences {
  bool minimal = false;         ///< return=minimal, or Brief: t
  bool representation = false;  ///< return=representation
  bool depth_noroot = false;    ///< RFC 8144 4
  bool brief = false;           ///< it was Brief that asked for minimal
};

/// Never refuses: a preference that isn't understood is ignored (RFC 7240 2).
Preferences preferences(const Headers& headers);

/// Says in the answer which of them were followed (Preference-Applied) and that it varies by them (Vary).
void apply_preferences(const Preferences& asked, bool minimal_applied, bool noroot_applied, Headers& answer);

/// The Overwrite header (RFC 4918 10.6); true where there is none. Throws Error{bad_request}.
bool overwrite(const Headers& headers);

/// The first time-out of the Timeout header that can be read, in seconds (RFC 4918 10.7); `infinite` for Infinite;
/// nothing without the header or where nothing in it can be read.
inline constexpr std::int64_t infinite_timeout = INT64_MAX;
std::optional<std::int64_t> timeout(const Headers& headers);

/// The media type of a Content-Type value: lower case, without parameters; empty where there is none.
std::string media_type(std::string_view content_type);

/// A parameter of a Content-Type value, unquoted; empty where there is none. The name compares without regard to case.
std::string media_parameter(std::string_view content_type, std::string_view name);

}  // namespace dav
