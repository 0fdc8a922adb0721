#include <limits>

#include "storage/blobs.h"
#include "storage/sql/change.h"
#include "storage/sql/rows.h"
#include "storage/store.h"

namespace storage {

namespace sql {

void read_member(const Statement& row, Member& member) {
  member.id = row.integer(0);
  member.collection = row.integer(1);
  member.name = row.text(2);
  member.number = row.integer(3);
  member.modseq = row.integer(4);
  member.added_modseq = row.integer(5);
  member.deleted = row.integer(6) != 0;
  member.child = row.integer(7);
  member.etag = row.text(8);
  member.size = row.integer(9);
  member.media_type = row.text(10);
  member.blob = row.integer(11);
  member.facts.uid = row.text(12);
  member.facts.component = row.text(13);
  member.created = row.integer(14);
  member.modified = row.integer(15);
}

void bind_id(Statement& statement, int position, Id id) {
  if (id == 0) {
    statement.bind_null(position);
  } else {
    statement.bind(position, id);
  }
}

}  // namespace sql

namespace {

// Long lists are read in pages, so that no driver has to hold all of one in memory.
constexpr std::int64_t page_rows = 1000;

std::optional<Member> one_member(sql::Statement& row, WithBytes with_bytes) {
  if (!row.step()) return std::nullopt;
  Member member;
  sql::read_member(row, member);
  if (with_bytes == WithBytes::yes) member.bytes = row.bytes(sql::member_bytes_column);
  return member;
}

}  // namespace

constexpr const char* select_member =
    "SELECT " PILEUS_MEMBER_COLUMNS " FROM member m WHERE m.collection = $1 AND m.deleted = 0 AND m.name = $2";
constexpr const char* select_member_with_bytes = "SELECT " PILEUS_MEMBER_COLUMNS
                                                 ", b.bytes FROM member m LEFT JOIN blob b ON b.id = m.blob WHERE "
                                                 "m.collection = $1 AND m.deleted = 0 AND m.name = $2";

std::optional<Member> Transaction::member(Id collection, std::string_view name, WithBytes with_bytes) {
  if (latest_ && latest_->collection == collection && latest_->name == name && with_bytes == WithBytes::no) {
    return latest_->member;
  }
  if (writing_) connection_.hold(collection);
  const auto row = connection_.prepare(with_bytes == WithBytes::yes ? select_member_with_bytes : select_member);
  row->bind(1, collection).bind(2, name);
  auto member = one_member(*row, with_bytes);
  if (writing_ && member && member->child != 0) connection_.hold_child(member->child);
  return member;
}

#define PILEUS_ENTRY "SELECT " PILEUS_MEMBER_COLUMNS ", " PILEUS_COLLECTION_COLUMNS
#define PILEUS_ENTRY_NAMED                     \
  " LEFT JOIN collection c ON c.id = m.child " \
  "WHERE m.collection = $1 AND m.deleted = 0 AND m.name = $2"
constexpr const char* select_entry = PILEUS_ENTRY " FROM member m" PILEUS_ENTRY_NAMED;
constexpr const char* select_entry_with_bytes =
    PILEUS_ENTRY ", b.bytes FROM member m LEFT JOIN blob b ON b.id = m.blob" PILEUS_ENTRY_NAMED;

std::optional<Entry> Transaction::entry(Id collection, std::string_view name, WithBytes with_bytes) {
  if (writing_) connection_.hold(collection);
  const auto row = connection_.prepare(with_bytes == WithBytes::yes ? select_entry_with_bytes : select_entry);
  row->bind(1, collection).bind(2, name);
  std::optional<Entry> found;
  if (row->step()) {
    sql::read_member(*row, found.emplace().member);
    if (found->member.child != 0) {
      found->child = sql::read_collection(*row, sql::child_column);
      parents_[found->child->id] = found->child->parent;
      if (writing_) connection_.hold_child(found->child->id);
    }
    if (with_bytes == WithBytes::yes) found->member.bytes = row->bytes(sql::child_column + sql::child_columns);
  }
  if (writing_) {
    latest_ = Latest{collection, std::string(name), found ? std::optional(found->member) : std::nullopt};
  }
  return found;
}

constexpr const char* select_member_with_uid =
    "SELECT " PILEUS_MEMBER_COLUMNS " FROM member m WHERE m.collection = $1 AND m.uid = $2";

std::optional<Member> Transaction::member_with_uid(Id collection, std::string_view uid) {
  if (uid.empty()) return std::nullopt;
  if (writing_) connection_.hold(collection);
  const auto row = connection_.prepare(select_member_with_uid);
  row->bind(1, collection).bind(2, uid);
  return one_member(*row, WithBytes::no);
}

// Compared with a number, since SQLite would read all names of the collection, as they are in order, for IS NOT NULL.
constexpr const char* select_children =
    "SELECT " PILEUS_MEMBER_COLUMNS
    " FROM member m WHERE m.collection = $1 AND m.child > 0 AND m.deleted = 0 ORDER BY m.name";

std::vector<Member> Transaction::children(Id collection) {
  if (writing_) connection_.hold(collection);
  const auto row = connection_.prepare(select_children);
  row->bind(1, collection);
  std::vector<Member> children;
  while (row->step()) sql::read_member(*row, children.emplace_back());
  return children;
}

constexpr const char* select_groups = "SELECT " PILEUS_MEMBER_COLUMNS
                                      " FROM member m WHERE m.collection = $1 AND m.component = 'GROUP' AND "
                                      "m.deleted = 0 ORDER BY m.name";

std::vector<Member> Transaction::groups_in(Id collection) {
  if (writing_) connection_.hold(collection);
  const auto row = connection_.prepare(select_groups);
  row->bind(1, collection);
  std::vector<Member> groups;
  while (row->step()) sql::read_member(*row, groups.emplace_back());
  return groups;
}

constexpr const char* select_members = "SELECT " PILEUS_MEMBER_COLUMNS
                                       " FROM member m WHERE m.collection = $1 AND m.deleted = 0 AND m.name > $2 "
                                       "ORDER BY m.name LIMIT $3";
constexpr const char* select_members_with_bytes =
    "SELECT " PILEUS_MEMBER_COLUMNS
    ", b.bytes FROM member m LEFT JOIN blob b ON b.id = m.blob "
    "WHERE m.collection = $1 AND m.deleted = 0 AND m.name > $2 ORDER BY m.name LIMIT $3";

void Transaction::for_each_member(Id collection, WithBytes with_bytes, const std::function<void(const Member&)>& each) {
  if (writing_) connection_.hold(collection);
  const char* select = with_bytes == WithBytes::yes ? select_members_with_bytes : select_members;
  Member member;
  for (std::int64_t rows = page_rows; rows == page_rows;) {
    const auto row = connection_.prepare(select);
    row->bind(1, collection).bind(2, member.name).bind(3, page_rows);
    for (rows = 0; row->step(); ++rows) {
      sql::read_member(*row, member);
      if (with_bytes == WithBytes::yes) member.bytes = row->bytes(sql::member_bytes_column);
      each(member);
    }
  }
}

constexpr const char* select_changes =
    "SELECT " PILEUS_MEMBER_COLUMNS
    " FROM member m WHERE m.collection = $1 AND m.modseq > $2 ORDER BY m.modseq LIMIT $3";
constexpr const char* select_changes_with_bytes =
    "SELECT " PILEUS_MEMBER_COLUMNS
    ", b.bytes FROM member m LEFT JOIN blob b ON b.id = m.blob "
    "WHERE m.collection = $1 AND m.modseq > $2 ORDER BY m.modseq LIMIT $3";

void Transaction::changes(Id collection, Modseq after, std::int64_t at_most, WithBytes with_bytes,
                          const std::function<void(const Member&)>& each) {
  if (writing_) connection_.hold(collection);
  const char* select = with_bytes == WithBytes::yes ? select_changes_with_bytes : select_changes;
  std::int64_t left = at_most < 0 ? std::numeric_limits<std::int64_t>::max() : at_most;
  Member member;
  member.modseq = after;
  for (std::int64_t rows = page_rows; rows == page_rows && left > 0; left -= rows) {
    const auto row = connection_.prepare(select);
    row->bind(1, collection).bind(2, member.modseq).bind(3, std::min(left, page_rows));
    for (rows = 0; row->step(); ++rows) {
      sql::read_member(*row, member);
      if (with_bytes == WithBytes::yes) member.bytes = row->bytes(sql::member_bytes_column);
      each(member);
    }
  }
}

constexpr const char* select_member_by_id =
    "SELECT " PILEUS_MEMBER_COLUMNS " FROM member m WHERE m.id = $1 AND m.deleted = 0";

Member Transaction::present_member(Id id) {
  const auto row = connection_.prepare(select_member_by_id);
  row->bind(1, id);
  auto member = one_member(*row, WithBytes::no);
  if (!member) throw std::logic_error("a change of a member that isn't there");
  return *std::move(member);
}

constexpr const char* update_member =
    "UPDATE member SET modseq = $2, etag = $3, size = $4, media_type = $5, blob = $6, uid = $7, component = $8, "
    "modified = $9 WHERE id = $1";

Member Transaction::put(Id collection, std::string_view name, const StagedBlob& blob, std::string_view media_type,
                        const ObjectFacts& facts, const Actor& actor) {
  begin_change(collection);
  std::optional<Member> old = member(collection, name);
  if (old && old->child != 0) throw std::logic_error("put on a collection");
  Member next = old ? *old : Member();
  const Id before = next.blob;
  const std::int64_t size_before = next.size;

  const auto blob_row = start_blob(blob);
  const Step step = advance(collection, old ? 0 : 1);
  next.blob = finish_blob(*blob_row, blob);
  if (step.charged) charge(step.account, blob.size - size_before);
  next.modseq = step.modseq;
  next.etag = blob.etag();
  next.size = blob.size;
  next.media_type = media_type;
  next.facts = facts;
  next.modified = now_;
  if (old) {
    const auto update = connection_.prepare(update_member);
    update->bind(1, next.id).bind(2, next.modseq).bind(3, next.etag).bind(4, next.size).bind(5, next.media_type);
    update->bind(6, next.blob).bind(8, facts.component).bind(9, now_);
    facts.uid.empty() ? update->bind_null(7) : update->bind(7, facts.uid);
    update->send();
  } else {
    next.collection = collection;
    next.name = name;
    next.number = step.number;
    next.added_modseq = step.modseq;
    next.created = now_;
    next.id = add_entry(next);
  }
  if (old && !old->facts.component.empty()) remove_times(next.id);
  insert_times(collection, next.id, facts.times);
  if (facts.searched) put_text(next, facts.text);
  record(step.account, next, sql::revision_put, before, actor);
  return next;
}

constexpr const char* delete_tombstone = "DELETE FROM member WHERE collection = $1 AND deleted = 1 AND name = $2";
constexpr const char* insert_member =
    "INSERT INTO member (collection, name, number, modseq, added_modseq, deleted, child, etag, size, media_type, blob, "
    "uid, component, created, modified) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) "
    "RETURNING id";

// A name that comes back is a new resource with a new id, and stands in the place of its tombstone (sync-rules 6).
Id Transaction::add_entry(const Member& entry) {
  latest_.reset();
  const auto tombstone = connection_.prepare(delete_tombstone);
  tombstone->bind(1, entry.collection).bind(2, entry.name);
  tombstone->send();

  const auto insert = connection_.prepare(insert_member);
  insert->bind(1, entry.collection).bind(2, entry.name).bind(3, entry.number).bind(4, entry.modseq);
  insert->bind(5, entry.added_modseq).bind(6, entry.deleted ? 1 : 0).bind(8, entry.etag).bind(9, entry.size);
  insert->bind(10, entry.media_type).bind(13, entry.facts.component).bind(14, entry.created).bind(15, entry.modified);
  sql::bind_id(*insert, 7, entry.child);
  sql::bind_id(*insert, 11, entry.blob);
  entry.facts.uid.empty() ? insert->bind_null(12) : insert->bind(12, entry.facts.uid);
  insert->step();
  return insert->integer(0);
}

constexpr const char* bury_member =
    "UPDATE member SET deleted = 1, modseq = $2, modified = $3, uid = NULL, blob = NULL, etag = '', size = 0 "
    "WHERE id = $1";
constexpr const char* delete_properties_of_member = "DELETE FROM property WHERE collection = $1 AND member = $2";
constexpr const char* delete_locks_of_member = "DELETE FROM lock WHERE collection = $1 AND member = $2";

void Transaction::remove(const Member& member, const Actor& actor) {
  begin_change(member.collection);
  const Member old = present_member(member.id);
  if (old.child != 0) return remove_collection(old.child, actor);

  use_attachments(old, {});
  const Step step = advance(old.collection, 0);
  if (step.charged) charge(step.account, -old.size);
  record(step.account, old, sql::revision_remove, old.blob, actor);
  for (const char* sql : {delete_properties_of_member, delete_locks_of_member}) {
    const auto clear = connection_.prepare(sql);
    clear->bind(1, old.collection).bind(2, old.id);
    clear->send();
  }
  remove_times(old.id);
  drop_text(old.collection, old.id);
  const auto bury = connection_.prepare(bury_member);
  bury->bind(1, old.id).bind(2, step.modseq).bind(3, now_);
  bury->send();
}

constexpr const char* insert_revision =
    "INSERT INTO revision (account, collection, member, name, modseq, change, before, media_type, actor, credential, "
    "at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

// The revision takes over the use of the bytes that stood before.
void Transaction::record(Id account, const Member& member, int change, Id before, const Actor& actor) {
  const auto insert = connection_.prepare(insert_revision);
  insert->bind(1, account).bind(2, member.collection).bind(3, member.id).bind(4, member.name).bind(5, member.modseq);
  insert->bind(6, change).bind(8, member.media_type).bind(9, actor.account).bind(10, actor.credential).bind(11, now_);
  sql::bind_id(*insert, 7, before);
  insert->send();
}

}  // namespace storage
