#pragma once

#include <string>
#include <vector>

#include "dav/dispatch.h"

namespace dav {

/// If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since in the order of RFC 9110 13.2.2, then the If header
/// (RFC 4918 10.4), then locks: whether the request submits the token of every lock its method would write through.
/// Throws precondition_failed, lock_token_submitted; for GET and HEAD answers 304 by throwing NotModified.
void check_conditions(Context& context, const Method& method);

/// Whether the If header names a state of the collection by its CS:getctag (calendarserver-bulk-change 6).
bool names_ctag(const Request& request);

/// The CS:getctag of a collection; empty for all else.
std::string ctag_of(storage::Transaction& transaction, const Target& target);

/// Thrown for a 304.
struct NotModified {
  std::string etag;  ///< of the form asked for, without quotes
};

/// For COPY, MOVE and DELETE: that no lock on `target` (and below it, when `below`) stands without its token in the If
/// header. Where nothing is there, the locks are those that keep its parent from taking a new member.
/// Throws lock_token_submitted with the hrefs of the locks' roots.
void check_locks(Context& context, const Target& target, bool below);

/// The same for what a name is taken out of, or put into: a lock on a collection holds its list of members (RFC
/// 4918 7.4).
void check_parent_locks(Context& context, const Target& target);

/// The locks in whose scope a resource is, its own and those of depth infinity above (RFC 4918 6.1); none where nothing
/// is.
std::vector<storage::Lock> locks_covering(storage::Transaction& transaction, const Target& target);

}  // namespace dav
