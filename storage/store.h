#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "storage/principal.h"
#include "storage/search.h"
#include "storage/types.h"

namespace storage {

namespace sql {
class Connection;
class Statement;
class Use;
}  // namespace sql
class BlobFiles;
class Mail;

enum class WithBytes { no, yes };

/// An account, and where one of its trees begins.
struct AccountHome {
  Account account;
  std::optional<Collection> home;
};

/// A name in a collection, and the collection that it leads to, if it leads to one.
struct Entry {
  Member member;
  std::optional<Collection> child;
};

/// What stands at the time of a change, written into the history (table revision).
struct Actor {
  Id account = 0;
  Id credential = 0;
};

/// The plain verbs. All of one Transaction see one snapshot, plus what it wrote itself. Every verb that changes a
/// collection takes the next modseq of it, and of every collection above it up to the home (where the entry of the
/// changed child takes that value), in the same transaction. Verbs throw Failure for trouble; a verb of a reading
/// transaction that would write throws std::logic_error.
class Transaction {
 public:
  Transaction(sql::Connection& connection, const BlobFiles& blobs, bool writing);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // The store.
  std::string epoch();  ///< names this life of the store; changes with every restore (sync-rules 2)
  void new_epoch();
  Timestamp now() const { return now_; }  ///< the same throughout the transaction

  // Accounts. Removing one removes all that is its own.
  std::optional<Account> account(Id id);
  std::optional<Account> account_named(std::string_view name);
  std::optional<Account> account_with_address(std::string_view email);
  std::vector<Account> accounts();
  /// Makes its homes, too; a user's mail home with the usual mailboxes (storage/mail.h). Throws DuplicateName.
  Account create_account(const Account& wanted);
  void update_account(const Account& account);  ///< all but id, name, used
  void remove_account(Id id);
  std::vector<Account> group_members(Id group);
  std::vector<Account> groups_of(Id account);  ///< direct and indirect
  void add_to_group(Id group, Id account);
  void remove_from_group(Id group, Id account);

  // Collections.
  std::optional<Collection> collection(Id id);
  std::optional<Collection> home(Id account, CollectionKind kind);
  /// Both; nothing where there is no such account.
  std::optional<AccountHome> account_home(std::string_view account, CollectionKind kind);
  Collection create_collection(Id parent, CollectionKind kind, std::string_view name, std::string_view components = {});
  /// With all below it. Leaves a tombstone in the parent, which still has its `child`, so that sync knows what is gone.
  void remove_collection(Id id, const Actor& actor);
  void touch(Id collection);                    ///< takes a modseq for a change of the collection's own properties
  void touch_member(Id collection, Id member);  ///< the same for a member's properties

  // Calendars that the server fetches from elsewhere.
  void subscribe(Id calendar);  ///< from now on it is kept by the server (Keeper::subscription); to be fetched at once
  std::optional<Subscription> subscription(Id calendar);
  std::vector<Subscription> subscriptions(Id account);  ///< of an account; of all accounts for 0
  void update_subscription(const Subscription& subscription);
  void fetch_soon(Id calendar, Timestamp not_before);  ///< nothing where it isn't one
  bool fetch_due();                                    ///< whether one is due, over all, that nobody is fetching

  /// One that is due, or `calendar` whether due or not, for whoever calls, until that time; nothing where there is
  /// none, or another has it. What it then finds is written only if Subscription::lease is still its own.
  std::optional<Subscription> lease_subscription(Timestamp until, Id calendar = 0);

  // Calendars made of the birthdays of an account's cards.
  std::optional<Birthdays> birthdays(Id account, bool by_default);  ///< nothing where there is no such account
  /// Those whose calendar is missing, not wanted, or made from other cards or by another edition of the rules.
  std::vector<Birthdays> stale_birthdays(bool by_default, std::int64_t edition);
  void set_birthdays(const Birthdays& made);  ///< its calendar is now the server's to keep (Keeper::birthdays)

  // An address book made of the cards of all others of its home.
  void set_merged(Id book, Modseq seen);       ///< it is now the server's (Keeper::merged), and made as of this modseq
  std::optional<Modseq> merged_seen(Id book);  ///< of the home; nothing where it isn't one

  // Members.
  std::optional<Member> member(Id collection, std::string_view name, WithBytes = WithBytes::no);  ///< present ones only
  /// The same with what its name leads to, where that is a collection.
  std::optional<Entry> entry(Id collection, std::string_view name, WithBytes = WithBytes::no);
  std::optional<Member> member_with_uid(Id collection, std::string_view uid);
  std::vector<Member> children(Id collection);   ///< the present members that are collections
  std::vector<Member> groups_in(Id collection);  ///< the present members that are the cards of groups ("GROUP")

  /// Calls `each` for every present member, in order of name. The Member is reused between calls.
  void for_each_member(Id collection, WithBytes, const std::function<void(const Member&)>& each);

  /// Calls `each` for every change after `after`, in order of modseq, tombstones included, at most `at_most` of them
  /// (all if negative). The Member is reused between calls. A name stands at most once (sync-rules 6).
  void changes(Id collection, Modseq after, std::int64_t at_most, WithBytes,
               const std::function<void(const Member&)>& each);

  /// Calls `each` for those of these members that are present, in no particular order, each once. The Member is reused.
  void for_each_of(std::span<const Id> members, WithBytes, const std::function<void(const Member&)>& each);
  /// The same for members of one collection by their names.
  void for_each_named(Id collection, std::span<const std::string_view> names, WithBytes,
                      const std::function<void(const Member&)>& each);

  // When objects are: the index of queries by time. What a put gives is kept through copies and moves.
  /// Calls `each` for every fact that touches the window, in no particular order; a member may come several times.
  void times_touching(Id collection, const TimeWindow& window,
                      const std::function<void(Id member, const TimeFact&)>& each);
  std::vector<TimeFact> times(Id member);                                    ///< sorted
  void set_times(const Member& member, const std::vector<TimeFact>& times);  ///< takes no modseq
  /// By which release of the time zone database all facts hold; empty where that is not known.
  std::string index_release();
  void set_index_release(std::string_view release);

  // What objects say: the index of queries by text (ObjectFacts::searched). Kept through copies and moves, too.
  /// The members that hold what is searched for, and some others, in order of their ids. What was put before there was
  /// an index is not among them until text_edition says so.
  std::vector<Id> holding(Id collection, const TextSearch& search);
  std::optional<std::string> text(const Member& member);  ///< nothing where there is too much of it, or it isn't known
  void set_text(const Member& member, const std::optional<std::string>& text);  ///< takes no modseq
  /// Brings the index nearer to what it should hold, where much has changed at once or a collection is gone; false
  /// where there is nothing to do. A reading transaction only looks.
  bool index_texts();
  /// By which rules all texts are made; empty where that is not known.
  std::string text_edition();
  void set_text_edition(std::string_view edition);

  /// A time zone as it was when first used.
  struct ZoneSeen {
    std::string name;
    Timestamp seen = 0;
    std::string octets;
  };
  std::vector<ZoneSeen> zones_seen();  ///< in order of name, then time
  /// Remembers how a zone is now, unless that is what is remembered last; two of each are kept.
  void see_zone(std::string_view name, std::string_view octets);

  /// Makes or replaces the member of that name. Replacing keeps id, created, number, properties and locks. Throws
  /// QuotaExceeded. The caller has checked the name, the UID and the preconditions in this transaction.
  Member put(Id collection, std::string_view name, const StagedBlob& blob, std::string_view media_type,
             const ObjectFacts& facts, const Actor& actor);

  /// Leaves a tombstone; takes properties and locks away.
  void remove(const Member& member, const Actor& actor);

  /// Gives a member (or collection) another name or place: a tombstone there, a new entry here, with its id and
  /// properties and without its locks (RFC 4918 9.9). There must be nothing of that name. Returns the new entry. Throws
  /// QuotaExceeded; std::logic_error for a collection that would get into itself (copy does, too).
  Member move(const Member& member, Id to_collection, std::string_view to_name, const Actor& actor);

  /// A copy of an object, file or whole collection with properties and without locks (RFC 4918 9.8). Bytes are shared.
  Member copy(const Member& member, Id to_collection, std::string_view to_name, const Actor& actor);
  /// The same for a collection without its members (Depth: 0).
  Member copy_shallow(const Member& member, Id to_collection, std::string_view to_name);

  // Managed attachments (RFC 8607). Objects that are moved or copied take their uses along; one that is removed lets go
  // of them. An attachment counts in its account's quota as long as an object uses it, and is removed some time after.
  Attachment add_attachment(Id account, const StagedBlob& blob, std::string_view name, std::string_view media_type);
  std::optional<Attachment> attachment(std::string_view managed_id);
  /// From now on the member uses these and no others. Throws QuotaExceeded.
  void use_attachments(const Member& member, const std::vector<Id>& attachments);

  /// A member's bytes, as a piece of a body: from its row, or as an open file.
  Segment content(const Member& member);
  /// The same as one string; those that came with the member, if they did. For objects, whose size is limited.
  std::string bytes(const Member& member);

  // Properties of a collection (member = 0) or of a member.
  std::vector<Property> properties(Id collection, Id member);
  /// Those of all present members of a collection, as (member id, property), in order of member id.
  void for_each_property(Id collection, const std::function<void(Id member, const Property&)>& each);
  void set_property(Id collection, Id member, const Property& property);  ///< takes no modseq: see touch
  void remove_property(Id collection, Id member, std::string_view ns, std::string_view name);

  // Locks; those that have expired are never returned.
  std::vector<Lock> locks_on(Id collection, Id member);  ///< on the resource itself
  /// The same, and then the depth-infinity ones of the collections above, nearest first.
  std::vector<Lock> locks_covering(Id collection, Id member);
  std::vector<Lock> locks_below(Id collection);  ///< on any resource under a collection
  std::optional<Lock> lock(std::string_view token);
  void add_lock(const Lock& lock);
  void refresh_lock(std::string_view token, Timestamp expires);
  void remove_lock(std::string_view token);

  // Quota: octets used by the account's present members, for RFC 4331.
  std::int64_t used(Id account);

  /// The connection, for the files of storage/ that own other tables (accounts, check, backup).
  sql::Connection& connection() { return connection_; }
  bool writing() const { return writing_; }
  std::vector<Notice>& notices() { return notices_; }

 private:
  friend class Mail;  // its verbs are of this transaction, too

  struct Step {
    Modseq modseq;
    std::int64_t number;  ///< the last one given out
    Id account;
    bool charged;  ///< what is in the collection counts in the quota
  };

  void begin_change(Id collection);
  Step advance(Id collection, int numbers);
  Step taken(Id collection, const sql::Statement& row);
  void set_entry_modseq(Id collection, Id child, Modseq modseq);
  std::vector<Id> known_above(Id collection) const;
  void charge(Id account, std::int64_t octets);
  sql::Use start_blob(const StagedBlob& blob);
  Id finish_blob(sql::Statement& started, const StagedBlob& blob);
  Id use_blob(const StagedBlob& blob);
  void add_use(Id member, Id attachment);
  void drop_use(Id member, Id attachment);
  void drop_uses_within(Id collection);
  void copy_uses(Id from_member, Id to_member);
  void copy_uses_within(Id from, Id to);
  void remove_attachments_of(Id account);
  Member present_member(Id id);
  Id add_entry(const Member& entry);
  void insert_times(Id collection, Id member, const std::vector<TimeFact>& times);
  void remove_times(Id member);
  void put_text(const Member& member, const std::optional<std::string>& text);
  void drop_text(Id collection, Id member);
  void drop_texts_within(Id collection);
  void copy_text(Id from, Id member, Id to, Id copied);
  void copy_texts_within(Id from, Id to);
  void index_texts_of(Id collection);
  void record(Id account, const Member& member, int change, Id before, const Actor& actor);
  std::vector<Id> subtree(Id collection);
  void remove_contents(Id account, Id collection, const Actor& actor);
  void check_not_within(Id collection, Id ancestor);
  Member move_entry(const Member& member, const Step& from, Id to_collection, std::string_view to_name, const Step& to);
  void change_owner(Id collection, Id home, Id from_account, Id to_account);
  void copy_contents(Id from, Id to, const Actor& actor);

  sql::Connection& connection_;
  const BlobFiles& blobs_;
  bool writing_;
  Timestamp now_;
  std::vector<Notice> notices_;
  std::unordered_map<Id, Id> parents_;  ///< of collections that have been read, for questions that needn't wait then
  struct Latest {
    Id collection;
    std::string name;
    std::optional<Member> member;
  };
  std::optional<Latest> latest_;  ///< what `entry` has found last in a writing transaction, until it changes something
};

/// Thrown by create_account and create_collection where the name is taken.
class DuplicateName : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct StoreOptions {
  std::string directory;                         ///< data folder: pileus.db (SQLite), blobs/, spool/
  std::string postgres;                          ///< a libpq connection string; empty for SQLite
  int read_connections = 0;                      ///< 0: one for every thread that reads
  int pool = 8;                                  ///< PostgreSQL connections
  std::int64_t tombstone_seconds = 366 * 86400;  ///< sync-rules 7
  std::int64_t revision_seconds = 30 * 86400;
  std::int64_t blob_seconds = 3600;  ///< how long bytes that nobody refers to are kept, for those still reading them
  int batch_jobs = 256;              ///< group commit: at most so many writes share one commit
};

/// Figures for metrics.
struct StoreFigures {
  std::uint64_t commits = 0;
  std::uint64_t writes = 0;  ///< write functions run; writes / commits is the mean batch
  std::uint64_t retries = 0;
  std::uint64_t queued = 0;  ///< waiting for the writer now
};

/// Everything Pileus keeps. Safe for use by many threads.
class Store {
 public:
  virtual ~Store() = default;

  /// Runs `run` on one snapshot and returns what it returns. What it throws ends the transaction and is passed on.
  template <class F>
  auto read(F&& run) {
    return returning(std::forward<F>(run), [this](const Job& job) { do_read(job); });
  }

  /// Runs `run` serialised with all other writers; returns when its changes have reached the disk. What it throws
  /// takes back what it did, and nothing else, and is passed on. It may be run again after a serialization failure,
  /// so it must have no effect but through the transaction and its result. Long imports should be cut into writes of
  /// some hundred changes: others wait for them, and PostgreSQL slows down with each change of one row in one
  /// transaction. `around` is a hint, any word: writes with the same one will mostly change the same tree, so that they
  /// can share a commit without being tried by themselves first.
  template <class F>
  auto write(F&& run, std::string_view around = {}) {
    return returning(std::forward<F>(run), [this, around](const Job& job) { do_write(job, around); });
  }

  /// Hashes `content` and, if it is large, moves it to its place among the blobs and syncs it. See StagedBlob.
  virtual StagedBlob stage(Spool content) = 0;

  /// `notify` is called after each commit, from any thread, for each collection changed, here or on another node.
  /// The subscription ends when the returned handle is destroyed.
  using Notify = std::function<void(const Notice&)>;
  virtual std::shared_ptr<void> subscribe(Notify notify) = 0;

  /// Housekeeping, called now and then by the server's jobs: expired locks, old tombstones and revisions, unreferenced
  /// blobs, checkpoint. Returns when done or when it has used `budget`.
  virtual void tidy(std::chrono::milliseconds budget) = 0;

  virtual StoreFigures figures() const = 0;
  virtual const std::string& spool_directory() const = 0;

 protected:
  using Job = std::function<void(Transaction&)>;
  virtual void do_read(const Job& job) = 0;
  virtual void do_write(const Job& job, std::string_view around) = 0;

 private:
  template <class F, class Runner>
  static auto returning(F&& run, const Runner& runner) {
    using Result = std::invoke_result_t<F&, Transaction&>;
    if constexpr (std::is_void_v<Result>) {
      runner([&](Transaction& transaction) { run(transaction); });
    } else {
      std::optional<Result> result;
      runner([&](Transaction& transaction) { result.emplace(run(transaction)); });
      return std::move(*result);
    }
  }
};

/// Opens the store, making it if there is none, and applies migrations. Throws Failure{refused} for a store made by a
/// later version, Failure{unavailable} where the folder or the database can't be reached.
std::unique_ptr<Store> open_store(const StoreOptions& options);

}  // namespace storage
