-- What SCRAM-SHA-256 needs of passwords: made whenever one is set, or seen.

-- All passwords of an account have one salt, since the server must name it before it knows which one it is to check.
CREATE TABLE scram (
  account INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  salt BLOB NOT NULL,
  iterations INTEGER NOT NULL
) STRICT;

-- Of the account's own password (credential = 0) and of app passwords.
CREATE TABLE scram_key (
  account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  credential INTEGER NOT NULL,
  stored_key BLOB NOT NULL,
  server_key BLOB NOT NULL,
  PRIMARY KEY (account, credential)
) STRICT, WITHOUT ROWID;

-- Random octets that all nodes share.
CREATE TABLE secret (
  name TEXT PRIMARY KEY,
  octets BLOB NOT NULL
) STRICT;
