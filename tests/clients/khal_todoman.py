#!/usr/bin/python3
"""khal and todoman write, over vdirsyncer: an event and a recurring one are made, renamed, deleted; tasks are made, completed,
changed and moved to another list; khal shows the one occurrence that a second client has changed.

usage: tests/clients/khal_todoman.py sqlite|postgres
"""

import json
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent)]

from harness import Server, expect, need_programs, scratch  # noqa: E402
from vdirsyncer import Run  # noqa: E402

KHAL = """[calendars]
[[calendar]]
path = {folder}/calendars/calendar
[default]
default_calendar = calendar
[sqlite]
path = {folder}/khal.db
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
"""
TODOMAN = """path = "{folder}/calendars/*"
date_format = "%Y-%m-%d"
time_format = "%H:%M"
default_list = "tasks"
cache_path = "{folder}/todo.db"
"""


class Desk(Run):
    """Somebody's desk: khal and todoman over the folder that vdirsyncer keeps."""

    def __init__(self, folder, server):
        super().__init__(folder, server)
        self.home = f"/dav/calendars/{server.user}/"
        self.configure()
        for program, name, text in (("khal", "config", KHAL), ("todoman", "config.py", TODOMAN)):
            (folder / "xdg" / program).mkdir(parents=True)
            (folder / "xdg" / program / name).write_text(text.format(folder=folder))

    def sync(self):
        self.vdirsyncer("sync", "events")

    def khal(self, *arguments, stdin=None):
        return self.tool("khal", *arguments, stdin=stdin).stdout

    def todo(self, *arguments):
        return self.tool("todoman", *arguments).stdout

    def todos(self, *options):
        """{summary: number} as todoman shows its tasks."""
        return {todo["summary"]: str(todo["id"]) for todo in json.loads(self.todo("--porcelain", "list", *options))}

    def object_with(self, calendar, text):
        """The name and text of the one object there that has the text."""
        found = [(name, body.decode()) for name, body in self.there(f"{self.home}{calendar}/").items() if text in body.decode()]
        expect(len(found) == 1, f"{len(found)} objects with {text} in {calendar}")
        return found[0]


def events(desk):
    desk.khal("new", "-a", "calendar", "2026-02-20", "14:00", "15:00", "Prüfung über Größe", "::", "Pläne, Kuchen")
    desk.khal("new", "-a", "calendar", "--repeat", "daily", "--until", "2026-02-07", "2026-02-03", "09:00", "09:30", "Stand-up")
    desk.sync()
    expect("DESCRIPTION:Pläne\\, Kuchen" in desk.object_with("calendar", "SUMMARY:Prüfung über Größe")[1], "the description")

    # Another client moves one occurrence, and khal shows it there.
    name, body = desk.object_with("calendar", "SUMMARY:Stand-up")
    uid = next(line for line in body.splitlines() if line.startswith("UID:"))
    changed = ["BEGIN:VEVENT", uid, "DTSTAMP:20260101T000000Z", "RECURRENCE-ID;TZID=Europe/Berlin:20260205T090000",
               "DTSTART;TZID=Europe/Berlin:20260205T160000", "DTEND;TZID=Europe/Berlin:20260205T170000", "SUMMARY:Stand-up, later",
               "END:VEVENT", "END:VCALENDAR", ""]
    desk.client.request("PUT", f"{desk.home}calendar/{name}", body[:body.rindex("END:VCALENDAR")] + "\r\n".join(changed),
                        {"Content-Type": "text/calendar"}, expected=204)
    desk.sync()
    listed = desk.khal("list", "2026-02-05", "1d")
    expect("16:00-17:00 Stand-up, later" in listed and "09:00" not in listed, f"khal shows on that day:\n{listed}")

    desk.khal("edit", "--show-past", "Prüfung", stdin="s\nGeprüft\n\nq\n")
    desk.sync()
    desk.object_with("calendar", "SUMMARY:Geprüft")
    desk.khal("edit", "--show-past", "Geprüft", stdin="D\ny\n")
    desk.sync()
    expect(len(desk.there(f"{desk.home}calendar/")) == 1, "the deleted event is there")
    expect(desk.object_with("calendar", "RRULE")[1].count("BEGIN:VEVENT") == 2, "the changed occurrence is lost")


def tasks(desk):
    desk.todo("new", "--list", "tasks", "--due", "2026-02-12", "Pass verlängern")
    desk.todo("new", "--list", "tasks", "Blumen gießen")
    desk.todo("new", "--list", "tasks", "Überflüssig")
    desk.sync()
    expect(len(desk.there(f"{desk.home}tasks/")) == 3, "three tasks")
    desk.todo("done", desk.todos()["Pass verlängern"])
    desk.todo("edit", "--priority", "high", desk.todos()["Blumen gießen"])
    desk.todo("move", "--list", "private", desk.todos()["Blumen gießen"])
    desk.todo("delete", "--yes", desk.todos()["Überflüssig"])
    desk.sync()
    body = desk.object_with("tasks", "SUMMARY:Pass verlängern")[1]
    expect("STATUS:COMPLETED" in body and "COMPLETED" in body, f"the task isn't completed:\n{body}")
    expect("PRIORITY:4" in desk.object_with("private", "SUMMARY:Blumen gießen")[1], "the moved task")
    expect(len(desk.there(f"{desk.home}tasks/")) == 1, "the moved and the deleted task are there")
    name, body = desk.object_with("private", "Blumen")
    desk.client.request("PUT", f"{desk.home}private/{name}", body.replace("Blumen", "Kakteen"), {"Content-Type": "text/calendar"},
                        expected=204)
    desk.sync()
    expect("Kakteen gießen" in desk.todos(), f"todoman shows {desk.todos()}")


def main():
    need_programs("vdirsyncer", "khal", "todoman")
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with scratch("khal", memory=True) as folder, Server(folder, store, durable=False) as server:
        desk = Desk(folder, server)
        desk.client.request("MKCALENDAR", desk.home + "private/", expected=201)
        desk.vdirsyncer("discover", "events", stdin="y\n" * 10)
        desk.sync()
        events(desk)
        tasks(desk)
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    print("khal and todoman: made, changed, moved, completed and deleted")


if __name__ == "__main__":
    main()
