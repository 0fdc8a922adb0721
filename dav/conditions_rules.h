#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dav/request.h"
#include "storage/types.h"

namespace dav {

/// An entity tag as in RFC 9110 8.8.3; `opaque` is what stands between the quotes.
struct EntityTag {
  std::string opaque;
  bool weak = false;
};

/// What conditional headers are compared with.
struct Validators {
  bool exists = false;                         ///< there is a current representation
  std::string etag;                            ///< strong, without quotes; empty where there is none
  std::optional<storage::Timestamp> modified;  ///< nothing where there is no such date
};

/// Of the tag of an object in any of its forms (form.h), that of the stored one: all a write is about.
std::string_view stored_tag(std::string_view tag);

/// A list of entity tags. Throws Error{bad_request} for what isn't one.
std::vector<EntityTag> parse_entity_tags(std::string_view text);

enum class Verdict {
  proceed,
  not_modified,  ///< 304
  failed,        ///< 412
};

/// If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC 9110 13.2.2. What is to be
/// read is compared as it is; for what is to be written, the tag of any form of it will do. `safe` says that the method
/// is GET or HEAD. Throws Error{bad_request} for a malformed list of entity tags.
Verdict evaluate_preconditions(const Headers& headers, bool safe, const Validators& current, storage::Timestamp now);

/// If-Range (RFC 9110 13.1.5): whether a Range header counts. True where there is none.
bool if_range_holds(const Headers& headers, const Validators& current, storage::Timestamp now);

}  // namespace dav
