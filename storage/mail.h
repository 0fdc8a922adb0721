#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.h"
#include "storage/types.h"

namespace storage {

/// The number of a message in its mailbox. It rises and is never used again. RFC 9051 2.3.1.1
using Uid = std::uint32_t;

/// The system flags, as bits. RFC 9051 2.3.2
namespace flag {
constexpr unsigned seen = 1;
constexpr unsigned answered = 2;
constexpr unsigned flagged = 4;
constexpr unsigned deleted = 8;
constexpr unsigned draft = 16;
}  // namespace flag

/// A mailbox: a collection (CollectionKind::mailbox) below an account's mail home or another mailbox, and what is kept
/// of it so that nobody has to count.
struct Mailbox {
  Id id = 0;
  Id account = 0;
  Id parent = 0;     ///< the mail home, or the mailbox above
  std::string name;  ///< of this level; UTF-8, without '/'
  Modseq modseq = 0;
  Modseq expunged_floor = 0;  ///< what was expunged up to here may be forgotten (Collection::tombstone_floor)
  Uid uid_validity = 0;
  Uid uid_next = 1;
  Uid first_recent = 1;  ///< messages from here on were announced to no session as \Recent. RFC 3501 2.3.2
  std::int64_t messages = 0;
  std::int64_t unseen = 0;
  std::int64_t deleted = 0;  ///< messages with \Deleted
  std::int64_t octets = 0;
  std::string special_use;  ///< "\Drafts", "\Sent" … (RFC 6154 2); empty for none
  bool selectable = true;   ///< false for one that was deleted and has others below it. RFC 3501 6.3.4
};

/// What a session needs to hold of each message of the mailbox that is selected.
struct MessageFlags {
  Uid uid = 0;
  unsigned flags = 0;
  std::string keywords;  ///< separated by spaces, sorted without regard to case, each once; as first spelled
  Modseq modseq = 0;
};

/// A message in a mailbox, without its octets and facts.
struct Message {
  Id mailbox = 0;
  Uid uid = 0;
  unsigned flags = 0;
  std::string keywords;
  Modseq modseq = 0;
  Modseq added_modseq = 0;  ///< when it came into the mailbox
  Timestamp internal_date = 0;
  int internal_zone = 0;  ///< minutes east of UTC, as it was given
  Timestamp saved = 0;    ///< when it came into this mailbox. RFC 8514
  std::int64_t size = 0;  ///< octets
  Id blob = 0;
  Id email = 0;   ///< the same for all copies of what was once delivered or appended. RFC 8474 4.1
  Id thread = 0;  ///< RFC 8474 4.2
};

/// What is derived from a message's octets when it is stored, once for the same octets: see mail/facts.h. Storage keeps
/// `packed` as it is.
struct MessageFacts {
  std::string packed;
  /// The message's header, which is kept apart from the rest, since few want it; nothing if it is too long for that.
  std::optional<std::string> header;
  std::int64_t edition = 0;  ///< by which rules it is made
  /// The message's own id and those that it refers to, normalized: by them it finds its thread.
  std::vector<std::string> message_ids;
  /// What parts of words it has (storage/signature.h); nothing where it has too many, or is not known whole: then any
  /// search has it among its candidates.
  std::optional<std::string> signature;
};

/// A message to be stored.
struct NewMessage {
  StagedBlob blob;
  MessageFacts facts;
  unsigned flags = 0;
  std::vector<std::string> keywords;
  Timestamp internal_date = 0;
  int internal_zone = 0;
};

/// A change of flags. RFC 9051 6.4.6
struct FlagChange {
  enum class Way { replace, add, remove } way = Way::replace;
  unsigned flags = 0;
  std::vector<std::string> keywords;
  /// Messages changed after this are left alone. RFC 7162 3.1.3
  std::optional<Modseq> unchanged_since;
};

/// What came of a message in a change of flags.
struct FlagOutcome {
  MessageFlags now;
  bool changed = false;  ///< false: they were so already, and no modseq was taken
  bool refused = false;  ///< FlagChange::unchanged_since is exceeded: it goes into MODIFIED
};

/// Where a message went in COPY or MOVE. RFC 4315 3
struct Copied {
  Uid from = 0;
  Uid to = 0;
};

/// What a text search looks in.
enum class SearchIn { subject, from, to, headers, body, attachments, anywhere };

/// The rights that one identifier has on a mailbox; "anyone" is everybody. RFC 4314 2
struct MailboxRights {
  std::string identifier;  ///< an account's name, a group's, or "anyone"; with '-' before it: negative rights
  std::string rights;      ///< sorted letters of RFC 4314 2.1
};

/// The verbs of mail, on a transaction. What stands in store.h is true of them too: every change takes the next modseq
/// of its mailbox and of the collections above it, a writing verb on a reading transaction throws std::logic_error,
/// trouble is a Failure. Lists of UIDs are ascending and hold each once; UIDs that aren't there are passed over.
class Mail {
 public:
  explicit Mail(Transaction& transaction) : transaction_(transaction) {}

  // Mailboxes.
  /// The account's mail home, and in a writing transaction made if it isn't there, with INBOX, Drafts, Sent, Junk,
  /// Trash and Archive, all subscribed; in a reading one nothing if it isn't there.
  std::optional<Collection> home(Id account);
  std::optional<Mailbox> mailbox(Id id);
  std::optional<Mailbox> child(Id parent, std::string_view name);
  std::vector<Mailbox> mailboxes(Id account);  ///< all of an account, each after the one above it
  std::vector<Mailbox> shared_with(Id account,
                                   std::span<const std::string> identifiers);  ///< of others, with `l` or `r`
  /// Throws DuplicateName, unless what is there can't be selected: then it can be from now on. `special_use` is empty
  /// or one use.
  Mailbox create(Id parent, std::string_view name, std::string_view special_use = {});
  /// With its messages and rights; one that has mailboxes below it stays as one that can't be selected. RFC 3501 6.3.4
  void remove(Id mailbox, const Actor& actor);
  /// With all below it. Throws DuplicateName; std::logic_error into itself, or out of its account. UIDs and UIDVALIDITY
  /// stay.
  void rename(Id mailbox, Id to_parent, std::string_view name, const Actor& actor);
  void set_special_use(Id mailbox, std::string_view special_use);
  /// The messages from here on are \Recent no more; returns from where they were. Takes no modseq.
  Uid take_recent(Id mailbox);

  // Names that an account subscribes to; they need not exist (RFC 9051 6.3.7). Full names, as LIST has them.
  std::vector<std::string> subscriptions(Id account);
  void subscribe(Id account, std::string_view name);
  bool unsubscribe(Id account, std::string_view name);  ///< false if it wasn't

  // Rights. The owner's are not kept here.
  std::vector<MailboxRights> rights(Id mailbox);
  void set_rights(Id mailbox, std::string_view identifier, std::string_view rights);  ///< empty: removes the entry

  // Reading.
  /// All messages in order of UID, at least `from`. The row is reused between calls.
  void flags_of(Id mailbox, Uid from, const std::function<void(const MessageFlags&)>& each);
  /// Those that came or changed after that modseq, in order of UID.
  std::vector<MessageFlags> changed_since(Id mailbox, Modseq after);
  /// The UIDs expunged after that modseq, ascending; nothing where that is older than Mailbox::expunged_floor.
  std::optional<std::vector<Uid>> expunged_since(Id mailbox, Modseq after);
  std::optional<Message> message(Id mailbox, Uid uid);
  /// In order of UID. With facts, `packed` is given too, and behind it, with_header, the message's header, if it is
  /// kept (mail::Facts finds both). What is given is reused between calls.
  enum class WithFacts { no, yes, with_header };
  void messages(Id mailbox, std::span<const Uid> uids, WithFacts with_facts,
                const std::function<void(const Message&, std::string_view packed)>& each);
  /// A message's octets, from memory or as an open file.
  Segment octets(const Message& message);

  // Searching.
  /// Of the messages, those that may have the text there (i;unicode-casemap, as a substring), in order of UID: none
  /// that has it is missing, and some that don't may be among them. Nothing where no index helps, because the text is
  /// too short: all must be looked at. `key` is the text's mail::mime::collation_key.
  std::optional<std::vector<Uid>> holding(Id mailbox, SearchIn where, std::string_view key);

  // Changing.
  /// UIDs are given in order. Throws QuotaExceeded.
  std::vector<Message> append(Id mailbox, std::span<const NewMessage> messages, const Actor& actor);
  /// In order of UID.
  std::vector<FlagOutcome> store(Id mailbox, std::span<const Uid> uids, const FlagChange& change);
  /// Removes the messages; returns those that were there.
  std::vector<Uid> expunge(Id mailbox, std::span<const Uid> uids, const Actor& actor);
  /// With flags and internal dates; email and thread ids stay. Throws QuotaExceeded.
  std::vector<Copied> copy(Id from, std::span<const Uid> uids, Id to, const Actor& actor);
  std::vector<Copied> move(Id from, std::span<const Uid> uids, Id to, const Actor& actor);

 private:
  friend class Transaction;
  friend class Queue;  // its messages have octets as those of mailboxes have
  Id use_blob(const StagedBlob& blob) { return transaction_.use_blob(blob); }

  /// What a change adds to the counts of a mailbox.
  struct Counts {
    std::int64_t messages = 0;
    std::int64_t unseen = 0;
    std::int64_t deleted = 0;
    std::int64_t octets = 0;

    void add(unsigned flags, std::int64_t size, int sign = 1);
  };

  /// A message as changes of many need to know it.
  struct Brief {
    MessageFlags now;
    std::int64_t size = 0;
  };

  Collection make_home(Id account);
  void insert_mailbox(Id collection, std::string_view special_use);
  std::int64_t next_validity(Id mailbox);
  bool has_children(Id mailbox);
  std::vector<Brief> briefs(Id mailbox, std::span<const Uid> uids);
  Uid count(Id mailbox, const Counts& change, std::size_t uids);
  void record_expunged(Id mailbox, Id account, Modseq modseq, const std::string& uids, const Actor& actor);
  void bury(Id mailbox, Modseq modseq, const std::string& uids);
  void insert_copies(Id from, const std::string& uids, Id to, Uid first, Modseq modseq);
  std::vector<Copied> transfer(Id from, std::span<const Uid> uids, Id to, bool moves);
  void put_facts(Id blob, const MessageFacts& facts);
  /// Takes away all that a mailbox has beside its row in collection; nothing for other collections.
  void drop_mailbox(Id account, Id collection, const Actor& actor);

  Transaction& transaction_;
};

}  // namespace storage
