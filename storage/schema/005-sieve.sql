-- Sieve. Of an account's scripts at most one is active: it is run over all mail that comes in. What it ran into last
-- stands in fault, so that it is said once.
CREATE TABLE sieve_script (
  account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 0,
  octets BLOB NOT NULL,
  size INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  fault TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- What scripts remember for a time: who was answered (vacation), what was seen (duplicate). The hash is of all that
-- makes it one.
CREATE TABLE sieve_memory (
  account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  hash BLOB NOT NULL,
  expires INTEGER NOT NULL,
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX sieve_memory_expires ON sieve_memory (expires);
