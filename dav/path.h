#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dav/kind.h"
#include "storage/store.h"

namespace dav {

/// A path taken apart: /dav/calendars/ada/work/lunch.ics is {calendars, "ada", {"work", "lunch.ics"}}.
struct Address {
  enum class Area { root, dav, principals, calendars, addressbooks, files, attachments, directory, outside };
  Area area = Area::outside;
  std::string account;                ///< empty for the area's own root, and in the directory
  std::vector<std::string> segments;  ///< decoded octets, never empty, "." or ".."
  bool trailing_slash = false;

  bool operator==(const Address& other) const {
    return area == other.area && account == other.account && segments == other.segments;
  }
};

/// Takes an absolute, percent-encoded path apart. Throws Error{bad_request}: a bad escape, a NUL or control character,
/// "/" encoded inside a segment, "." or ".." that leave the root, a segment over 255 octets, more than 64 segments.
Address parse_path(std::string_view path);

/// The same for a Destination header or an href in a body: an absolute path, or a URL whose authority is ours.
/// Nothing where it names another host (RFC 4918 9.8.3: 502) or another scheme than http(s).
std::optional<Address> parse_reference(std::string_view reference, std::string_view authority);

/// The path as we write it: canonical percent-encoding, a slash at the end of collections. (sync-rules 16: the decoded
/// octets round-trip.)
std::string encode(const Address& address, bool collection);
/// Appends one segment, percent-encoded.
void encode_segment(std::string& out, std::string_view segment);

/// A name for what has such a UID, or what can be read of it: the first 200 octets of the text, with '-' for all but
/// letters, digits and "-_.@". It may be empty, or begin with a dot.
std::string plain_name(std::string_view text);

/// What an address leads to now.
struct Target {
  Address address;
  Kind kind = Kind::root;  ///< what is there; where nothing is, what a PUT would make there
  bool exists = false;
  std::string href;  ///< as encode() gives it
  std::string name;  ///< the last segment; empty for roots, homes and principals

  std::optional<storage::Account> account;        ///< whose tree it is in
  std::optional<storage::Collection> collection;  ///< the target itself, where it is a stored collection
  std::optional<storage::Collection> parent;  ///< what holds it; nothing for homes and above, or where that is missing
  std::optional<storage::Member> member;      ///< its entry in the parent (also for collections below a home)

  /// The collection and member that properties and locks are kept under: (collection, 0) or (parent, member).
  storage::Id property_collection() const { return collection ? collection->id : parent ? parent->id : 0; }
  storage::Id property_member() const { return collection || !member ? 0 : member->id; }
};

/// The href of the collection that a target is in, or would be in.
std::string parent_href(const Target& target);

/// Looks an address up. Never throws for absence: see Target::exists and Target::parent. An address whose account is
/// unknown or outside the tree has exists = false and no account. With bytes, the member comes with them.
Target resolve(storage::Transaction& transaction, const Address& address,
               storage::WithBytes with_bytes = storage::WithBytes::no);

}  // namespace dav
