#!/usr/bin/python3
"""calcurse with calcurse-caldav, over TLS, verified by the CA: two-way sync of appointments, recurring ones and tasks; an
occurrence left out, a task completed and appointments changed and deleted in calcurse reach the server; so do a second
client's changes reach calcurse.

usage: tests/clients/calcurse.py sqlite|postgres
"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import Server, expect, need_programs, scratch, skip  # noqa: E402

OBJECT = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Pileus//test//EN\r\nBEGIN:{kind}\r\nUID:{uid}\r\n"
          "DTSTAMP:20260101T000000Z\r\n{lines}\r\nEND:{kind}\r\nEND:VCALENDAR\r\n")
CONFIG = """[General]
DryRun = No
Hostname = localhost:{port}
Path = /dav/calendars/{user}/work/
[Auth]
Username = {user}
"""


class Run:
    def __init__(self, folder, server):
        self.server = server
        self.data = folder / "calcurse"
        self.data.mkdir()
        self.folder = folder
        self.path = f"/dav/calendars/{server.user}/work/"
        self.other = server.client(tls=True)  # the second client
        (folder / "config").write_text(CONFIG.format(port=server.https_port, user=server.user))
        self.environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "dumb",
                            "CALCURSE_CALDAV_PASSWORD": server.password, "HTTPLIB2_CA_CERTS": str(server.ca)}

    def tool(self, *command, stdin=None):
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, env=self.environment)
        expect(done.returncode == 0, f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
        expect("rror" not in done.stderr and "ailed" not in done.stderr, f"{' '.join(command)}: {done.stderr}")
        return done.stdout

    def sync(self, *options):
        folder = self.folder
        return self.tool("/usr/bin/python3", "/usr/bin/calcurse-caldav", "--config", f"{folder}/config", "--datadir",
                         str(self.data), "--syncdb", f"{folder}/sync.db", "--lockfile", f"{folder}/lock", "--hookdir",
                         f"{folder}/hooks", "-v", *options)

    def take(self, kind, uid, lines):
        """Imports an object into calcurse."""
        self.tool("/usr/bin/calcurse", "-D", str(self.data), "-q", "-i", "-",
                  stdin=OBJECT.format(kind=kind, uid=uid, lines=lines))

    def put(self, name, kind, uid, lines):
        self.other.request("PUT", self.path + name, OBJECT.format(kind=kind, uid=uid, lines=lines),
                           {"Content-Type": "text/calendar; charset=utf-8"}, expected=(201, 204))

    def there(self):
        """What the server holds, as {SUMMARY: text}."""
        listing = self.other.propfind(self.path, "{DAV:}getetag", depth="1")
        bodies = [self.other.request("GET", href, expected=200).body.decode()
                  for href in listing.items if not href.endswith("/")]
        return {line[8:]: body for body in bodies for line in body.splitlines() if line.startswith("SUMMARY:")}

    def here(self):
        """calcurse's own files: a line for each appointment and task."""
        return (self.data / "apts").read_text(), (self.data / "todo").read_text()

    def edit(self, name, old, new):
        file = self.data / name
        text = file.read_text()
        expect(old in text, f"no {old} in calcurse's {name}:\n{text}")
        file.write_text(text.replace(old, new))


def main():
    need_programs("calcurse", "calcurse-caldav")
    if subprocess.run(["/usr/bin/python3", "-c", "import httplib2"], capture_output=True).returncode != 0:
        skip("not installed: python3-httplib2")
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with scratch("calcurse", memory=True) as folder, Server(folder, store, durable=False) as server:
        run = Run(folder, server)
        run.other.request("MKCALENDAR", run.path, expected=201)
        run.take("VEVENT", "here-1",
                 "DTSTART:20260105T090000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=DAILY;COUNT=10\r\nSUMMARY:Stand-up")
        run.take("VEVENT", "here-2", "DTSTART:20260120T140000Z\r\nDURATION:PT2H\r\nSUMMARY:Prüfung 会議")
        run.take("VTODO", "here-3", "PRIORITY:1\r\nSUMMARY:Renew the passport")
        run.put("there%201.ics", "VEVENT", "there-1",
                "DTSTART;VALUE=DATE:20260301\r\nSUMMARY:Zoë's birthday\r\nRRULE:FREQ=YEARLY")
        run.put("there%202.ics", "VTODO", "there-2", "PRIORITY:3\r\nSUMMARY:Water the plants")
        run.sync("--init", "two-way")
        there, (apts, todo) = run.there(), run.here()
        expect(sorted(there) == sorted(["Stand-up", "Prüfung 会議", "Renew the passport", "Zoë's birthday", "Water the plants"]),
               f"the server has {sorted(there)}")
        expect("Zoë's birthday" in apts and "Water the plants" in todo, f"calcurse has:\n{apts}{todo}")

        # Changes here: an occurrence is left out, an appointment later, a task done.
        run.edit("apts", "-> 01/14/2026}", "-> 01/14/2026 !01/07/2026}")
        run.edit("apts", "01/20/2026 @ 14:00", "01/20/2026 @ 13:00")
        run.edit("todo", "[1] ", "[-1] ")
        run.sync()
        there = run.there()
        expect("EXDATE" in there["Stand-up"], f"no occurrence is left out:\n{there['Stand-up']}")
        expect("T130000" in there["Prüfung 会議"], f"the appointment isn't earlier:\n{there['Prüfung 会議']}")
        expect("STATUS:COMPLETED" in there["Renew the passport"], f"the task isn't completed:\n{there['Renew the passport']}")
        expect(len(there) == 5, f"the server has {sorted(there)}")

        # Changes there: one changed, one new, one deleted.
        run.put("there%202.ics", "VTODO", "there-2", "PRIORITY:3\r\nSUMMARY:Water the cactus")
        run.put("there%203.ics", "VEVENT", "there-3", "DTSTART:20260401T100000Z\r\nDURATION:PT1H\r\nSUMMARY:Theirs")
        run.other.request("DELETE", run.path + "there%201.ics", expected=204)
        run.sync()
        apts, todo = run.here()
        expect("Theirs" in apts and "birthday" not in apts and "cactus" in todo and "plants" not in todo,
               f"calcurse has:\n{apts}{todo}")
        run.tool("/usr/bin/calcurse", "-D", str(run.data), "-F", "--filter-pattern", "Stand-up|Theirs|cactus|passport")
        run.sync()
        expect(sorted(run.there()) == sorted(["Stand-up", "Renew the passport", "Water the cactus", "Theirs"]),
               f"after a deletion the server has {sorted(run.there())}")
        said = run.sync()
        expect("Pushing" not in said and "Importing" not in said and "Removing" not in said, f"it isn't at rest:\n{said}")
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    print("calcurse: both sides agree")


if __name__ == "__main__":
    main()
