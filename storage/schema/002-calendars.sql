-- What calendars and address books need beyond names and bytes.

-- When an object of a calendar is, for queries by time: derived from its bytes, in one row or a few. All rows of one
-- `scale` are about equally long, so that those touching a range start within a known distance of it; those of scale 7
-- come back every year, and `first` is their day of the year. `pattern` belongs to those who derive the rows.
-- (The columns of the key come first: SQLite's integrity check misreads a table WITHOUT ROWID where they don't.)
CREATE TABLE event_fact (
  collection INTEGER NOT NULL REFERENCES collection (id),
  scale INTEGER NOT NULL,
  first INTEGER NOT NULL,
  member INTEGER NOT NULL,
  last INTEGER NOT NULL,
  pattern INTEGER NOT NULL,
  PRIMARY KEY (collection, scale, first, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_fact_member ON event_fact (member);

-- Secret addresses under which a calendar or an address book is read without logging in. Of the secret only its SHA-256
-- is kept.
CREATE TABLE link (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  collection INTEGER NOT NULL REFERENCES collection (id) ON DELETE CASCADE,
  hash BLOB NOT NULL UNIQUE,
  label TEXT NOT NULL,
  busy_only INTEGER NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER,
  last_used INTEGER
) STRICT;
CREATE INDEX link_collection ON link (collection);
-- Objects put before this are found at any time (storage::TimeFact::unknown) until their rows are derived.
INSERT INTO event_fact (collection, scale, first, last, pattern, member)
  SELECT m.collection, 6, -9223372036854775807, 9223372036854775807, -1, m.id
  FROM member m JOIN collection c ON c.id = m.collection WHERE c.kind IN (3, 6) AND m.deleted = 0 AND m.child IS NULL;

-- By which release of the time zone database all rows of event_fact hold; none until they are known to.
CREATE TABLE event_index (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  release TEXT NOT NULL
) STRICT;

-- The time zones that have been used, as they were, since when: what a new release of them changes can then be told.
CREATE TABLE time_zone (
  name TEXT NOT NULL,
  seen INTEGER NOT NULL,
  octets BLOB NOT NULL,
  PRIMARY KEY (name, seen)
) STRICT;

-- Managed attachments (RFC 8607): bytes that calendar objects refer to by MANAGED-ID. `uses` counts the objects that do.
-- What nobody uses any more is kept for a time, for those who take back what they did; then `released` says since when.
CREATE TABLE attachment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES account (id),
  managed_id TEXT NOT NULL UNIQUE,
  blob INTEGER NOT NULL REFERENCES blob (id),
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  created INTEGER NOT NULL,
  uses INTEGER NOT NULL DEFAULT 0,
  released INTEGER NOT NULL
) STRICT;
CREATE INDEX attachment_account ON attachment (account);
CREATE INDEX attachment_blob ON attachment (blob);
CREATE INDEX attachment_unused ON attachment (released) WHERE uses = 0;

CREATE TABLE attachment_use (
  member INTEGER NOT NULL REFERENCES member (id),
  attachment INTEGER NOT NULL REFERENCES attachment (id),
  PRIMARY KEY (member, attachment)
) STRICT;
CREATE INDEX attachment_use_attachment ON attachment_use (attachment);
