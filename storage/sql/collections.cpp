#include <openssl/rand.h>

#include "storage/blobs.h"
#include "storage/failure.h"
#include "storage/mail.h"
#include "storage/sql/change.h"
#include "storage/sql/rows.h"
#include "storage/store.h"

namespace storage {

namespace sql {

Collection read_collection(const Statement& row, int first_column) {
  int column = first_column;
  Collection collection;
  collection.id = row.integer(column++);
  collection.account = row.integer(column++);
  collection.parent = row.integer(column++);
  collection.kind = static_cast<CollectionKind>(row.integer(column++));
  collection.name = row.text(column++);
  collection.modseq = row.integer(column++);
  collection.tombstone_floor = row.integer(column++);
  collection.components = row.text(column++);
  collection.created = row.integer(column++);
  collection.modified = row.integer(column++);
  collection.keeper = static_cast<Keeper>(row.integer(column));
  return collection;
}

constexpr const char* update_keeper = "UPDATE collection SET keeper = $2 WHERE id = $1";

void set_keeper(Connection& connection, Id collection, Keeper keeper) {
  const auto update = connection.prepare(update_keeper);
  update->bind(1, collection).bind(2, static_cast<std::int64_t>(keeper));
  update->run();
}

}  // namespace sql

Transaction::Transaction(sql::Connection& connection, const BlobFiles& blobs, bool writing)
    : connection_(connection),
      blobs_(blobs),
      writing_(writing),
      now_(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())) {}

void Transaction::begin_change(Id collection) {
  if (!writing_) throw std::logic_error("a change in a reading transaction");
  if (collection != 0) connection_.hold(collection);
}

constexpr const char* select_epoch = "SELECT epoch FROM store";

std::string Transaction::epoch() {
  const auto row = connection_.prepare(select_epoch);
  if (!row->step()) throw Failure(Trouble::corrupt, "the store has no epoch");
  return std::string(row->text(0));
}

constexpr const char* upsert_epoch =
    "INSERT INTO store (one, epoch, created) VALUES (1, $1, $2) ON CONFLICT (one) DO UPDATE SET epoch = "
    "excluded.epoch";

void Transaction::new_epoch() {
  begin_change(0);
  std::string random(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), static_cast<int>(random.size())) != 1) {
    throw Failure(Trouble::unavailable, "no random numbers");
  }
  const auto upsert = connection_.prepare(upsert_epoch);
  upsert->bind(1, to_hex(random)).bind(2, now_);
  upsert->run();
}

constexpr const char* select_collection = "SELECT " PILEUS_COLLECTION_COLUMNS " FROM collection c WHERE c.id = $1";

std::optional<Collection> Transaction::collection(Id id) {
  if (writing_) connection_.hold(id);
  const auto row = connection_.prepare(select_collection);
  row->bind(1, id);
  if (!row->step()) return std::nullopt;
  auto collection = sql::read_collection(*row);
  parents_[id] = collection.parent;
  return collection;
}

constexpr const char* select_home =
    "SELECT " PILEUS_COLLECTION_COLUMNS " FROM collection c WHERE c.account = $1 AND c.kind = $2 AND c.parent IS NULL";

std::optional<Collection> Transaction::home(Id account, CollectionKind kind) {
  std::optional<Collection> home;
  {
    const auto row = connection_.prepare(select_home);
    row->bind(1, account).bind(2, static_cast<std::int64_t>(kind));
    if (!row->step()) return std::nullopt;
    home = sql::read_collection(*row);
  }
  // To write, what counts is the row as it stands when it is ours.
  return writing_ && connection_.dialect() != sql::Dialect::sqlite ? collection(home->id) : home;
}

constexpr const char* insert_collection =
    "INSERT INTO collection (account, parent, home, kind, name, components, created, modified) "
    "SELECT p.account, p.id, COALESCE(p.home, p.id), $2, $3, $4, $5, $5 FROM collection p WHERE p.id = $1 RETURNING id";

Collection Transaction::create_collection(Id parent, CollectionKind kind, std::string_view name,
                                          std::string_view components) {
  begin_change(parent);
  if (member(parent, name)) throw DuplicateName("the name is taken: " + std::string(name));
  Id id = 0;
  {
    const auto insert = connection_.prepare(insert_collection);
    insert->bind(1, parent).bind(2, static_cast<std::int64_t>(kind)).bind(3, name).bind(4, components).bind(5, now_);
    if (!insert->step()) throw std::logic_error("a collection in a collection that isn't there");
    id = insert->integer(0);
  }
  const Step step = advance(parent, 1);
  Member entry;
  entry.collection = parent;
  entry.name = name;
  entry.number = step.number;
  entry.modseq = entry.added_modseq = step.modseq;
  entry.child = id;
  entry.created = entry.modified = now_;
  add_entry(entry);
  return *collection(id);
}

constexpr const char* select_subtree =
    "WITH RECURSIVE below (id, depth) AS (SELECT CAST($1 AS BIGINT), 0 UNION ALL "
    "SELECT c.id, below.depth + 1 FROM collection c JOIN below ON c.parent = below.id) "
    "SELECT id FROM below ORDER BY depth, id";

// The collection and all below it, those above before those below.
std::vector<Id> Transaction::subtree(Id collection) {
  const auto row = connection_.prepare(select_subtree);
  row->bind(1, collection);
  std::vector<Id> ids;
  while (row->step()) ids.push_back(row->integer(0));
  return ids;
}

constexpr const char* select_entry =
    "SELECT " PILEUS_MEMBER_COLUMNS " FROM member m WHERE m.collection = $1 AND m.child = $2 AND m.deleted = 0";
constexpr const char* bury_entry = "UPDATE member SET deleted = 1, modseq = $2, modified = $3 WHERE id = $1";
constexpr const char* delete_collection = "DELETE FROM collection WHERE id = $1";

void Transaction::remove_collection(Id id, const Actor& actor) {
  begin_change(id);
  const std::optional<Collection> removed = collection(id);
  if (!removed || removed->parent == 0)
    throw std::logic_error("removal of a home, or of a collection that isn't there");
  const std::vector<Id> ids = subtree(id);
  for (auto below = ids.rbegin(); below != ids.rend(); ++below) {
    remove_contents(removed->account, *below, actor);
    const auto remove = connection_.prepare(delete_collection);
    remove->bind(1, *below);
    remove->send();
  }
  Member entry;
  {
    const auto row = connection_.prepare(select_entry);
    row->bind(1, removed->parent).bind(2, id);
    if (!row->step()) throw Failure(Trouble::corrupt, "a collection without its entry in the collection above");
    sql::read_member(*row, entry);
  }
  const Step step = advance(removed->parent, 0);
  record(step.account, entry, sql::revision_remove, 0, actor);
  const auto bury = connection_.prepare(bury_entry);
  bury->bind(1, entry.id).bind(2, step.modseq).bind(3, now_);
  bury->send();
}

// 3 is Keeper::merged, whose members count where they are from.
constexpr const char* sum_sizes =
    "SELECT CAST(COALESCE(SUM(m.size), 0) AS BIGINT) FROM collection c JOIN member m ON m.collection = c.id "
    "WHERE c.id = $1 AND c.keeper <> 3 AND m.deleted = 0";
constexpr const char* record_all =
    "INSERT INTO revision (account, collection, member, name, modseq, change, before, media_type, actor, credential, "
    "at) "
    "SELECT CAST($2 AS BIGINT), m.collection, m.id, m.name, m.modseq, 2, m.blob, m.media_type, CAST($3 AS BIGINT), "
    "CAST($4 AS BIGINT), CAST($5 AS BIGINT) FROM member m "
    "WHERE m.collection = $1 AND m.deleted = 0 AND m.blob IS NOT NULL ORDER BY m.name";
constexpr const char* delete_properties = "DELETE FROM property WHERE collection = $1";
constexpr const char* delete_locks = "DELETE FROM lock WHERE collection = $1";
constexpr const char* delete_times = "DELETE FROM event_fact WHERE collection = $1";
constexpr const char* delete_members = "DELETE FROM member WHERE collection = $1";
constexpr const char* delete_birthdays = "DELETE FROM birthdays WHERE calendar = $1";
constexpr const char* delete_merged = "DELETE FROM merged_book WHERE book = $1";
constexpr const char* delete_subscription = "DELETE FROM subscription WHERE collection = $1";

void Transaction::remove_contents(Id account, Id collection, const Actor& actor) {
  std::int64_t size = 0;
  {
    const auto row = connection_.prepare(sum_sizes);
    row->bind(1, collection);
    if (row->step()) size = row->integer(0);
  }
  charge(account, -size);
  Mail(*this).drop_mailbox(account, collection, actor);
  drop_uses_within(collection);
  drop_texts_within(collection);
  {
    const auto record = connection_.prepare(record_all);
    record->bind(1, collection).bind(2, account).bind(3, actor.account).bind(4, actor.credential).bind(5, now_);
    record->send();
  }
  for (const char* sql : {delete_properties, delete_locks, delete_times, delete_members, delete_subscription,
                          delete_birthdays, delete_merged}) {
    const auto clear = connection_.prepare(sql);
    clear->bind(1, collection);
    clear->send();
  }
}

void Transaction::touch(Id collection) {
  begin_change(collection);
  advance(collection, 0);
}

constexpr const char* update_member_modseq =
    "UPDATE member SET modseq = $3 WHERE collection = $1 AND id = $2 AND deleted = 0";

void Transaction::touch_member(Id collection, Id member) {
  begin_change(collection);
  const Step step = advance(collection, 0);
  const auto update = connection_.prepare(update_member_modseq);
  update->bind(1, collection).bind(2, member).bind(3, step.modseq);
  if (update->run() == 0) throw std::logic_error("a change of a member that isn't there");
}

constexpr const char* advance_collection =
    "UPDATE collection SET modseq = modseq + 1, last_number = last_number + $2, modified = $3 WHERE id = $1 "
    "RETURNING modseq, last_number, account, parent, keeper";

Transaction::Step Transaction::taken(Id collection, const sql::Statement& row) {
  const bool charged = static_cast<Keeper>(row.integer(4)) != Keeper::merged;
  const Step step{row.integer(0), row.integer(1), row.integer(2), charged};
  for (Notice& notice : notices_) {
    if (notice.collection == collection) {
      notice.modseq = step.modseq;
      return step;
    }
  }
  notices_.push_back({step.account, collection, step.modseq});
  return step;
}

// By its id, so that SQLite knows that it changes one row, and needs no way back from the middle.
constexpr const char* update_entry_modseq =
    "UPDATE member SET modseq = $3 WHERE id = "
    "(SELECT e.id FROM member e WHERE e.collection = $1 AND e.child = $2 AND e.deleted = 0)";

void Transaction::set_entry_modseq(Id collection, Id child, Modseq modseq) {
  const auto update = connection_.prepare(update_entry_modseq);
  update->bind(1, collection).bind(2, child).bind(3, modseq);
  update->send();
}

// The collection and those above it, as far as they have been read in this transaction, in which only it moves them.
std::vector<Id> Transaction::known_above(Id collection) const {
  std::vector<Id> chain{collection};
  for (auto known = parents_.find(collection); known != parents_.end() && known->second != 0;
       known = parents_.find(chain.back())) {
    chain.push_back(known->second);
  }
  return chain;
}

// Takes the next modseq of the collection and of all above it up to the home, where the entry of the changed child
// takes that value.
Transaction::Step Transaction::advance(Id collection, int numbers) {
  latest_.reset();
  std::vector<sql::Use> updates;
  const auto start = [&](Id id) {
    sql::Use& update = updates.emplace_back(connection_.prepare(advance_collection));
    update->bind(1, id).bind(2, id == collection ? numbers : 0).bind(3, now_);
    update->start();
  };
  std::vector<Id> chain = known_above(collection);
  for (const Id id : chain) start(id);
  Step first{};
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!updates[i]->step()) throw std::logic_error("a change in a collection that isn't there");
    const Step step = taken(chain[i], *updates[i]);
    const Id parent = updates[i]->integer(3);
    if (i == 0) {
      first = step;
    } else {
      set_entry_modseq(chain[i], chain[i - 1], step.modseq);
    }
    if (i + 1 == chain.size() && parent != 0) {
      chain.push_back(parent);
      start(parent);
    }
  }
  return first;
}

}  // namespace storage
