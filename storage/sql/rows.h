#pragma once

#include "storage/sql/database.h"
#include "storage/types.h"

// The columns of a row in the order in which it is read, for the SQL constants that select whole rows.
#define PILEUS_MEMBER_COLUMNS                                                                            \
  "m.id, m.collection, m.name, m.number, m.modseq, m.added_modseq, m.deleted, m.child, m.etag, m.size, " \
  "m.media_type, m.blob, m.uid, m.component, m.created, m.modified"
#define PILEUS_COLLECTION_COLUMNS                                                                                 \
  "c.id, c.account, c.parent, c.kind, c.name, c.modseq, c.tombstone_floor, c.components, c.created, c.modified, " \
  "c.keeper"

namespace storage::sql {

/// The column after those of a member: its bytes, or the first of its collection, where they are selected too.
constexpr int member_bytes_column = 16;
constexpr int child_column = 16;
constexpr int child_columns = 11;

/// Fills everything but `bytes`.
void read_member(const Statement& row, Member& member);

Collection read_collection(const Statement& row, int first_column = 0);

/// Says who changes what is in a collection.
void set_keeper(Connection& connection, Id collection, Keeper keeper);

/// An id, or NULL for 0.
void bind_id(Statement& statement, int position, Id id);

}  // namespace storage::sql
