"""Fills a stopped store with calendar objects by SQL, past the server, where putting them would take too long. What comes
out is what the server itself would have written; `pileus check` is run over it."""

import hashlib
import sqlite3
import subprocess
import sys
import time

from make_objects import fold


def tiny_event(number, name):
    return fold("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Pileus//Tests//EN\nBEGIN:VEVENT\n"
                f"UID:{name}-{number}@pileus.test\nDTSTAMP:20250101T000000Z\nDTSTART:20260101T100000Z\nDURATION:PT1H\nSUMMARY:E {number} of {name}\n"
                "END:VEVENT\nEND:VCALENDAR\n").encode()


def rows(collection, name, count, modseq, number, member, blob, now):
    """The rows of blob, member and event_fact, for objects e0000001.ics and on."""
    for index in range(1, count + 1):
        body = tiny_event(index, name)
        digest = hashlib.sha256(body).digest()
        # The fact is that of tiny_event: from ten to eleven.
        yield ((blob + index, digest, len(body), 0, body, 1),
               (member + index, collection, f"e{index:07}.ics", number + index, modseq + index, modseq + index, digest[:16].hex(), len(body),
                "text/calendar; charset=utf-8; component=VEVENT", blob + index, f"{name}-{index}@pileus.test", "VEVENT", now, now),
               (collection, 0, 1767261600, 1767265200, 0, member + index))


BLOB = "id, hash, size, place, bytes, uses"
MEMBER = "id, collection, name, number, modseq, added_modseq, etag, size, media_type, blob, uid, component, created, modified"
FACT = "collection, scale, first, last, pattern, member"
FIND = "SELECT id, modseq, last_number, account FROM collection WHERE name = '{name}'"
COUNT = "UPDATE collection SET modseq = modseq + {count}, last_number = last_number + {count} WHERE id = {collection}"
USED = ("UPDATE account SET used = (SELECT COALESCE(SUM(m.size), 0) FROM member m JOIN collection c ON c.id = m.collection "
        "WHERE c.account = account.id AND m.deleted = 0) WHERE id = {account}")


def fill_sqlite(path, name, count):
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -400000")
    collection, modseq, number, account = database.execute(FIND.format(name=name)).fetchone()
    blob, = database.execute("SELECT COALESCE(MAX(id), 0) FROM blob").fetchone()
    member, = database.execute("SELECT COALESCE(MAX(id), 0) FROM member").fetchone()
    database.execute("BEGIN")
    batch = []

    def flush():
        database.executemany(f"INSERT INTO blob ({BLOB}) VALUES (?,?,?,?,?,?)", [one for one, _, _ in batch])
        database.executemany(f"INSERT INTO member ({MEMBER}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", [one for _, one, _ in batch])
        database.executemany(f"INSERT INTO event_fact ({FACT}) VALUES (?,?,?,?,?,?)", [one for _, _, one in batch])
        batch.clear()

    for row in rows(collection, name, count, modseq, number, member, blob, int(time.time())):
        batch.append(row)
        if len(batch) == 20_000:
            flush()
    flush()
    database.execute(COUNT.format(count=count, collection=collection))
    database.execute(USED.format(account=account))
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def copy(postgres, table, columns, lines):
    process = subprocess.Popen(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", postgres.conninfo, "-c",
                                f"COPY {table} ({columns}) FROM STDIN"], stdin=subprocess.PIPE, text=True)
    for line in lines:
        process.stdin.write("\t".join("\\\\x" + one.hex() if isinstance(one, bytes) else str(one) for one in line) + "\n")
    process.stdin.close()
    if process.wait():
        sys.exit(f"COPY into {table} failed")


def fill_postgres(postgres, name, count):
    collection, modseq, number, account = map(int, postgres.sql(FIND.format(name=name) + ";").split("|"))
    blob = int(postgres.sql("SELECT COALESCE(MAX(id), 0) FROM blob;"))
    member = int(postgres.sql("SELECT COALESCE(MAX(id), 0) FROM member;"))
    made = list(rows(collection, name, count, modseq, number, member, blob, int(time.time())))
    copy(postgres, "blob", BLOB, (one for one, _, _ in made))
    copy(postgres, "member", MEMBER, (one for _, one, _ in made))
    copy(postgres, "event_fact", FACT, (one for _, _, one in made))
    postgres.sql(COUNT.format(count=count, collection=collection) + ";" + USED.format(account=account) + ";")
    for table in ("blob", "member"):
        postgres.sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}));")
    postgres.sql("VACUUM ANALYZE;")
