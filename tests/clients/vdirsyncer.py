#!/usr/bin/python3
"""vdirsyncer finds the account from the server's root, creates collections and syncs 500 events and 500 contacts both
ways, sees changes and deletions of both sides and a conflict; khal, khard and todoman read the result. Over TLS, verified
by the CA.

usage: tests/clients/vdirsyncer.py sqlite|postgres
"""

import pathlib
import subprocess
import sys
import urllib.parse

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "data")]

import make_objects  # noqa: E402
from harness import Server, expect, need_programs, scratch  # noqa: E402

CONFIG = """[general]
status_path = "{folder}/status"

[pair events]
a = "events_here"
b = "events_there"
collections = ["from a", "from b"]
conflict_resolution = {resolution}
metadata = ["color", "displayname"]

[storage events_here]
type = "filesystem"
path = "{folder}/calendars"
fileext = ".ics"

[storage events_there]
type = "caldav"
url = "{url}/"
username = "{user}"
password = "{password}"
verify = "{ca}"

[pair cards]
a = "cards_here"
b = "cards_there"
collections = ["from a", "from b"]
conflict_resolution = {resolution}

[storage cards_here]
type = "filesystem"
path = "{folder}/contacts"
fileext = ".vcf"

[storage cards_there]
type = "carddav"
url = "{url}/"
username = "{user}"
password = "{password}"
verify = "{ca}"
"""


class Run:
    def __init__(self, folder, server):
        self.folder = folder
        self.server = server
        self.client = server.client(tls=True)
        self.calendars = folder / "calendars"
        self.contacts = folder / "contacts"

    def configure(self, resolution="null"):
        (self.folder / "vdirsyncer.conf").write_text(CONFIG.format(
            folder=self.folder, url=self.server.url, user=self.server.user, password=self.server.password,
            ca=self.server.ca, resolution=resolution))

    def tool(self, *command, stdin=None, status=0):
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=240,
                              env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "Europe/Berlin",
                                   "XDG_CONFIG_HOME": str(self.folder / "xdg")})
        expect(status is None or done.returncode == status,
               f"{' '.join(command)}: status {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done

    def vdirsyncer(self, *arguments, **options):
        return self.tool("vdirsyncer", "-c", str(self.folder / "vdirsyncer.conf"), *arguments, **options)

    def there(self, path):
        """{name: bytes} of a collection on the server."""
        listing = self.client.propfind(path, "{DAV:}getetag", "{DAV:}resourcetype", depth="1")
        return {urllib.parse.unquote(href.rsplit("/", 1)[1]): self.client.request("GET", href, expected=200).body
                for href in listing.items if not href.endswith("/")}

    def here(self, folder):
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".ics", ".vcf")}


def uid_of(body):
    text = body.decode().replace("\r\n ", "").replace("\n ", "")
    return next(line[4:].strip() for line in text.splitlines() if line.startswith("UID:"))


def same(here, there, what):
    """Both sides hold the same objects, by UID, with the same content lines. (Names may differ, line ends too.)"""
    def normal(side):
        return {uid_of(body): body.replace(b"\r\n", b"\n").rstrip(b"\n") for body in side.values()}
    left, right = normal(here), normal(there)
    expect(left.keys() == right.keys(), f"{what}: only here {sorted(left.keys() - right.keys())[:5]}, "
           f"only there {sorted(right.keys() - left.keys())[:5]}")
    differing = [uid for uid in left if left[uid] != right[uid]]
    expect(not differing, f"{what}: {len(differing)} differ, first {differing[:3]}\n"
           f"{left[differing[0]][:1500] if differing else ''}\n{right[differing[0]][:1500] if differing else ''}")


def fill(run, events_path, cards_path):
    """Half of the objects here, half there; collections that exist on one side only, on either."""
    for folder in (run.calendars / "made-here", run.calendars / "calendar", run.contacts / "contacts"):
        folder.mkdir(parents=True)
    for number in range(250):
        (run.calendars / "calendar" / f"here {number}.ics").write_bytes(make_objects.event(number).encode())
        (run.contacts / "contacts" / f"here {number}.vcf").write_bytes(make_objects.card(number).encode())
    for number in range(5):
        (run.calendars / "made-here" / f"{number}.ics").write_bytes(
            make_objects.event(number, uid=f"made-{number}@pileus.test").encode())
    for number in range(250, 500):
        run.client.request("PUT", f"{events_path}there-{number}.ics", make_objects.event(number),
                           {"Content-Type": "text/calendar; charset=utf-8"}, expected=(201, 204))
        run.client.request("PUT", f"{cards_path}there-{number}.vcf", make_objects.card(number),
                           {"Content-Type": "text/vcard; charset=utf-8"}, expected=(201, 204))


def change_both_sides(run, events_path, cards_path):
    """On each side 20 changes, 10 deletions, 5 additions, of different objects."""
    events, cards = run.calendars / "calendar", run.contacts / "contacts"
    here = {uid_of(body): name for name, body in run.here(events).items()}
    there = {uid_of(body): name for name, body in run.there(events_path).items()}
    for number in range(20):
        (events / here[f"event-{number}@pileus.test"]).write_bytes(make_objects.event(number, change=1).encode())
    for number in range(20, 30):
        (events / here[f"event-{number}@pileus.test"]).unlink()
    for number in range(300, 320):
        run.client.request("PUT", events_path + urllib.parse.quote(there[f"event-{number}@pileus.test"]),
                           make_objects.event(number, change=2), {"Content-Type": "text/calendar"}, expected=204)
    for number in range(320, 330):
        run.client.request("DELETE", events_path + urllib.parse.quote(there[f"event-{number}@pileus.test"]), expected=204)
    for number in range(500, 505):
        (events / f"new {number}.ics").write_bytes(make_objects.event(number).encode())
        run.client.request("PUT", f"{events_path}new-{number + 100}.ics", make_objects.event(number + 100),
                           {"Content-Type": "text/calendar"}, expected=201)
    card_names = {uid_of(body): name for name, body in run.here(cards).items()}
    card_there = {uid_of(body): name for name, body in run.there(cards_path).items()}
    (cards / card_names["card-1@pileus.test"]).write_bytes(make_objects.card(1, change=1).encode())
    (cards / card_names["card-2@pileus.test"]).unlink()
    run.client.request("DELETE", cards_path + urllib.parse.quote(card_there["card-400@pileus.test"]), expected=204)
    run.client.request("PUT", cards_path + urllib.parse.quote(card_there["card-401@pileus.test"]),
                       make_objects.card(401, change=2), {"Content-Type": "text/vcard"}, expected=204)


def conflict(run, events_path):
    """The same event changed on both sides: refused without a rule, then solved by one."""
    events = run.calendars / "calendar"
    here = {uid_of(body): name for name, body in run.here(events).items()}
    there = {uid_of(body): name for name, body in run.there(events_path).items()}
    uid = "event-40@pileus.test"
    (events / here[uid]).write_bytes(make_objects.event(40, change=7).encode())
    run.client.request("PUT", events_path + urllib.parse.quote(there[uid]), make_objects.event(40, change=8),
                       {"Content-Type": "text/calendar"}, expected=204)
    done = run.vdirsyncer("sync", "events/calendar", status=None)
    expect(done.returncode != 0 and "conflict" in (done.stdout + done.stderr).lower(),
           f"a conflict was not seen: {done.stdout}{done.stderr}")
    run.configure('"b wins"')
    run.vdirsyncer("discover", stdin="y\n" * 40)
    run.vdirsyncer("sync", "events/calendar")
    expect((events / here[uid]).read_bytes().decode().count("changed 8") >= 1, "the conflict was not solved for the server")
    same(run.here(events), run.there(events_path), "events after the conflict")


def readers(run):
    """khal, khard and todoman read what was synced."""
    xdg = run.folder / "xdg"
    for name in ("khal", "khard", "todoman"):
        (xdg / name).mkdir(parents=True)
    (xdg / "khal/config").write_text(
        f"[calendars]\n[[work]]\npath = {run.calendars}/calendar\n[default]\ndefault_calendar = work\n"
        f"[sqlite]\npath = {run.folder}/khal.db\n[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\n"
        "longdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n")
    listed = run.tool("khal", "list", "2026-01-01", "365d").stdout
    expect("Besprechung über Größe" in listed and "会議" in listed, f"khal does not list the events:\n{listed[:1000]}")
    expect("changed 2" in listed, "khal does not list the changed events")
    (xdg / "khard/khard.conf").write_text(f"[addressbooks]\n[[people]]\npath = {run.contacts}/contacts\n[general]\n"
                                          "default_action = list\neditor = true\nmerge_editor = true\n")
    listed = run.tool("khard", "list").stdout
    expect(sum("Person" in line for line in listed.splitlines()) == 498, f"khard lists other than 498 contacts:\n{listed[-1000:]}")
    (xdg / "todoman/config.py").write_text(f'path = "{run.calendars}/*"\ndate_format = "%Y-%m-%d"\ntime_format = "%H:%M"\n'
                                           f'default_list = "tasks"\ncache_path = "{run.folder}/todo.db"\n')
    listed = run.tool("todoman", "list").stdout
    expect(sum("Aufgabe" in line for line in listed.splitlines()) == 12, f"todoman does not list 12 tasks:\n{listed}")


def main():
    need_programs("vdirsyncer", "khal", "khard", "todoman")
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with scratch("vdirsyncer", memory=True) as folder, Server(folder, store, durable=False) as server:
        run = Run(folder, server)
        home = f"/dav/calendars/{server.user}/"
        events_path, cards_path = home + "calendar/", f"/dav/addressbooks/{server.user}/contacts/"
        run.configure()
        fill(run, events_path, cards_path)
        (run.calendars / "tasks").mkdir()
        for number in range(12):
            (run.calendars / "tasks" / f"{number}.ics").write_bytes(make_objects.task(number).encode())

        run.vdirsyncer("discover", stdin="y\n" * 40)
        run.vdirsyncer("sync")
        made = run.client.propfind(home, "{DAV:}resourcetype", depth="1")
        expect(f"{home}made-here/" in made.items, f"vdirsyncer did not create the collection: {sorted(made.items)}")
        events, cards = run.here(run.calendars / "calendar"), run.here(run.contacts / "contacts")
        expect(len(events) == 500 and len(cards) == 500, f"{len(events)} events and {len(cards)} contacts, not 500 each")
        same(events, run.there(events_path), "events")
        same(cards, run.there(cards_path), "contacts")
        same(run.here(run.calendars / "made-here"), run.there(home + "made-here/"), "the new calendar")
        same(run.here(run.calendars / "tasks"), run.there(home + "tasks/"), "tasks")

        change_both_sides(run, events_path, cards_path)
        run.vdirsyncer("sync")
        events, cards = run.here(run.calendars / "calendar"), run.here(run.contacts / "contacts")
        expect(len(events) == 490 and len(cards) == 498, f"{len(events)} events and {len(cards)} contacts, not 490 and 498")
        same(events, run.there(events_path), "changed events")
        same(cards, run.there(cards_path), "changed contacts")

        conflict(run, events_path)
        (run.calendars / "tasks" / "color").write_text("#FF8800")
        run.vdirsyncer("metasync")
        color = run.client.propfind(home + "tasks/", "{http://apple.com/ns/ical/}calendar-color").items[home + "tasks/"]
        expect((color.text("{http://apple.com/ns/ical/}calendar-color") or "").upper().startswith("#FF8800"),
               "the colour did not reach the server")
        readers(run)
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    print("vdirsyncer: both sides agree")


if __name__ == "__main__":
    main()
