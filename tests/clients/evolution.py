#!/usr/bin/python3
"""Evolution Data Server without a screen, which is what GNOME's Calendar, Contacts, Evolution and Endeavour stand on: told no
more than the host, over TLS, it finds calendars, task list and address book; creates, edits one occurrence, moves, completes,
searches, deletes, and sees a second client's changes.

usage: tests/clients/evolution.py sqlite|postgres
"""

import os
import pathlib
import subprocess
import sys
import threading
import time
import traceback
import types
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import Client, Server, expect, need_programs, scratch, skip  # noqa: E402

try:
    import gi
    for name, version in (("EDataServer", "1.2"), ("ECal", "2.0"), ("EBook", "1.2"), ("EBookContacts", "1.2")):
        gi.require_version(name, version)
    from gi.repository import EBook, EBookContacts, ECal, EDataServer, Gio, GLib, ICalGLib
except (ImportError, ValueError) as missing:
    skip(f"not installed: python3-gi, gir1.2-ecal-2.0, gir1.2-ebook-1.2 ({missing})")

ICAL = "BEGIN:{kind}\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n{lines}\r\nEND:{kind}\r\n"
OBJECT = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Pileus//test//EN\r\n" + ICAL + "END:VCALENDAR\r\n"
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:;{name};;;\r\nEMAIL;TYPE=HOME:{email}\r\n{more}END:VCARD\r\n"
NONE = ECal.OperationFlags.NONE
SECONDS = 30


def await_that(what, condition):
    """Polls, since a refresh reports its end to nobody."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            if condition():
                return
        except GLib.Error as fault:
            if time.monotonic() > deadline:
                raise fault
        expect(time.monotonic() < deadline, f"not within {SECONDS} s: {what}")
        time.sleep(0.05)


def component(kind, uid, lines):
    return ICalGLib.Component.new_from_string(ICAL.format(kind=kind, uid=uid, lines=lines))


class Account:
    """The account as a user sets it up: the host's address, a name, a password when asked for one, a certificate accepted."""

    def __init__(self, port, user, password):
        self.registry = EDataServer.SourceRegistry.new_sync(None)
        self.credentials = EDataServer.NamedParameters.new()
        self.credentials.set("username", user)
        self.credentials.set("password", password)
        self.asked = 0
        self.registry.connect("credentials-required", self.give_credentials)
        self.source = EDataServer.Source.new(None, None)
        self.source.set_display_name("Pileus")
        collection = self.source.get_extension(EDataServer.SOURCE_EXTENSION_COLLECTION)
        collection.set_backend_name("webdav")
        collection.set_identity(user)
        collection.set_calendar_url(f"https://localhost:{port}/")
        collection.set_contacts_url(f"https://localhost:{port}/")
        authentication = self.source.get_extension(EDataServer.SOURCE_EXTENSION_AUTHENTICATION)
        authentication.set_host("localhost")
        authentication.set_port(port)
        authentication.set_user(user)
        authentication.set_method("plain/password")

    def give_credentials(self, _registry, source, _reason, certificate, _errors, _fault):
        self.asked += 1
        if certificate:
            webdav = source.get_extension(EDataServer.SOURCE_EXTENSION_WEBDAV_BACKEND)
            webdav.update_ssl_trust("localhost", Gio.TlsCertificate.new_from_pem(certificate, -1),
                                    EDataServer.TrustPromptResponse.ACCEPT)
            source.write_sync(None)
        if self.asked < 100:  # a refused password is asked for again and again
            source.invoke_authenticate(self.credentials, None, lambda source, result: source.invoke_authenticate_finish(result))

    def sources(self, extension):
        """{display name: source} of the account's own."""
        return {source.get_display_name(): source for source in self.registry.list_sources(extension)
                if source.get_parent() == self.source.get_uid()}

    def discover(self):
        self.registry.create_sources_sync([self.source], None)
        await_that("calendar, task list and address book are found",
                   lambda: self.sources("Calendar") and self.sources("Task List") and self.sources("Address Book"))

    def refresh(self):
        self.registry.refresh_backend_sync(self.source.get_uid(), None)


def connect_calendar(source, kind=ECal.ClientSourceType.EVENTS):
    return ECal.Client.connect_sync(source, kind, SECONDS, None)


class Scenario:
    def __init__(self, account, other, user):
        self.account = account
        self.other = other  # the second client
        self.home = f"/dav/calendars/{user}/"
        self.book_path = f"/dav/addressbooks/{user}/contacts/"

    def put(self, path, body, media_type="text/calendar; charset=utf-8"):
        self.other.request("PUT", path, body, {"Content-Type": media_type}, expected=(201, 204))

    def bodies(self, path):
        """{href: text} of what the server holds there."""
        listing = self.other.propfind(path, "{DAV:}getetag", depth="1")
        return {href: self.other.request("GET", href, expected=200).body.decode()
                for href in listing.items if not href.endswith("/")}

    def body_with(self, path, text):
        found = [body for body in self.bodies(path).values() if text in body]
        expect(len(found) == 1, f"{len(found)} objects with {text} in {path}")
        return found[0]

    def run(self):
        self.account.discover()
        calendar = connect_calendar(self.account.sources("Calendar")["Calendar"])
        expect(not calendar.is_readonly(), "the calendar is read-only")
        self.create_and_search(calendar)
        self.edit_occurrence(calendar)
        self.see_changes(calendar)
        self.move(calendar)
        self.tasks()
        self.contacts()

    def create_and_search(self, calendar):
        calendar.create_object_sync(component(
            "VEVENT", "daily", "DTSTART;TZID=Europe/Berlin:20260105T090000\r\nDTEND;TZID=Europe/Berlin:20260105T093000\r\n"
            "RRULE:FREQ=DAILY;COUNT=10\r\nSUMMARY:Stand-up"), NONE, None)
        calendar.create_object_sync(component(
            "VEVENT", "größe", "DTSTART:20260120T140000Z\r\nDTEND:20260120T160000Z\r\nSUMMARY:Prüfung 会議"), NONE, None)
        expect("RRULE:FREQ=DAILY;COUNT=10" in self.body_with(self.home + "calendar/", "Stand-up"), "the rule is lost")
        self.body_with(self.home + "calendar/", "SUMMARY:Prüfung 会議")
        one_day = '(occur-in-time-range? (make-time "20260107T000000Z") (make-time "20260108T000000Z"))'
        for query, wanted in (('(contains? "summary" "prüfung")', ["größe"]), ('(uid? "daily")', ["daily"]),
                              ("#t", ["daily", "größe"]), (one_day, ["daily"])):
            found = sorted(found.get_uid() for found in calendar.get_object_list_sync(query, None)[1])
            expect(found == wanted, f"{query} finds {found}")

    def edit_occurrence(self, calendar):
        changed = component("VEVENT", "daily", "RECURRENCE-ID;TZID=Europe/Berlin:20260107T090000\r\n"
                            "DTSTART;TZID=Europe/Berlin:20260107T150000\r\nDTEND;TZID=Europe/Berlin:20260107T160000\r\n"
                            "SUMMARY:Stand-up in the afternoon")
        calendar.modify_object_sync(changed, ECal.ObjModType.THIS, NONE, None)
        body = self.body_with(self.home + "calendar/", "Stand-up in the afternoon")
        expect(body.count("BEGIN:VEVENT") == 2 and "RRULE:FREQ=DAILY;COUNT=10" in body, f"one occurrence changed:\n{body}")
        calendar.remove_object_sync("daily", "20260109T090000", ECal.ObjModType.THIS, NONE, None)
        expect("EXDATE" in self.body_with(self.home + "calendar/", "Stand-up in"), "the removed occurrence is there")

    def see_changes(self, calendar):
        """A change, an addition and a removal of the second client."""
        href, body = next((href, body) for href, body in self.bodies(self.home + "calendar/").items() if "Prüfung" in body)
        self.put(href, body.replace("Prüfung", "Geprüft"))
        self.put(self.home + "calendar/theirs.ics",
                 OBJECT.format(kind="VEVENT", uid="theirs", lines="DTSTART:20260301T100000Z\r\nSUMMARY:Theirs"))
        calendar.refresh_sync(None)
        await_that("their event is there", lambda: calendar.get_object_sync("theirs", None, None)[0])
        await_that("their change is there", lambda: "Geprüft" in calendar.get_object_sync("größe", None, None)[1].get_summary())
        self.other.request("DELETE", self.home + "calendar/theirs.ics", expected=204)
        calendar.refresh_sync(None)
        await_that("their removal is seen", lambda: not calendar.get_object_list_sync('(uid? "theirs")', None)[1])
        calendar.remove_object_sync("größe", None, ECal.ObjModType.ALL, NONE, None)
        expect(href not in self.bodies(self.home + "calendar/"), "the deleted event is there")

    def move(self, calendar):
        """To a calendar that another client has made: as GNOME does, by a copy with the same UID, then a removal."""
        self.other.request("MKCALENDAR", self.home + urllib.parse.quote("private größe") + "/", expected=201)
        self.account.refresh()
        await_that("the new calendar is found", lambda: "private größe" in self.account.sources("Calendar"))
        private = connect_calendar(self.account.sources("Calendar")["private größe"])
        calendar.create_object_sync(component("VEVENT", "moving", "DTSTART:20260401T100000Z\r\nSUMMARY:Moving"), NONE, None)
        private.create_object_sync(calendar.get_object_sync("moving", None, None)[1], NONE, None)
        calendar.remove_object_sync("moving", None, ECal.ObjModType.ALL, NONE, None)
        self.body_with(self.home + urllib.parse.quote("private größe") + "/", "UID:moving")
        expect(not any("UID:moving" in body for body in self.bodies(self.home + "calendar/").values()), "it is still there")

    def tasks(self):
        tasks = connect_calendar(self.account.sources("Task List")["Tasks"], ECal.ClientSourceType.TASKS)
        passport = component("VTODO", "passport", "DUE;VALUE=DATE:20260112\r\nSUMMARY:Renew the passport")
        tasks.create_object_sync(passport, NONE, None)
        expect("STATUS:COMPLETED" not in self.body_with(self.home + "tasks/", "UID:passport"), "the task is completed already")
        task = tasks.get_object_sync("passport", None, None)[1]
        task.set_status(ICalGLib.PropertyStatus.COMPLETED)
        task.add_property(ICalGLib.Property.new_completed(ICalGLib.Time.new_from_string("20260110T100000Z")))
        tasks.modify_object_sync(task, ECal.ObjModType.ALL, NONE, None)
        body = self.body_with(self.home + "tasks/", "UID:passport")
        expect("STATUS:COMPLETED" in body and "COMPLETED:20260110T100000Z" in body, f"the task isn't completed:\n{body}")
        found = [task.get_uid() for task in tasks.get_object_list_sync("(is-completed?)", None)[1]]
        expect(found == ["passport"], f"completed are {found}")

    def contacts(self):
        book = EBook.BookClient.connect_sync(self.account.sources("Address Book")["Contacts"], SECONDS, None)
        none = EBookContacts.BookOperationFlags.NONE
        uid = book.add_contact_sync(EBookContacts.Contact.new_from_vcard(CARD.format(
            uid="zoë", name="Zoë Müller", email="zoe@pileus.test", more="NOTE:für später\r\n")), none, None)[1]
        self.body_with(self.book_path, "FN:Zoë Müller")
        contact = book.get_contact_sync(uid, None)[1]
        contact.set_property("full-name", "Zoë Meyer")
        book.modify_contact_sync(contact, none, None)
        expect("zoe@pileus.test" in self.body_with(self.book_path, "FN:Zoë Meyer"), "the address is lost")
        friend = CARD.format(uid="theirs", name="Their Friend", email="friend@pileus.test", more="")
        self.put(self.book_path + "theirs.vcf", friend, "text/vcard; charset=utf-8")
        book.refresh_sync(None)
        await_that("their contact is there", lambda: book.get_contact_sync("theirs", None)[0])
        found = [one.get_property("full-name") for one in book.get_contacts_sync('(contains "email" "friend")', None)[1]]
        expect(found == ["Their Friend"], f"a search finds {found}")
        book.remove_contact_by_uid_sync(uid, none, None)
        expect(len(self.bodies(self.book_path)) == 1, "the deleted contact is there")


def inside():
    """Under a message bus of its own; the main loop delivers what the server's helpers ask."""
    host = types.SimpleNamespace(https_port=int(os.environ["PILEUS_PORT"]), ca=os.environ["PILEUS_CA"])
    user, password = os.environ["PILEUS_USER"], os.environ["PILEUS_PASSWORD"]
    loop = GLib.MainLoop()
    account = Account(host.https_port, user, password)
    status = [1]

    def work():
        try:
            Scenario(account, Client(host, user, password, tls=True), user).run()
            status[0] = 0
        except Exception:  # the loop must end whatever it was
            traceback.print_exc()
        finally:
            loop.quit()

    threading.Thread(target=work, daemon=True).start()
    loop.run()
    sys.stderr.flush()
    os._exit(status[0])  # its threads wait for nothing that comes any more


def main():
    if sys.argv[1:] == ["--inside"]:
        inside()
    need_programs("dbus-run-session")
    if not pathlib.Path("/usr/libexec/evolution-source-registry").exists():
        skip("not installed: evolution-data-server")
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with scratch("evolution", memory=True) as folder, Server(folder, store, durable=False) as server:
        run = folder / "run"
        run.mkdir(mode=0o700)
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": str(run),
                       "XDG_CONFIG_HOME": str(folder / "config"), "XDG_CACHE_HOME": str(folder / "cache"),
                       "XDG_DATA_HOME": str(folder / "share"), "GSETTINGS_BACKEND": "memory", "GIO_USE_VFS": "local",
                       "PILEUS_PORT": str(server.https_port), "PILEUS_CA": str(server.ca), "PILEUS_USER": server.user,
                       "PILEUS_PASSWORD": server.password, "WEBDAV_DEBUG": os.environ.get("WEBDAV_DEBUG", "")}
        done = subprocess.run(["dbus-run-session", "--", sys.executable, __file__, "--inside"], env=environment, timeout=150,
                              capture_output=True, text=True)
        if os.environ.get("WEBDAV_DEBUG"):
            print(done.stdout, done.stderr)
        expect(done.returncode == 0, f"status {done.returncode}\n{done.stderr[-6000:]}")
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    print("evolution-data-server: found, changed, moved, completed, deleted; changes of others seen")


if __name__ == "__main__":
    main()
