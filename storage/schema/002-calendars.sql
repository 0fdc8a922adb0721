-- What calendars and address books need beyond names and bytes.

-- When an object of a calendar is, for queries by time: derived from its bytes. An object may have several rows. All
-- rows of one `scale` are about equally long, so that those touching a range start within a known distance of it.
CREATE TABLE event_fact (
  collection INTEGER NOT NULL REFERENCES collection (id),
  scale INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  member INTEGER NOT NULL REFERENCES member (id),
  PRIMARY KEY (collection, scale, first, member)
) STRICT;
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
