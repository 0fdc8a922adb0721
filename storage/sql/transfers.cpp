// Copies and moves.
#include "storage/failure.h"
#include "storage/sql/change.h"
#include "storage/sql/rows.h"
#include "storage/store.h"

namespace storage {

constexpr const char* select_above =
    "WITH RECURSIVE above (id) AS (SELECT CAST($1 AS BIGINT) UNION ALL "
    "SELECT c.parent FROM collection c JOIN above ON c.id = above.id WHERE c.parent IS NOT NULL) "
    "SELECT 1 FROM above WHERE id = $2";

void Transaction::check_not_within(Id collection, Id ancestor) {
  const auto row = connection_.prepare(select_above);
  row->bind(1, collection).bind(2, ancestor);
  if (row->step()) throw std::logic_error("a collection copied or moved into itself");
}

constexpr const char* relocate_member =
    "UPDATE member SET collection = $2, name = $3, number = $4, modseq = $5, added_modseq = $5, modified = $6 "
    "WHERE id = $1";
constexpr const char* relocate_properties = "UPDATE property SET collection = $3 WHERE collection = $1 AND member = $2";
constexpr const char* relocate_times = "UPDATE event_fact SET collection = $2 WHERE member = $1";
constexpr const char* delete_locks_of_moved = "DELETE FROM lock WHERE collection = $1 AND member = $2";
constexpr const char* delete_old_tombstone = "DELETE FROM member WHERE collection = $1 AND deleted = 1 AND name = $2";

// The row goes to its new place and keeps its id; the tombstone at the old place is a new row.
Member Transaction::move_entry(const Member& member, const Step& from, Id to_collection, std::string_view to_name,
                               const Step& to) {
  Member moved = member;
  moved.collection = to_collection;
  moved.name = to_name;
  moved.number = to.number;
  moved.modseq = moved.added_modseq = to.modseq;
  {
    const auto clear = connection_.prepare(delete_old_tombstone);
    clear->bind(1, to_collection).bind(2, to_name);
    clear->send();
    const auto relocate = connection_.prepare(relocate_member);
    relocate->bind(1, member.id).bind(2, to_collection).bind(3, to_name).bind(4, to.number).bind(5, to.modseq);
    relocate->bind(6, member.modified);
    relocate->send();
    const auto properties = connection_.prepare(relocate_properties);
    properties->bind(1, member.collection).bind(2, member.id).bind(3, to_collection);
    properties->send();
    const auto times = connection_.prepare(relocate_times);
    times->bind(1, member.id).bind(2, to_collection);
    times->send();
    const auto locks = connection_.prepare(delete_locks_of_moved);
    locks->bind(1, member.collection).bind(2, member.id);
    locks->send();
  }
  if (to_collection != member.collection) {
    copy_text(member.collection, member.id, to_collection, member.id);
    drop_text(member.collection, member.id);
  }
  Member tombstone;
  tombstone.collection = member.collection;
  tombstone.name = member.name;
  tombstone.number = member.number;
  tombstone.modseq = from.modseq;
  tombstone.added_modseq = member.added_modseq;
  tombstone.deleted = true;
  tombstone.child = member.child;
  tombstone.media_type = member.media_type;
  tombstone.facts.component = member.facts.component;
  tombstone.created = member.created;
  tombstone.modified = now_;
  add_entry(tombstone);
  return moved;
}

constexpr const char* relocate_collection = "UPDATE collection SET parent = $2, name = $3 WHERE id = $1";
constexpr const char* select_home_of = "SELECT COALESCE(home, id), account FROM collection WHERE id = $1";

Member Transaction::move(const Member& member, Id to_collection, std::string_view to_name, const Actor& actor) {
  begin_change(member.collection);
  begin_change(to_collection);
  const Member old = present_member(member.id);
  if (this->member(to_collection, to_name)) throw std::logic_error("a move onto something");
  if (old.child != 0) check_not_within(to_collection, old.child);

  const Step from = advance(old.collection, 0);
  const Step to = advance(to_collection, 1);
  const Member moved = move_entry(old, from, to_collection, to_name, to);
  if (old.child != 0) {
    {
      const auto relocate = connection_.prepare(relocate_collection);
      relocate->bind(1, old.child).bind(2, to_collection).bind(3, to_name);
      relocate->send();
      parents_.erase(old.child);
    }
    Id home = 0;
    {
      const auto row = connection_.prepare(select_home_of);
      row->bind(1, to_collection);
      row->step();
      home = row->integer(0);
    }
    change_owner(old.child, home, from.account, to.account);
  } else if (from.account != to.account) {
    charge(to.account, old.size);
    charge(from.account, -old.size);
  }
  record(to.account, moved, sql::revision_move, 0, actor);
  return moved;
}

constexpr const char* update_owner = "UPDATE collection SET account = $2, home = $3 WHERE id = $1";
constexpr const char* sum_sizes_moved =
    "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM member WHERE collection = $1 AND deleted = 0";
constexpr const char* delete_locks_moved = "DELETE FROM lock WHERE collection = $1";

// After a move: the collection and all below it belong to the home and the account they are in now; locks don't move.
void Transaction::change_owner(Id collection, Id home, Id from_account, Id to_account) {
  for (const Id id : subtree(collection)) {
    {
      const auto update = connection_.prepare(update_owner);
      update->bind(1, id).bind(2, to_account).bind(3, home);
      update->send();
      const auto locks = connection_.prepare(delete_locks_moved);
      locks->bind(1, id);
      locks->send();
    }
    if (from_account == to_account) continue;
    std::int64_t size = 0;
    {
      const auto row = connection_.prepare(sum_sizes_moved);
      row->bind(1, id);
      if (row->step()) size = row->integer(0);
    }
    charge(to_account, size);
    charge(from_account, -size);
  }
}

constexpr const char* reuse_blob = "UPDATE blob SET uses = uses + 1 WHERE id = $1";
constexpr const char* copy_properties =
    "INSERT INTO property (collection, member, ns, name, xml) SELECT CAST($3 AS BIGINT), CAST($4 AS BIGINT), p.ns, "
    "p.name, p.xml FROM property p WHERE p.collection = $1 AND p.member = $2";

constexpr const char* copy_times =
    "INSERT INTO event_fact (collection, scale, first, last, pattern, member) SELECT CAST($2 AS BIGINT), scale, first, "
    "last, pattern, CAST($3 AS BIGINT) FROM event_fact WHERE member = $1";

Member Transaction::copy(const Member& member, Id to_collection, std::string_view to_name, const Actor& actor) {
  begin_change(member.collection);
  begin_change(to_collection);
  const Member source = present_member(member.id);
  if (source.child != 0) {
    check_not_within(to_collection, source.child);
    Member entry = copy_shallow(source, to_collection, to_name);
    copy_contents(source.child, entry.child, actor);
    return *this->member(to_collection, to_name);
  }
  if (this->member(to_collection, to_name)) throw std::logic_error("a copy onto something");

  const Step step = advance(to_collection, 1);
  if (step.charged) charge(step.account, source.size);
  Member copied = source;
  copied.collection = to_collection;
  copied.name = to_name;
  copied.number = step.number;
  copied.modseq = copied.added_modseq = step.modseq;
  copied.created = copied.modified = now_;
  copied.id = add_entry(copied);
  if (copied.blob != 0) {
    const auto reuse = connection_.prepare(reuse_blob);
    reuse->bind(1, copied.blob);
    reuse->send();
  }
  const auto properties = connection_.prepare(copy_properties);
  properties->bind(1, source.collection).bind(2, source.id).bind(3, to_collection).bind(4, copied.id);
  properties->send();
  const auto times = connection_.prepare(copy_times);
  times->bind(1, source.id).bind(2, to_collection).bind(3, copied.id);
  times->send();
  copy_text(source.collection, source.id, to_collection, copied.id);
  copy_uses(source.id, copied.id);
  record(step.account, copied, sql::revision_put, 0, actor);
  return copied;
}

Member Transaction::copy_shallow(const Member& member, Id to_collection, std::string_view to_name) {
  begin_change(member.collection);
  begin_change(to_collection);
  const std::optional<Collection> source = collection(member.child);
  if (!source) throw std::logic_error("a copy of a collection that isn't there");
  const Collection made = create_collection(to_collection, source->kind, to_name, source->components);
  const auto properties = connection_.prepare(copy_properties);
  properties->bind(1, source->id).bind(2, 0).bind(3, made.id).bind(4, 0);
  properties->send();
  return *this->member(to_collection, to_name);
}

constexpr const char* copy_members =
    "INSERT INTO member (collection, name, number, modseq, added_modseq, etag, size, media_type, blob, uid, component, "
    "created, modified) SELECT CAST($2 AS BIGINT), m.name, ROW_NUMBER() OVER (ORDER BY m.name), "
    "ROW_NUMBER() OVER (ORDER BY m.name), ROW_NUMBER() OVER (ORDER BY m.name), m.etag, m.size, m.media_type, m.blob, "
    "m.uid, m.component, CAST($3 AS BIGINT), CAST($3 AS BIGINT) FROM member m "
    "WHERE m.collection = $1 AND m.deleted = 0 AND m.child IS NULL";
constexpr const char* reuse_blobs =
    "UPDATE blob SET uses = uses + c.n FROM (SELECT blob AS id, COUNT(*) AS n FROM member "
    "WHERE collection = $1 AND deleted = 0 AND blob IS NOT NULL GROUP BY blob) AS c WHERE blob.id = c.id";
constexpr const char* copy_member_properties =
    "INSERT INTO property (collection, member, ns, name, xml) SELECT CAST($2 AS BIGINT), n.id, p.ns, p.name, p.xml "
    "FROM property p JOIN member o ON o.id = p.member JOIN member n ON n.collection = $2 AND n.deleted = 0 AND "
    "n.name = o.name WHERE p.collection = $1 AND p.member > 0";
constexpr const char* copy_member_times =
    "INSERT INTO event_fact (collection, scale, first, last, pattern, member) SELECT CAST($2 AS BIGINT), f.scale, "
    "f.first, f.last, f.pattern, n.id FROM event_fact f JOIN member o ON o.id = f.member JOIN member n ON n.collection "
    "= $2 AND n.deleted = 0 AND n.name = o.name WHERE f.collection = $1";
constexpr const char* record_copies =
    "INSERT INTO revision (account, collection, member, name, modseq, change, media_type, actor, credential, at) "
    "SELECT CAST($2 AS BIGINT), m.collection, m.id, m.name, m.modseq, 1, m.media_type, CAST($3 AS BIGINT), "
    "CAST($4 AS BIGINT), m.created FROM member m WHERE m.collection = $1 AND m.deleted = 0 AND m.child IS NULL";
constexpr const char* count_up =
    "UPDATE collection SET modseq = modseq + $2, last_number = last_number + $2 WHERE id = $1 RETURNING account";
constexpr const char* sum_sizes_copied =
    "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM member WHERE collection = $1 AND deleted = 0";

// Fills the new, empty collection `to` with copies of all that is in `from`. Nobody has seen it yet, so its members
// simply take the first modseqs; the collections above have taken theirs when it was made.
void Transaction::copy_contents(Id from, Id to, const Actor& actor) {
  std::int64_t members = 0;
  {
    const auto insert = connection_.prepare(copy_members);
    insert->bind(1, from).bind(2, to).bind(3, now_);
    members = insert->run();
    const auto reuse = connection_.prepare(reuse_blobs);
    reuse->bind(1, to);
    reuse->send();
    for (const char* sql : {copy_member_properties, copy_member_times}) {
      const auto derived = connection_.prepare(sql);
      derived->bind(1, from).bind(2, to);
      derived->send();
    }
  }
  copy_texts_within(from, to);
  copy_uses_within(from, to);
  std::int64_t size = 0;
  {
    const auto row = connection_.prepare(sum_sizes_copied);
    row->bind(1, to);
    if (row->step()) size = row->integer(0);
  }
  const auto count = connection_.prepare(count_up);
  count->bind(1, to).bind(2, members);
  if (!count->step()) throw std::logic_error("a copy into a collection that isn't there");
  const Id account = count->integer(0);
  charge(account, size);

  const auto record = connection_.prepare(record_copies);
  record->bind(1, to).bind(2, account).bind(3, actor.account).bind(4, actor.credential);
  record->send();
  for (const Member& child : children(from)) {
    const Member entry = copy_shallow(child, to, child.name);
    copy_contents(child.child, entry.child, actor);
  }
}

}  // namespace storage
