-- What calendars and address books need beyond names and bytes.

-- When an object of a calendar is, for queries by time: derived from its bytes, in one row or a few. All rows of one
-- `scale` are about equally long, so that those touching a range start within a known distance of it; those of scale 7
-- come back every year, and `first` is their day of the year. `pattern` belongs to those who derive the rows. From scale 8
-- on it is the same for when its alarms are, in layers of eight scales each, by how far they are from it at most.
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
  SELECT m.collection, s.scale, -9223372036854775807, 9223372036854775807, -1, m.id
  FROM member m JOIN collection c ON c.id = m.collection CROSS JOIN (SELECT 6 AS scale UNION ALL SELECT 14) s WHERE c.kind IN (3, 6) AND m.deleted = 0 AND m.child IS NULL;

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

-- Who changes what is in a collection: 0 clients, 1 the server, which fetches a calendar from elsewhere (subscription),
-- 2 the server, from the account's cards (birthdays), 3 the server, from the account's other address books (merged_book).
ALTER TABLE collection ADD COLUMN keeper INTEGER NOT NULL DEFAULT 0;

-- What has come of fetching a calendar from elsewhere. Its address stands in the calendar's properties. Times and
-- lengths of time that there are none of are 0.
CREATE TABLE subscription (
  collection INTEGER PRIMARY KEY REFERENCES collection (id),
  next_fetch INTEGER NOT NULL DEFAULT 0,
  lease INTEGER NOT NULL DEFAULT 0,
  url TEXT NOT NULL DEFAULT '',
  etag TEXT NOT NULL DEFAULT '',
  last_modified TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL DEFAULT '',
  period INTEGER NOT NULL DEFAULT 0,
  last_fetch INTEGER NOT NULL DEFAULT 0,
  last_success INTEGER NOT NULL DEFAULT 0,
  status INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  failures INTEGER NOT NULL DEFAULT 0,
  gone_since INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX subscription_due ON subscription (next_fetch);

-- Until now a calendar was marked as subscribed by a stored property.
INSERT INTO subscription (collection)
  SELECT p.collection FROM property p JOIN collection c ON c.id = p.collection
  WHERE p.member = 0 AND p.ns = 'DAV:' AND p.name = 'resourcetype';
DELETE FROM property WHERE member = 0 AND ns = 'DAV:' AND name = 'resourcetype';
UPDATE collection SET keeper = 1 WHERE id IN (SELECT collection FROM subscription);

-- Whether the account has a calendar of its contacts' birthdays: 1, 0, or as configured.
ALTER TABLE account ADD COLUMN birthdays INTEGER;

-- The calendar of birthdays, and what it was made from: the cards as they were at that modseq of the address book home,
-- by that edition of the rules.
CREATE TABLE birthdays (
  calendar INTEGER PRIMARY KEY REFERENCES collection (id),
  account INTEGER NOT NULL UNIQUE REFERENCES account (id),
  seen INTEGER NOT NULL,
  edition INTEGER NOT NULL
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

-- What others find of the account in the directory and in searches: 0 its name and addresses, 1 its name, 2 nothing.
ALTER TABLE account ADD COLUMN listing INTEGER NOT NULL DEFAULT 0;

-- Whether Contacts on macOS is given one address book of all the account's cards: 1, 0, or as configured.
ALTER TABLE account ADD COLUMN merged_book INTEGER;

-- That book (keeper 3), and the modseq of the address book home that it is made as of.
CREATE TABLE merged_book (
  book INTEGER PRIMARY KEY REFERENCES collection (id),
  seen INTEGER NOT NULL
) STRICT;

-- The cards of groups, which are looked at when a card comes into an address book that keeps them and categories the
-- same.
CREATE INDEX member_group ON member (collection) WHERE component = 'GROUP' AND deleted = 0;

-- What objects say, for queries by text: the texts of a card, folded. NULL where there is too much: any query finds it.
-- The index (card_gram) follows after some changes. `state` is 0 where it holds `text`, 1 where it holds `held` still (or
-- nothing, where that is NULL), 2 where it holds nothing for there is no text. Who is gone leaves a row without a text
-- until the index has let go of it.
CREATE TABLE card_fact (
  collection INTEGER NOT NULL,
  member INTEGER NOT NULL,
  text TEXT,
  held TEXT,
  state INTEGER NOT NULL,
  PRIMARY KEY (collection, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX card_fact_open ON card_fact (collection, state, member) WHERE state > 0;

-- Which members have which grams (storage/search.h), those of a collection beside each other.
-- For SQLite alone.
CREATE VIRTUAL TABLE card_gram USING fts5 (grams, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
INSERT INTO card_gram (card_gram, rank) VALUES ('automerge', 8);
-- A view of all that is in it.
CREATE VIRTUAL TABLE card_gram_held USING fts5vocab (card_gram, instance);
-- For PostgreSQL alone.
--: CREATE TABLE card_gram (
--:   collection BIGINT NOT NULL,
--:   member BIGINT NOT NULL,
--:   grams BIGINT[] NOT NULL,
--:   PRIMARY KEY (collection, member)
--: );
--: ALTER TABLE card_gram ALTER COLUMN grams SET STATISTICS 0;
--: CREATE INDEX card_gram_grams ON card_gram USING gin (grams) WITH (gin_pending_list_limit = 512);
-- For both.

-- By which rules all texts of card_fact are made; none until they are known to be.
CREATE TABLE card_index (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  edition TEXT NOT NULL
) STRICT;
