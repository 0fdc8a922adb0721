#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dav/dispatch.h"
#include "dav/error.h"
#include "dav/multistatus.h"

namespace dav {

// Many objects in one POST: the simple bulk import of calendarserver-bulk-change 3.

/// The most objects that one request may bring.
inline constexpr std::size_t most_bulk_objects = 200'000;

inline constexpr std::string_view MM = "http://me.com/_namespace/";

/// Whether the head is one of a POST into a calendar or an address book. Pure.
bool may_be_bulk(const Request& head);

/// What objects of a collection at that address are.
Kind bulk_kind(const Request& request);

/// Whether X-MobileMe-DAV-Options asks for what the server has made of an object, where that isn't what was sent.
bool wants_changed_data(const Request& request);

/// What such a body holds.
struct Bulk;

/// Reads it; nothing where it is a single object, which RFC 5995 has its own answer for. Throws Error.
std::shared_ptr<const Bulk> read_bulk(const Request& request);

/// Runs an action in a transaction of its own, with all that comes before it. `first` says that nothing of the request
/// has been done yet, so that its conditions count.
using RunBatch = std::function<void(bool first, const std::function<void(Context&)>& act)>;

/// Puts the objects, some hundreds in each transaction, and answers for each: 207. What can't be put keeps no other
/// from being put.
Response put_bulk(const Request& request, const Environment& environment, const Bulk& bulk, const RunBatch& run);

// What both forms of it share.

/// Why nothing more can be done, if `work` throws that; nothing where more can. `first` says that nothing has been done
/// yet: then it is the answer to the whole, and thrown on.
std::optional<Error> what_ends(bool first, const std::function<void()>& work);

/// What a text says its UID is, where it can't be read as a whole; empty where it says nothing.
std::string uid_in(std::string_view text);

/// A name in the target for a new object: made of the UID where that can be one and is free.
std::string free_name(Context& context, std::string_view uid, Kind kind);

/// What was put, for its answer.
struct KeptInBulk {
  std::string href;
  std::string etag;          ///< empty where the client has to read it again
  std::string changed_data;  ///< what it has become, where that isn't what was sent and is asked for
};

/// Appends the answer for what was put; with its UID where it is new.
void append_kept(Multistatus& answer, Kind kind, const KeptInBulk& kept, const std::string* uid);

/// Appends the answer for an object that could not be made.
void append_refusal(Multistatus& answer, const Error& error, std::string_view uid);

}  // namespace dav
