-- Mail. A mailbox is a collection; its messages are rows of their own, small and side by side, since a session reads all
-- of a mailbox at once.

-- What a mailbox has beside its row in collection, whose id it has. The counts are those of its messages. A mail home has
-- a row, too: with the latest uid_validity that was given to any of its mailboxes.
CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY REFERENCES collection (id),
  uid_validity INTEGER NOT NULL,
  uid_next INTEGER NOT NULL DEFAULT 1,
  first_recent INTEGER NOT NULL DEFAULT 1,
  messages INTEGER NOT NULL DEFAULT 0,
  unseen INTEGER NOT NULL DEFAULT 0,
  deleted INTEGER NOT NULL DEFAULT 0,
  octets INTEGER NOT NULL DEFAULT 0,
  special_use TEXT NOT NULL DEFAULT '',
  selectable INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Flags are bits (storage/mail.h). Of the facts of its octets there is one row for all that have the same blob.
CREATE TABLE message (
  mailbox INTEGER NOT NULL REFERENCES collection (id),
  uid INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  keywords TEXT NOT NULL,
  modseq INTEGER NOT NULL,
  added_modseq INTEGER NOT NULL,
  internal_date INTEGER NOT NULL,
  internal_zone INTEGER NOT NULL,
  saved INTEGER NOT NULL,
  size INTEGER NOT NULL,
  blob INTEGER NOT NULL REFERENCES blob (id),
  email INTEGER NOT NULL,
  thread INTEGER NOT NULL,
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_modseq ON message (mailbox, modseq);
CREATE INDEX message_blob ON message (blob);
CREATE INDEX message_thread ON message (thread);

-- The tombstones of messages.
CREATE TABLE expunged (
  mailbox INTEGER NOT NULL REFERENCES collection (id),
  modseq INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (mailbox, modseq, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX expunged_at ON expunged (at);

CREATE TABLE message_fact (
  blob INTEGER PRIMARY KEY REFERENCES blob (id) ON DELETE CASCADE,
  edition INTEGER NOT NULL,
  packed BLOB NOT NULL
) STRICT;

-- Headers, apart from the facts: those are read of thousands at once.
CREATE TABLE message_header (
  blob INTEGER PRIMARY KEY REFERENCES blob (id) ON DELETE CASCADE,
  octets BLOB NOT NULL
) STRICT;

-- Which parts of words a message has (storage/signature.h).
CREATE TABLE message_signature (
  blob INTEGER PRIMARY KEY REFERENCES blob (id) ON DELETE CASCADE,
  bits BLOB NOT NULL
) STRICT;

-- In which thread of an account a message id is met; the id is hashed.
CREATE TABLE thread_id (
  account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  hash INTEGER NOT NULL,
  thread INTEGER NOT NULL,
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_subscription (
  account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE mailbox_rights (
  mailbox INTEGER NOT NULL REFERENCES collection (id),
  identifier TEXT NOT NULL,
  rights TEXT NOT NULL,
  PRIMARY KEY (mailbox, identifier)
) STRICT, WITHOUT ROWID;
CREATE INDEX mailbox_rights_identifier ON mailbox_rights (identifier);
