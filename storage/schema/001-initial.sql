-- The first schema. One text for both databases: written in SQLite's words (STRICT tables; INTEGER is 64 bits; BLOB); the
-- PostgreSQL driver turns those words into its own. Times are seconds since 1970, yes and no are 1 and 0.

CREATE TABLE store (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  epoch TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  kind INTEGER NOT NULL,
  display_name TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  locale TEXT NOT NULL,
  quota INTEGER,
  used INTEGER NOT NULL DEFAULT 0,
  disabled INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  -- Argon2id, in its usual encoding.
  password TEXT
) STRICT;

CREATE TABLE address (
  email TEXT PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  position INTEGER NOT NULL
) STRICT;
CREATE INDEX address_account ON address (account, position);

CREATE TABLE membership (
  team INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  PRIMARY KEY (team, account)
) STRICT;
CREATE INDEX membership_account ON membership (account);

CREATE TABLE credential (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  label TEXT NOT NULL,
  hash BLOB NOT NULL,
  dav INTEGER NOT NULL,
  mail INTEGER NOT NULL,
  read_only INTEGER NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER,
  last_used INTEGER,
  last_address TEXT NOT NULL DEFAULT '',
  last_client TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX credential_hash ON credential (account, hash);

CREATE TABLE collection (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES account (id),
  parent INTEGER REFERENCES collection (id),
  home INTEGER REFERENCES collection (id),
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  modseq INTEGER NOT NULL DEFAULT 0,
  tombstone_floor INTEGER NOT NULL DEFAULT 0,
  last_number INTEGER NOT NULL DEFAULT 0,
  components TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX collection_home ON collection (account, kind) WHERE parent IS NULL;
CREATE INDEX collection_account ON collection (account);
CREATE INDEX collection_parent ON collection (parent);
CREATE INDEX collection_of_home ON collection (home);

-- Small bytes stand in the row; large ones in a file named by the hash (place = 1).
CREATE TABLE blob (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hash BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  place INTEGER NOT NULL,
  bytes BLOB,
  uses INTEGER NOT NULL,
  released INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX blob_unused ON blob (released) WHERE uses = 0;

-- Every name in a collection: objects, files, and the collections below it (child). A removed name stays as a tombstone.
CREATE TABLE member (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL REFERENCES collection (id),
  name TEXT NOT NULL,
  number INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  added_modseq INTEGER NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  child INTEGER,
  etag TEXT NOT NULL DEFAULT '',
  size INTEGER NOT NULL DEFAULT 0,
  media_type TEXT NOT NULL DEFAULT '',
  blob INTEGER REFERENCES blob (id),
  uid TEXT,
  component TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX member_name ON member (collection, deleted, name);
CREATE UNIQUE INDEX member_modseq ON member (collection, modseq);
CREATE UNIQUE INDEX member_uid ON member (collection, uid) WHERE uid IS NOT NULL;
CREATE INDEX member_child ON member (collection, child) WHERE child IS NOT NULL;
CREATE INDEX member_blob ON member (blob) WHERE blob IS NOT NULL;
-- Tombstones by age, for the housekeeping.
CREATE INDEX member_tombstone ON member (modified) WHERE deleted = 1;

-- What was done, by whom, and the bytes that stood before.
CREATE TABLE revision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES account (id),
  collection INTEGER NOT NULL,
  member INTEGER NOT NULL,
  name TEXT NOT NULL,
  modseq INTEGER NOT NULL,
  change INTEGER NOT NULL,
  before INTEGER REFERENCES blob (id),
  media_type TEXT NOT NULL,
  actor INTEGER NOT NULL,
  credential INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX revision_member ON revision (account, collection, member);
CREATE INDEX revision_before ON revision (before) WHERE before IS NOT NULL;

-- Of a member, or of the collection itself (member = 0).
CREATE TABLE property (
  collection INTEGER NOT NULL REFERENCES collection (id),
  member INTEGER NOT NULL,
  ns TEXT NOT NULL,
  name TEXT NOT NULL,
  xml TEXT NOT NULL,
  PRIMARY KEY (collection, member, ns, name)
) STRICT;

CREATE TABLE lock (
  token TEXT PRIMARY KEY,
  collection INTEGER NOT NULL REFERENCES collection (id),
  member INTEGER NOT NULL,
  account INTEGER NOT NULL REFERENCES account (id),
  exclusive INTEGER NOT NULL,
  infinite INTEGER NOT NULL,
  owner TEXT NOT NULL,
  root TEXT NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX lock_collection ON lock (collection, member);
CREATE INDEX lock_account ON lock (account);
CREATE INDEX lock_expires ON lock (expires);
