#include "storage/sql/tidy.h"

#include <algorithm>
#include <set>

#include "storage/blobs.h"
#include "storage/sql/change.h"
#include "storage/sql/database.h"

namespace storage::sql {

namespace {

// How many rows one transaction takes away, so that no writer waits long.
constexpr std::int64_t step_rows = 200;

constexpr const char* find_expired_lock = "SELECT 1 FROM lock WHERE expires <= $1 LIMIT 1";
constexpr const char* delete_expired_locks = "DELETE FROM lock WHERE expires <= $1";

bool locks_step(Store& store) {
  const bool any = store.read([](Transaction& transaction) {
    const auto row = transaction.connection().prepare(find_expired_lock);
    row->bind(1, transaction.now());
    return row->step();
  });
  if (!any) return false;
  store.write([](Transaction& transaction) {
    const auto clear = transaction.connection().prepare(delete_expired_locks);
    clear->bind(1, transaction.now());
    clear->run();
  });
  return false;
}

constexpr const char* find_expired_memory = "SELECT 1 FROM sieve_memory WHERE expires <= $1 LIMIT 1";
constexpr const char* delete_expired_memory =
    "DELETE FROM sieve_memory WHERE (account, hash) IN "
    "(SELECT account, hash FROM sieve_memory WHERE expires <= $1 LIMIT $2)";

bool sieve_memory_step(Store& store) {
  const bool any = store.read([](Transaction& transaction) {
    const auto row = transaction.connection().prepare(find_expired_memory);
    row->bind(1, transaction.now());
    return row->step();
  });
  if (!any) return false;
  return store.write([](Transaction& transaction) {
    const auto clear = transaction.connection().prepare(delete_expired_memory);
    clear->bind(1, transaction.now()).bind(2, step_rows);
    return clear->run() == step_rows;
  });
}

struct Tombstone {
  Id id;
  Id collection;
};

constexpr const char* select_tombstones =
    "SELECT id, collection FROM member WHERE deleted = 1 AND modified < $1 ORDER BY modified LIMIT $2";
constexpr const char* raise_floor =
    "UPDATE collection SET tombstone_floor = m.modseq FROM member m WHERE collection.id = m.collection AND m.id = $1 "
    "AND "
    "m.deleted = 1 AND collection.tombstone_floor < m.modseq";
constexpr const char* delete_tombstone = "DELETE FROM member WHERE id = $1 AND deleted = 1";

bool tombstones_step(Store& store, const StoreOptions& options) {
  const auto old = store.read([&](Transaction& transaction) {
    const auto row = transaction.connection().prepare(select_tombstones);
    row->bind(1, transaction.now() - options.tombstone_seconds).bind(2, step_rows);
    std::vector<Tombstone> tombstones;
    while (row->step()) tombstones.push_back({row->integer(0), row->integer(1)});
    return tombstones;
  });
  if (old.empty()) return false;
  store.write([&](Transaction& transaction) {
    for (const Tombstone& tombstone : old) {
      transaction.connection().hold(tombstone.collection);
      const auto raise = transaction.connection().prepare(raise_floor);
      raise->bind(1, tombstone.id);
      raise->run();
      const auto remove = transaction.connection().prepare(delete_tombstone);
      remove->bind(1, tombstone.id);
      remove->run();
    }
  });
  return static_cast<std::int64_t>(old.size()) == step_rows;
}

std::vector<Id> ids_in(sql::Statement& row) {
  std::vector<Id> ids;
  while (row.step()) ids.push_back(row.integer(0));
  return ids;
}

constexpr const char* select_expunging = "SELECT mailbox FROM expunged WHERE at < $1 ORDER BY at LIMIT $2";
// All up to the latest that is old enough: what one change expunged goes together.
constexpr const char* raise_expunged_floor =
    "UPDATE collection SET tombstone_floor = e.most FROM (SELECT MAX(modseq) AS most FROM expunged WHERE mailbox = $1 "
    "AND at < $2) AS e WHERE collection.id = $1 AND collection.tombstone_floor < e.most";
constexpr const char* delete_expunged =
    "DELETE FROM expunged WHERE mailbox = $1 AND modseq <= (SELECT tombstone_floor FROM collection WHERE id = $1)";

// The same for messages.
bool expunged_step(Store& store, const StoreOptions& options) {
  const auto mailboxes = store.read([&](Transaction& transaction) {
    const auto row = transaction.connection().prepare(select_expunging);
    row->bind(1, transaction.now() - options.tombstone_seconds).bind(2, step_rows);
    return ids_in(*row);
  });
  for (const Id mailbox : std::set<Id>(mailboxes.begin(), mailboxes.end())) {
    store.write([&](Transaction& transaction) {
      transaction.connection().hold(mailbox);
      const auto raise = transaction.connection().prepare(raise_expunged_floor);
      raise->bind(1, mailbox).bind(2, transaction.now() - options.tombstone_seconds);
      raise->run();
      const auto remove = transaction.connection().prepare(delete_expunged);
      remove->bind(1, mailbox);
      remove->run();
    });
  }
  return static_cast<std::int64_t>(mailboxes.size()) == step_rows;
}

struct ThreadId {
  Id account;
  std::int64_t hash;
};

constexpr const char* select_thread_ids =
    "SELECT t.account, t.hash, CASE WHEN EXISTS (SELECT 1 FROM message m WHERE m.thread = t.thread) THEN 1 ELSE 0 END "
    "FROM thread_id t WHERE (t.account, t.hash) > ($1, $2) ORDER BY t.account, t.hash LIMIT $3";
constexpr const char* delete_thread_id =
    "DELETE FROM thread_id WHERE account = $1 AND hash = $2 AND NOT EXISTS (SELECT 1 FROM message m WHERE m.thread = "
    "thread_id.thread)";

// Ids of messages that no message is threaded by any more. One page each time: it is only about space.
void threads_step(Store& store, TidyState& state) {
  constexpr std::int64_t page = 1000;
  std::int64_t seen = 0;
  std::vector<ThreadId> unused;
  store.read([&](Transaction& transaction) {
    const auto row = transaction.connection().prepare(select_thread_ids);
    row->bind(1, state.thread_account).bind(2, state.thread_hash).bind(3, page);
    for (; row->step(); ++seen) {
      state.thread_account = row->integer(0);
      state.thread_hash = row->integer(1);
      if (row->integer(2) == 0) unused.push_back({state.thread_account, state.thread_hash});
    }
  });
  if (seen < page) state.thread_account = state.thread_hash = 0;
  if (unused.empty()) return;
  store.write([&](Transaction& transaction) {
    for (const ThreadId& each : unused) {
      const auto remove = transaction.connection().prepare(delete_thread_id);
      remove->bind(1, each.account).bind(2, each.hash);
      remove->run();
    }
  });
}

struct OldRevision {
  Id id;
  Id before;
};

constexpr const char* select_oldest_revisions = "SELECT id, before, at FROM revision ORDER BY id LIMIT $1";
constexpr const char* delete_revision = "DELETE FROM revision WHERE id = $1";
constexpr const char* release_before = "UPDATE blob SET uses = uses - 1, released = $2 WHERE id = $1";

bool revisions_step(Store& store, const StoreOptions& options) {
  const auto old = store.read([&](Transaction& transaction) {
    const auto row = transaction.connection().prepare(select_oldest_revisions);
    row->bind(1, step_rows);
    std::vector<OldRevision> revisions;
    while (row->step() && row->integer(2) < transaction.now() - options.revision_seconds) {
      revisions.push_back({row->integer(0), row->integer(1)});
    }
    return revisions;
  });
  if (old.empty()) return false;
  store.write([&](Transaction& transaction) {
    for (const OldRevision& revision : old) {
      const auto remove = transaction.connection().prepare(delete_revision);
      remove->bind(1, revision.id);
      // Another node may have been quicker.
      if (remove->run() == 0 || revision.before == 0) continue;
      const auto release = transaction.connection().prepare(release_before);
      release->bind(1, revision.before).bind(2, transaction.now());
      release->run();
    }
  });
  return static_cast<std::int64_t>(old.size()) == step_rows;
}

constexpr const char* select_unused_attachments =
    "SELECT id FROM attachment WHERE uses = 0 AND released <= $1 ORDER BY released LIMIT $2";
constexpr const char* delete_unused_attachment = "DELETE FROM attachment WHERE id = $1 AND uses = 0 RETURNING blob";

// An attachment stays as long as the history holds the bytes that referred to it.
bool attachments_step(Store& store, const StoreOptions& options) {
  const auto unused = store.read([&](Transaction& transaction) {
    const auto row = transaction.connection().prepare(select_unused_attachments);
    row->bind(1, transaction.now() - std::max(options.revision_seconds, options.blob_seconds)).bind(2, step_rows);
    return ids_in(*row);
  });
  if (unused.empty()) return false;
  store.write([&](Transaction& transaction) {
    for (const Id id : unused) {
      Id blob = 0;
      {
        const auto remove = transaction.connection().prepare(delete_unused_attachment);
        remove->bind(1, id);
        if (remove->step()) blob = remove->integer(0);
      }
      if (blob == 0) continue;
      const auto release = transaction.connection().prepare(release_before);
      release->bind(1, blob).bind(2, transaction.now());
      release->run();
    }
  });
  return static_cast<std::int64_t>(unused.size()) == step_rows;
}

constexpr const char* select_unused_blobs =
    "SELECT id FROM blob WHERE uses = 0 AND released <= $1 ORDER BY released LIMIT $2";
constexpr const char* delete_unused_blob = "DELETE FROM blob WHERE id = $1 AND uses = 0 RETURNING hash, place";

// The file goes while the deleted row is still locked: who puts the same bytes waits for that row, and then looks
// whether the file is there (Transaction::use_blob). If the commit fails, a row without a file stays behind, which is
// no harm for the same reason.
bool blobs_step(Store& store, const BlobFiles& blobs, const StoreOptions& options) {
  const auto unused = store.read([&](Transaction& transaction) {
    const auto row = transaction.connection().prepare(select_unused_blobs);
    row->bind(1, transaction.now() - options.blob_seconds).bind(2, step_rows);
    return ids_in(*row);
  });
  if (unused.empty()) return false;
  store.write([&](Transaction& transaction) {
    for (const Id id : unused) {
      const auto remove = transaction.connection().prepare(delete_unused_blob);
      remove->bind(1, id);
      if (remove->step() && remove->integer(1) == place_file) blobs.remove(remove->bytes(0));
    }
  });
  return static_cast<std::int64_t>(unused.size()) == step_rows;
}

struct Stray {
  std::string hash;
  std::int64_t size;
};

constexpr const char* find_blob = "SELECT 1 FROM blob WHERE hash = $1";
constexpr const char* adopt_blob =
    "INSERT INTO blob (hash, size, place, uses, released) VALUES ($1, $2, 1, 0, $3) ON CONFLICT (hash) DO NOTHING";

// A file that was staged and never put. It gets a row, and is then collected as any other blob that nobody uses.
bool strays_step(Store& store, const BlobFiles& blobs, const StoreOptions& options, int folder) {
  std::vector<Stray> strays;
  const Timestamp now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  blobs.for_each_older(folder, now - options.blob_seconds, [&](std::string_view hash, std::int64_t size) {
    strays.push_back({std::string(hash), size});
  });
  store.read([&](Transaction& transaction) {
    std::erase_if(strays, [&](const Stray& stray) {
      const auto row = transaction.connection().prepare(find_blob);
      row->bind_bytes(1, stray.hash);
      return row->step();
    });
  });
  if (strays.empty()) return false;
  store.write([&](Transaction& transaction) {
    for (const Stray& stray : strays) {
      const auto adopt = transaction.connection().prepare(adopt_blob);
      adopt->bind_bytes(1, stray.hash).bind(2, stray.size).bind(3, transaction.now());
      adopt->run();
    }
  });
  return true;
}

// What the index of texts has to take in, or let go of, after many objects were copied or removed at once.
bool texts_step(Store& store) {
  const bool any = store.read([](Transaction& transaction) { return transaction.index_texts(); });
  return any && store.write([](Transaction& transaction) { return transaction.index_texts(); });
}

}  // namespace

void tidy(Store& store, const BlobFiles& blobs, const StoreOptions& options, TidyState& state,
          std::chrono::milliseconds budget) {
  const auto end = std::chrono::steady_clock::now() + budget;
  const auto time_left = [&] { return std::chrono::steady_clock::now() < end; };
  locks_step(store);
  while (time_left() && sieve_memory_step(store)) {
  }
  while (time_left() && tombstones_step(store, options)) {
  }
  while (time_left() && expunged_step(store, options)) {
  }
  if (time_left()) threads_step(store, state);
  while (time_left() && revisions_step(store, options)) {
  }
  while (time_left() && attachments_step(store, options)) {
  }
  while (time_left() && texts_step(store)) {
  }
  for (int folder = 0; folder < 256 && time_left(); ++folder) {
    strays_step(store, blobs, options, state.folder);
    state.folder = (state.folder + 1) % 256;
  }
  while (time_left() && blobs_step(store, blobs, options)) {
  }
}

}  // namespace storage::sql
