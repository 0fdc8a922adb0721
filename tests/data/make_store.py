#!/usr/bin/python3
"""Writes tests/data/stores/NUMBER-sqlite.sql and NUMBER-postgres.sql: a store as the released version of that schema step
leaves it, with one thing of each kind in it. Run once for each release that has a new schema step, with its program.

usage: PILEUS=… tests/data/make_store.py NUMBER
"""

import pathlib
import re
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent), str(pathlib.Path(__file__).resolve().parent)]

from harness import ROOT, Server, expect, scratch  # noqa: E402

EVENT = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
         "DTSTART;TZID=Europe/Vienna:20260105T090000\r\nDTEND;TZID=Europe/Vienna:20260105T100000\r\n"
         "RRULE:FREQ=WEEKLY\r\nSUMMARY:{uid}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
CARD = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:card\r\nFN:Ada L\u00f6w\r\nEND:VCARD\r\n"
LOCK = ('<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>'
        "<D:owner>ada</D:owner></D:lockinfo>")


def fill(server):
    user = server.user
    client = server.client()
    home = f"/dav/calendars/{user}/"
    client.request("MKCALENDAR", home + "work/", expected=201)
    for uid in ("kept", "changed", "removed"):
        client.request("PUT", f"{home}work/{uid}.ics", EVENT.format(uid=uid), {"Content-Type": "text/calendar"}, expected=201)
    client.request("PUT", f"{home}work/changed.ics", EVENT.format(uid="changed").replace("WEEKLY", "DAILY"),
                   {"Content-Type": "text/calendar"}, expected=204)
    client.request("DELETE", f"{home}work/removed.ics", expected=204)
    client.request("PUT", f"/dav/addressbooks/{user}/contacts/card.vcf", CARD.encode(), {"Content-Type": "text/vcard"}, expected=201)
    client.request("PUT", f"/dav/files/{user}/note.txt", b"a note", {"Content-Type": "text/plain"}, expected=201)
    client.proppatch(f"/dav/files/{user}/note.txt", {"{urn:x}colour": "red"})
    client.request("LOCK", f"/dav/files/{user}/note.txt", LOCK, {"Timeout": "Second-3600"}, expected=200)
    for arguments in (["credential", "create", user, "--label", "phone"], ["account", "create", "team", "--kind", "group"],
                      ["account", "add-member", "team", user]):
        done = server.command(*arguments)
        expect(done.returncode == 0, f"{arguments}: {done.stderr}")


def dump_sqlite(server):
    return subprocess.run(["sqlite3", str(server.data / "pileus.db"), ".dump"], check=True, capture_output=True, text=True).stdout


def dump_postgres(server):
    text = subprocess.run(["pg_dump", "--no-owner", "--no-privileges", "--inserts", "-d", server.postgres.conninfo], check=True,
                          capture_output=True, text=True).stdout
    # Not into `public`, but into the schema that the test sets; and no words to psql.
    kept = [line for line in text.splitlines() if line and not line.startswith(("--", "SET ", "\\", "SELECT pg_catalog.set_config"))]
    return re.sub(r"\bpublic\.", "", "\n".join(kept)) + "\n"


def main():
    number = int(sys.argv[1])
    for store, dump in (("sqlite", dump_sqlite), ("postgres", dump_postgres)):
        with scratch("store") as folder:
            with Server(folder, store) as server:
                fill(server)
                server.terminate()
                (ROOT / f"tests/data/stores/{number:03}-{store}.sql").write_text(dump(server))


if __name__ == "__main__":
    main()
