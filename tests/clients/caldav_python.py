#!/usr/bin/python3
"""python3-caldav, over TLS, told no more than the host: finds the account, makes calendars, saves events, tasks and
journals, searches them in every way it has, edits one occurrence, moves, completes, deletes, syncs, asks for free times,
beside a second client's changes.

usage: tests/clients/caldav_python.py sqlite|postgres
"""

import datetime
import logging
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import Server, expect, scratch, skip  # noqa: E402

# What it only wonders about otherwise ("deviation from expectations") is an error then.
os.environ["PYTHON_CALDAV_DEBUGMODE"] = "DEVELOPMENT"
logging.disable(logging.WARNING)
try:
    import caldav
    import icalendar
    from caldav.elements import cdav, dav, ical
    from caldav.lib import error
except ImportError as missing:
    skip(f"not installed: python3-caldav ({missing})")

UTC = datetime.timezone.utc

EVENTS = {
    "daily": "DTSTART;TZID=Europe/Berlin:20260105T090000\nDTEND;TZID=Europe/Berlin:20260105T093000\n"
             "RRULE:FREQ=DAILY;COUNT=10\nSUMMARY:Stand-up\nCATEGORIES:WORK,MEETING",
    "yearly": "DTSTART;VALUE=DATE:19971102\nRRULE:FREQ=YEARLY\nTRANSP:TRANSPARENT\nSUMMARY:Our anniversary\n"
              "CATEGORIES:ANNIVERSARY,PERSONAL,SPECIAL OCCASION",
    "review": "DTSTART:20260120T140000Z\nDTEND:20260120T160000Z\nSUMMARY:Prüfung über Größe\nLOCATION:Zürich\n"
              "DESCRIPTION:Zahlen\\, Pläne\\, Kuchen\nCLASS:CONFIDENTIAL\nSTATUS:CONFIRMED",
    "tentative": "DTSTART:20260121T100000Z\nDURATION:PT1H\nSUMMARY:Perhaps\nSTATUS:TENTATIVE",
    "会議@例.jp": "DTSTART:20260122T100000Z\nDTEND:20260122T110000Z\nSUMMARY:会議 \U0001f382",
}

TODOS = {
    "open": "DTSTART:20260110T080000Z\nDUE:20260112T080000Z\nSTATUS:NEEDS-ACTION\nSUMMARY:Renew the passport\n"
            "PRIORITY:1\nCATEGORIES:ERRAND",
    "bare": "SUMMARY:Without dates",
    "due": "DUE;VALUE=DATE:20260115\nSUMMARY:Taxes\nPRIORITY:5",
    "done": "DUE:20260103T080000Z\nSTATUS:COMPLETED\nCOMPLETED:20260102T080000Z\nSUMMARY:Done",
    "dropped": "DUE:20260113T080000Z\nSTATUS:CANCELLED\nSUMMARY:Dropped",
    "weekly": "DTSTART:20260105T080000Z\nDUE:20260105T090000Z\nRRULE:FREQ=WEEKLY;COUNT=4\nSTATUS:NEEDS-ACTION\n"
              "SUMMARY:Water the plants",
}

JOURNALS = {
    "diary-1": "DTSTART;VALUE=DATE:20260101\nSUMMARY:New Year\nDESCRIPTION:Schnee",
    "diary-2": "DTSTART:20260102T100000Z\nSUMMARY:Second\nCATEGORIES:DIARY",
}


def component(kind, uid, lines):
    return (f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Pileus//test//EN\nBEGIN:{kind}\nUID:{uid}\nDTSTAMP:20260101T000000Z\n"
            f"{lines}\nEND:{kind}\nEND:VCALENDAR\n")


def utc(month, day, hour=0, year=2026):
    return datetime.datetime(year, month, day, hour, tzinfo=UTC)


def uids(objects):
    return sorted(next(str(part["UID"]) for part in thing.icalendar_instance.walk() if part.get("UID")) for thing in objects)


def expect_uids(objects, wanted, what):
    found = uids(objects)
    expect(found == sorted(wanted), f"{what}: found {found}, not {sorted(wanted)}")


def refused(what, action, *errors):
    try:
        action()
    except (errors or (error.DAVError,)):
        return
    expect(False, f"{what} was not refused")


def discover(server):
    """From the host alone, or from the principal."""
    host = f"https://localhost:{server.https_port}/"
    for url in (host, f"{host}dav/principals/{server.user}/"):
        client = caldav.DAVClient(url, username=server.user, password=server.password, ssl_verify_cert=str(server.ca))
        names = {calendar.get_display_name(): calendar for calendar in client.principal().calendars()}
        expect(len(names) >= 2, f"from {url}: calendars {sorted(names)}")
    expect(client.check_dav_support() and client.check_cdav_support(), "OPTIONS doesn't tell of CalDAV")
    wrong = caldav.DAVClient(host, username=server.user, password="wrong", ssl_verify_cert=str(server.ca))
    refused("a wrong password", wrong.principal, error.AuthorizationError)
    return caldav.DAVClient(host, username=server.user, password=server.password, ssl_verify_cert=str(server.ca))


def calendars(principal):
    """Made, named in any script, found by name and by address, coloured, deleted and made again."""
    made = principal.make_calendar(name="Größe & 会議 <\U0001f382>", cal_id="über größe")
    expect(principal.calendar(name="Größe & 会議 <\U0001f382>").url == made.url, "the calendar isn't found by its name")
    expect(principal.calendar(cal_id=str(made.url)).get_display_name() == "Größe & 会議 <\U0001f382>",
           "the calendar isn't found by its address")
    made.set_properties([dav.DisplayName("Arbeit"), ical.CalendarColor("#FF8800FF"), ical.CalendarOrder("7"),
                         cdav.CalendarDescription("für alle")])
    found = made.get_properties([dav.DisplayName(), ical.CalendarColor(), ical.CalendarOrder(), cdav.CalendarDescription()])
    expect(sorted(found.values()) == sorted(["Arbeit", "#FF8800FF", "7", "für alle"]), f"the properties are {found}")
    refused("a second calendar of the same name", lambda: principal.make_calendar(name="x", cal_id="über größe"))
    made.delete()
    refused("a deleted calendar", made.events, error.NotFoundError)
    tasks = principal.make_calendar(name="Nur Aufgaben", cal_id="nur-aufgaben", supported_calendar_component_set=["VTODO"])
    expect(tasks.get_supported_components() == ["VTODO"], f"it takes {tasks.get_supported_components()}")
    refused("an event among tasks", lambda: tasks.save_event(component("VEVENT", "no", EVENTS["review"])))
    return principal.make_calendar(name="Größe", cal_id="über größe"), tasks


def fill(calendar):
    for uid, lines in EVENTS.items():
        calendar.save_event(component("VEVENT", uid, lines))
    for uid, lines in TODOS.items():
        calendar.save_todo(component("VTODO", uid, lines))
    for uid, lines in JOURNALS.items():
        calendar.save_journal(component("VJOURNAL", uid, lines))
    calendar.save_event(component("VEVENT", "made", "DTSTART:20260201T080000Z\nSUMMARY:Made"))
    calendar.save_event(dtstart=datetime.datetime(2026, 2, 1, 8, 0, 0), dtend=datetime.datetime(2026, 2, 1, 9, 0, 0),
                        summary="From properties").delete()
    refused("an event that is there", lambda: calendar.save_event(component("VEVENT", "made", EVENTS["review"]),
                                                                  no_overwrite=True), error.ConsistencyError)
    refused("an event that isn't there",
            lambda: calendar.save_event(component("VEVENT", "nowhere", EVENTS["review"]), no_create=True),
            error.ConsistencyError)
    expect_uids(calendar.events(), [*EVENTS, "made"], "events")
    expect_uids(calendar.journals(), JOURNALS, "journals")
    expect_uids(calendar.todos(), ["open", "bare", "due", "weekly"], "pending tasks")
    expect_uids(calendar.todos(include_completed=True), TODOS, "tasks")
    order = [str(todo.icalendar_component["SUMMARY"]) for todo in calendar.todos(sort_keys=("priority",))]
    expect(order.index("Renew the passport") < order.index("Taxes"), f"tasks by priority: {order}")


def searches(calendar):
    """Each option of search; what the filters find must be neither less nor more."""
    def events(**options):
        return calendar.search(comp_class=caldav.Event, **options)

    expect_uids(events(start=utc(1, 7), end=utc(1, 8)), ["daily"], "one day of a daily event")
    expect_uids(events(start=utc(1, 15), end=utc(1, 16)), [], "the day after its last")
    expect_uids(events(start=utc(11, 2, year=2087), end=utc(11, 3, year=2087)), ["yearly"], "an anniversary far away")
    expect_uids(events(start=utc(1, 20)), [uid for uid in EVENTS if uid != "daily"] + ["made"], "events from a day on")
    expect_uids(events(end=utc(1, 6)), ["daily", "yearly"], "events until a day")
    for parts, count in ((True, 3), (False, 1)):
        found = events(start=utc(1, 6), end=utc(1, 9), expand=True, split_expanded=parts)
        expect(len(found) == count, f"expanded: {len(found)}, not {count}")
        expect(all("RRULE" not in item.data and "VTIMEZONE" not in item.data for item in found), "it isn't expanded")
    starts = sorted(part["DTSTART"].dt for item in found for part in item.icalendar_instance.walk("VEVENT"))
    expect(starts == [utc(1, day, 8) for day in (6, 7, 8)], f"the occurrences start at {starts}")
    here = events(start=utc(1, 6), end=utc(1, 9))[0]
    here.expand_rrule(utc(1, 6), utc(1, 9))
    expect(len(here.icalendar_instance.walk("VEVENT")) == 3, "expanded by the client there are others")

    # Its texts are compared octet by octet unless it is told otherwise.
    for options, wanted in (({"summary": "Prüfung"}, ["review"]), ({"summary": "prüfung"}, []), ({"location": "Zürich"}, ["review"]),
                            ({"description": "Pläne, Kuchen"}, ["review"]), ({"status": "TENTATIVE"}, ["tentative"]),
                            ({"class_": "CONFIDENTIAL"}, ["review"]), ({"category": "PERSONAL"}, ["yearly"]),
                            ({"category": "MEETING"}, ["daily"]), ({"category": "PERSON"}, ["yearly"]),
                            ({"category": "WORK", "start": utc(1, 7), "end": utc(1, 8)}, ["daily"]),
                            ({"category": "PERSONAL", "start": utc(1, 7), "end": utc(1, 8)}, []),
                            ({"uid": "会議@例.jp"}, ["会議@例.jp"]), ({"summary": "会議"}, ["会議@例.jp"])):
        expect_uids(events(**options), wanted, f"events with {options}")
    without = cdav.PropFilter("CATEGORIES") + cdav.NotDefined()
    expect_uids(events(filters=[without]), ["review", "tentative", "会議@例.jp", "made"], "events without a category")
    never = cdav.PropFilter("SUMMARY") + cdav.TextMatch("Stand", negate=True)
    expect_uids(events(filters=[never]), [uid for uid in EVENTS if uid != "daily"] + ["made"], "a negated text")
    for collation, text, wanted in (("i;ascii-casemap", "STAND-", ["daily"]), ("i;ascii-casemap", "PRüF", ["review"]),
                                    ("i;ascii-casemap", "PRÜF", []), ("i;unicode-casemap", "PRÜFUNG ÜBER", ["review"]),
                                    ("i;octet", "stand", [])):
        match = cdav.PropFilter("SUMMARY") + cdav.TextMatch(text, collation=collation)
        expect_uids(events(filters=[match]), wanted, f"{text} by {collation}")

    expect_uids(calendar.search(todo=True, start=utc(1, 11), end=utc(1, 12)), ["open", "bare"], "tasks of a day")
    expect_uids(calendar.search(todo=True, include_completed=True, start=utc(1, 12), end=utc(1, 14)),
                ["open", "bare", "weekly", "dropped"], "all tasks of some days")
    expect_uids(calendar.search(todo=True, category="ERRAND"), ["open"], "tasks of a category")
    expect_uids(calendar.search(comp_class=caldav.Journal, start=utc(1, 1), end=utc(1, 2)), ["diary-1"], "a day's journal")
    expect_uids(calendar.search(comp_class=caldav.Journal, category="DIARY"), ["diary-2"], "journals of a category")
    expect_uids(calendar.search(), [*EVENTS, *TODOS, *JOURNALS, "made"], "everything")
    expect_uids(calendar.date_search(utc(1, 7), utc(1, 8)), ["daily"], "date_search")
    expect_uids(calendar.date_search(utc(1, 11), utc(1, 12), compfilter="VTODO"), ["open", "bare"], "date_search for tasks")
    for uid in ("review", "due", "diary-2", "会議@例.jp"):
        expect(calendar.object_by_uid(uid).icalendar_component["UID"] == uid, f"by UID: {uid}")
    refused("a UID that isn't there", lambda: calendar.object_by_uid("nobody"), error.NotFoundError)
    two = calendar.calendar_multiget([calendar.event_by_uid(uid).url for uid in ("review", "会議@例.jp")])
    expect_uids(two, ["review", "会議@例.jp"], "calendar-multiget")


def edit_occurrence(calendar):
    """One of the ten is moved and renamed; another client sees it so, in the list and in the query of its new day."""
    event = calendar.event_by_uid("daily")
    master = event.icalendar_component
    changed = icalendar.Event()
    changed.add("UID", "daily")
    changed.add("DTSTAMP", utc(1, 1))
    changed.add("RECURRENCE-ID", master["DTSTART"].dt + datetime.timedelta(days=2))
    changed.add("DTSTART", utc(3, 1, 12))
    changed.add("DTEND", utc(3, 1, 13))
    changed.add("SUMMARY", "Stand-up, later")
    event.icalendar_instance.add_component(changed)
    event.save()
    occurrences = calendar.search(comp_class=caldav.Event, start=utc(1, 5), end=utc(3, 2), category="WORK", expand=True)
    summaries = [str(item.icalendar_component["SUMMARY"]) for item in occurrences]
    expect(summaries.count("Stand-up") == 9 and summaries.count("Stand-up, later") == 1, f"occurrences: {summaries}")
    expect_uids(calendar.search(comp_class=caldav.Event, start=utc(1, 7), end=utc(1, 8)), [], "the day that it left")
    expect_uids(calendar.search(comp_class=caldav.Event, start=utc(3, 1), end=utc(3, 2)), ["daily"], "the day it went to")


def move_and_complete(client, calendar, tasks):
    event = calendar.event_by_uid("tentative")
    other = client.principal().make_calendar(name="Other", cal_id="other")
    there = str(other.url.join("moved here.ics"))
    answer = client.request(str(event.url), "MOVE", "", {"Destination": there, "Overwrite": "F"})
    expect(answer.status == 201, f"MOVE: {answer.status}")
    refused("the place that it left", event.load, error.NotFoundError)
    expect_uids(other.events(), ["tentative"], "the other calendar")
    copy = calendar.event_by_uid("review").copy(keep_uid=True, new_parent=other)
    copy.save()
    expect_uids(other.events(), ["tentative", "review"], "after a copy")
    refused("an event moved among tasks",
            lambda: client.request(there, "MOVE", "", {"Destination": str(tasks.url.join("x.ics"))}), error.AuthorizationError)

    todo = calendar.todo_by_uid("open")
    todo.complete()
    expect_uids(calendar.todos(), ["bare", "due", "weekly"], "pending tasks after one is done")
    todo.load()
    expect(todo.icalendar_component["STATUS"] == "COMPLETED", "the completed task")
    todo.uncomplete()
    expect("open" in uids(calendar.todos()), "the task isn't pending again")
    weekly = calendar.todo_by_uid("weekly")
    weekly.complete(completion_timestamp=utc(1, 6), handle_rrule=True, rrule_mode="safe")
    pending = calendar.todo_by_uid("weekly").icalendar_component  # it counts from the completion
    expect(pending["DTSTART"].dt == utc(1, 13), f"the next of a recurring task starts {pending['DTSTART'].dt}")


def sync(client, calendar):
    """A token, then what another client has done since."""
    known = calendar.objects_by_sync_token(load_objects=True)
    expect(len(list(known)) == len(calendar.search()), "the first sync isn't everything")
    expect(known.sync() == ([], []), "a sync right after it finds something")
    other = caldav.DAVClient(str(client.url), username=client.username, password=client.password,
                             ssl_verify_cert=client.ssl_verify_cert)
    theirs = other.principal().calendar(cal_id="über größe")
    theirs.save_event(component("VEVENT", "theirs", "DTSTART:20260301T100000Z\nSUMMARY:Theirs"))
    event = theirs.event_by_uid("made")
    event.icalendar_component["SUMMARY"] = "Changed by them"
    event.save()
    theirs.journal_by_uid("diary-1").delete()
    updated, deleted = known.sync()
    expect(uids(updated) == ["made", "theirs"] and len(deleted) == 1, f"sync: {uids(updated)}, {len(deleted)} deleted")
    expect(calendar.event_by_uid("made").icalendar_component["SUMMARY"] == "Changed by them", "their change isn't seen")
    refused("a token of nowhere", lambda: calendar.objects_by_sync_token("urn:x-pileus:sync:0:0:0"))
    theirs.event_by_uid("theirs").delete()
    refused("a deleted event", lambda: calendar.event_by_uid("theirs"), error.NotFoundError)


def busy(client, server, calendar):
    """Free times of a calendar, the addresses of its user, and what there is of scheduling."""
    times = calendar.freebusy_request(utc(1, 19), utc(1, 21)).vobject_instance.vfreebusy
    periods = [period for line in times.contents.get("freebusy", []) for period in line.value]
    expect(len(periods) == 1 and periods[0][0] == utc(1, 20, 14), f"busy: {periods}")
    principal = client.principal()
    expect(f"mailto:{server.user}@pileus.test" in principal.calendar_user_address_set(), "the user's address")
    for mailbox in (principal.schedule_inbox, principal.schedule_outbox):
        try:
            expect(mailbox().url is not None, "a mailbox has an address")
        except error.NotFoundError:
            pass


def main():
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with scratch("caldav", memory=True) as folder, Server(folder, store, accounts=2, durable=False) as server:
        client = discover(server)
        calendar, tasks = calendars(client.principal())
        fill(calendar)
        searches(calendar)
        edit_occurrence(calendar)
        move_and_complete(client, calendar, tasks)
        sync(client, calendar)
        busy(client, server, calendar)
        calendar.delete()
        refused("a deleted calendar", calendar.events, error.NotFoundError)
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    print("python3-caldav: everything found, changed and synced")


if __name__ == "__main__":
    main()
