#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/failure.h"
#include "storage/spool.h"

namespace storage {

using Id = std::int64_t;         ///< a row; positive; never used again
using Modseq = std::int64_t;     ///< a value of a collection's counter; the first change is 1
using Timestamp = std::int64_t;  ///< seconds since 1970-01-01T00:00:00Z

enum class AccountKind { user, group, room, resource };

/// What others find of an account in the directory and in searches for people.
enum class Listing { addresses, name_only, hidden };

struct Account {
  Id id = 0;
  std::string name;  ///< what one logs in with and what stands in paths; lower case, unique
  AccountKind kind = AccountKind::user;
  std::string display_name;
  std::vector<std::string> addresses;  ///< e-mail addresses, the main one first
  std::string time_zone;               ///< an IANA name
  std::string locale;                  ///< a BCP 47 tag
  std::optional<std::int64_t> quota;   ///< octets; nothing for no limit
  std::int64_t used = 0;               ///< octets of all present members
  bool disabled = false;
  std::optional<bool> birthdays;  ///< whether it has a calendar of its contacts' birthdays; nothing: as configured
  Listing listing = Listing::addresses;
  /// Whether Contacts on macOS, which reads one address book, is given one of all the account's cards; nothing: as
  /// configured.
  std::optional<bool> merged_book;
  Timestamp created = 0;
};

/// What a collection holds. The homes are the roots: one of each kind for an account.
enum class CollectionKind {
  calendar_home,
  addressbook_home,
  file_home,
  calendar,
  addressbook,
  folder,
  inbox,
  outbox,
  notifications,
  mail_home,
  mailbox,
};

/// Who changes what is in a collection.
enum class Keeper {
  clients,       ///< whoever may
  subscription,  ///< the server: it fetches a calendar from elsewhere, see Subscription
  birthdays,     ///< the server, from the account's cards
  merged,        ///< the server: an address book of the cards of all others; they count in the quota there, not here
};

struct Collection {
  Id id = 0;
  Id account = 0;
  Id parent = 0;  ///< 0 for a home
  CollectionKind kind = CollectionKind::folder;
  std::string name;            ///< its name in the parent; empty for a home
  Modseq modseq = 0;           ///< the latest change of a member or of the collection itself
  Modseq tombstone_floor = 0;  ///< changes up to here may have lost their tombstones
  std::string components;      ///< of a calendar: what it takes, "VEVENT" or "VEVENT,VTODO" …; empty for all
  Keeper keeper = Keeper::clients;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// A stretch of time in which an object is, its ends included. An object has at most a few.
struct TimeFact {
  /// Of something without an end, and (negative) without a start.
  static constexpr Timestamp ever = std::numeric_limits<Timestamp>::max();
  /// The pattern of a stretch over all time that stands for facts not yet derived.
  static constexpr std::int64_t unknown = -1;

  Timestamp first = 0;       ///< an instant; of a yearly one, the day of the year, from 0 to 365
  Timestamp last = 0;        ///< an instant
  std::int64_t pattern = 0;  ///< when within the stretch; means something to those who derive facts, not here
  bool yearly = false;       ///< it comes back every year until `last`
  int layer = 0;             ///< from 0 to 7; a window finds the facts of its own layer alone

  friend auto operator<=>(const TimeFact&, const TimeFact&) = default;
};

/// A range of time asked for, its ends included.
struct TimeWindow {
  Timestamp first = -TimeFact::ever;
  Timestamp last = TimeFact::ever;
  int first_day = 0;  ///< of yearly facts: days of the year; over New Year where the first is the greater one
  int last_day = 365;
  int layer = 0;
};

/// What queries need of a member's bytes; derived by the caller from the bytes it puts.
struct ObjectFacts {
  std::string uid;        ///< empty where there is none (files); unique among the present members of a collection
  std::string component;  ///< "VEVENT", "VTODO", …, "VCARD"; empty for files
  /// Of a calendar object, without two of the same start and length; kept in the store, but not read with a Member.
  std::vector<TimeFact> times = {};
  /// Of what queries by text look for (a card): what they look in, made by add_text (storage/search.h); kept as `times`
  /// are. Nothing where it would be too much: then any query finds it.
  bool searched = false;
  std::optional<std::string> text = std::nullopt;
};

/// A name in a collection: an object, a file, or a collection below it (then `child` is set).
struct Member {
  Id id = 0;
  Id collection = 0;
  std::string name;
  std::int64_t number = 0;  ///< rises within the collection; never used again (the IMAP UID, later)
  Modseq modseq = 0;        ///< its latest change, in the collection's counter
  Modseq added_modseq = 0;
  bool deleted = false;  ///< a tombstone: kept so that sync can report the removal
  Id child = 0;          ///< the collection of this name; 0 for an object or file
  std::string etag;      ///< without quotes; a function of the bytes alone; empty for a collection
  std::int64_t size = 0;
  std::string media_type;
  Id blob = 0;
  ObjectFacts facts;
  Timestamp created = 0;
  Timestamp modified = 0;
  std::string bytes;  ///< filled only where asked for, and only for blobs kept in rows
};

/// Bytes made ready to be put: hashed, and if large already in a file that has reached the disk. Made by
/// Store::stage before the transaction, so that the writer never waits for hashing or copying.
struct StagedBlob {
  std::string hash;  ///< SHA-256, 32 octets
  std::int64_t size = 0;
  std::string bytes;                 ///< small blobs
  std::shared_ptr<const File> file;  ///< large ones, already at their place
  std::string etag() const;          ///< what Member::etag will be
};

/// A managed attachment (RFC 8607) of an account's calendar objects.
struct Attachment {
  Id id = 0;
  Id account = 0;
  std::string managed_id;  ///< random; unique in the store
  Id blob = 0;
  std::string etag;  ///< without quotes; a function of the bytes alone
  std::string name;
  std::string media_type;
  std::int64_t size = 0;
  Timestamp created = 0;
  bool used = false;  ///< an object refers to it; only then it counts in the quota
};

/// A stored XML property: dead ones, and those live ones that clients set. `xml` is the whole element as it will be
/// sent, with every namespace it needs declared in it.
struct Property {
  std::string ns;
  std::string name;
  std::string xml;
};

/// A write lock (RFC 4918 6). It holds a member, or a collection where `member` is 0.
struct Lock {
  std::string token;  ///< urn:uuid:…
  Id collection = 0;
  Id member = 0;
  Id account = 0;  ///< who took it
  bool exclusive = true;
  bool infinite = false;  ///< depth infinity
  std::string owner;      ///< the content of DAV:owner, XML
  std::string root;       ///< DAV:lockroot, the path it was taken on
  Timestamp expires = 0;
};

/// A calendar that the server fetches from elsewhere, and what has come of it. Where from is in the calendar's
/// properties, since clients set it there. Times are 0 for never.
struct Subscription {
  Id collection = 0;
  Timestamp next_fetch = 0;
  Timestamp lease = 0;        ///< until then, whoever has set it is fetching
  std::string url;            ///< what was fetched last; what follows is of it
  std::string etag;           ///< the validators of what the calendar was last made from, as they came
  std::string last_modified;  ///< the same
  std::string digest;         ///< of its octets
  std::int64_t period = 0;    ///< seconds from fetch to fetch, as it asks for itself; 0 where it doesn't
  Timestamp last_fetch = 0;
  Timestamp last_success = 0;
  int status = 0;             ///< of HTTP, the last time; 0 where there was no answer
  std::string error;          ///< empty where the last time went well
  std::int64_t failures = 0;  ///< since the last time that went well
  Timestamp gone_since = 0;   ///< the first of the times in a row that it wasn't there, or was empty
};

/// The calendar of an account that is made of the birthdays of its cards.
struct Birthdays {
  Id account = 0;
  bool wanted = false;
  Id calendar = 0;           ///< 0 where there is none yet
  Modseq seen = 0;           ///< it is made from the cards as they were at this modseq of the address book home
  std::int64_t edition = 0;  ///< by these rules, counted by who makes it
};

/// Something changed; given after the commit, to every node.
struct Notice {
  Id account = 0;
  Id collection = 0;
  Modseq modseq = 0;
};

}  // namespace storage
