#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dav/response.h"

namespace server {

/// The content codings that answers are sent in (RFC 9110 8.4.1, RFC 8878 for zstd).
enum class Coding { identity, gzip, zstd };

/// What the client likes best by its Accept-Encoding field; of two it likes the same, zstd. RFC 9110 12.5.3.
Coding choose_coding(std::string_view accept_encoding);

/// Whether a coding may be applied: text or XML or JSON of some size, not coded yet, without a strong entity tag (which
/// would name the octets) and not a part of something.
bool is_codable(const dav::Response& response);

/// Applies the coding to the body and says so in the fields. A piece at a time; a large result goes to a file in
/// `directory`. Throws storage::Failure.
void apply_coding(dav::Response& response, Coding coding, const std::string& directory);

}  // namespace server
