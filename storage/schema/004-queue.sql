-- Mail on its way out. A message is here as long as somebody is to get it.
CREATE TABLE queued (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL,              -- whose it is; 0 for the server's own
  sender TEXT NOT NULL,                  -- of the envelope; '' for <>
  envelope_id TEXT NOT NULL,
  returned INTEGER NOT NULL,
  eight_bit INTEGER NOT NULL,
  utf8 INTEGER NOT NULL,
  blob INTEGER NOT NULL REFERENCES blob (id),
  size INTEGER NOT NULL,
  created INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL,         -- for one that is leased: when the lease is over
  lease INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  held INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX queued_due ON queued (account, next_attempt) WHERE held = 0;
CREATE INDEX queued_blob ON queued (blob);

-- Those who have not got it yet. `told` is set when the sender has been told that it takes long.
CREATE TABLE queued_recipient (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message INTEGER NOT NULL REFERENCES queued (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  original TEXT NOT NULL,
  notify INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  told INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX queued_recipient_message ON queued_recipient (message);

-- Whose turn it is: of those who have mail in the queue, who was served least lately.
CREATE TABLE queue_turn (
  account INTEGER PRIMARY KEY,
  served INTEGER NOT NULL
) STRICT;

-- Which messages an account has got, by a hash of the message id, where those that come twice are dropped.
CREATE TABLE delivered_id (
  account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  hash BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivered_id_at ON delivered_id (at);
