"""Calendars of a thousand and of many events: what queries by time, multigets, exports and imports cost. The size must not
matter, only what is returned."""

import re

import make_objects
from make_objects import BERLIN, fold

XML = ("Content-Type: application/xml; charset=utf-8",)
WEEK = ("20260302T000000Z", "20260309T000000Z")
MONTHS = ("20260301T000000Z", "20260601T000000Z")
NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'


def query(span, data):
    start, end = span
    return (f"<C:calendar-query {NAMESPACES}><D:prop><D:getetag/>{data}</D:prop><C:filter><C:comp-filter name=\"VCALENDAR\">"
            f"<C:comp-filter name=\"VEVENT\"><C:time-range start=\"{start}\" end=\"{end}\"/></C:comp-filter></C:comp-filter></C:filter>"
            "</C:calendar-query>")


def free_busy(span):
    return f"<C:free-busy-query {NAMESPACES}><C:time-range start=\"{span[0]}\" end=\"{span[1]}\"/></C:free-busy-query>"


def multiget(paths):
    hrefs = "".join(f"<D:href>{path}</D:href>" for path in paths)
    return f"<C:calendar-multiget {NAMESPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>"


WHOLE = "<C:calendar-data/>"
EXPANDED = f'<C:calendar-data><C:expand start="{WEEK[0]}" end="{WEEK[1]}"/></C:calendar-data>'


def report(subject, path, body, depth="1"):
    return subject.request("REPORT", path, body, {"Depth": depth, "Content-Type": "application/xml; charset=utf-8"})


def answers(text):
    return len(re.findall(rb"<(?:\w+:)?response[ >]", text))


def measured(bench, row, subject, path, body, objects):
    """One at a time: each may return much. What can't be done is left out."""
    if not bench.wanted(row):
        return
    status, text = report(subject, path, body)
    if status not in (200, 207):
        print(f"  {row}: {subject.name} answers {status}", flush=True)
        return
    result = bench.load.run(subject, "REPORT", path, 1, seconds=bench.seconds, body=body, headers=(*XML, "Depth: 1"))
    bench.note(row, subject, **result, objects=objects if objects is not None else answers(text))


def queries(bench, subject, path, size):
    measured(bench, f"one week of {size} events", subject, path, query(WEEK, WHOLE), None)
    measured(bench, f"one week, expanded, of {size} events", subject, path, query(WEEK, EXPANDED), None)
    row = f"free and busy of three months of {size} events"
    if bench.wanted(row):
        _, text = report(subject, path, query(MONTHS, ""))
        measured(bench, row, subject, path, free_busy(MONTHS), answers(text))
    row = f"multiget of 1000 of {size} events"
    if bench.wanted(row):
        _, text = subject.request("PROPFIND", path, f'<D:propfind {NAMESPACES}><D:prop><D:getetag/></D:prop></D:propfind>',
                                  {"Depth": "1", "Content-Type": "application/xml"})
        paths = [href.decode() for href in re.findall(rb"<(?:\w+:)?href[^>]*>([^<]+\.ics)<", text)]
        step = max(1, len(paths) // 1000)
        measured(bench, row, subject, path, multiget(paths[::step][:1000]), 1000)


def export(bench, subject, path, size):
    row = f"GET of a calendar of {size} events"
    if not bench.wanted(row):
        return
    status, text = subject.request("GET", path)
    if status != 200 or not text.startswith(b"BEGIN:VCALENDAR"):
        print(f"  {row}: {subject.name} has no such thing", flush=True)
        return
    result = bench.load.run(subject, "GET", path, 1, seconds=bench.seconds)
    bench.note(row, subject, **result, objects=text.count(b"BEGIN:VEVENT"))


def calendar_file(folder, size):
    file = folder / f"planned-{size}.ics"
    if not file.exists():
        with open(file, "w", newline="") as out:
            out.write(fold(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Pileus//Tests//EN\n{BERLIN}"))
            for number in range(1, size + 1):
                out.write(fold(make_objects.planned_event(number)))
            out.write("END:VCALENDAR\r\n")
    return file


def bulk(bench, subject, size):
    """A POST of many objects in one VCALENDAR, where the server takes it."""
    row = f"POST of {size} events at once"
    if not bench.wanted(row):
        return
    path = f"{subject.calendars}posted/"
    subject.make(path)
    body = calendar_file(bench.folder, size).read_text(newline="")
    status, _ = subject.request("POST", path, body, {"Content-Type": "text/calendar"})
    if status not in (200, 207):
        print(f"  {row}: {subject.name} answers {status}", flush=True)
        return
    path = f"{subject.calendars}posted2/"
    subject.make(path)
    result = bench.load.run(subject, "POST", path, 1, requests=1, body=body, headers=("Content-Type: text/calendar",))
    bench.note(row, subject, rate=size / result["seconds"], cpu=result["cpu"], base_cpu=result["base_cpu"], peak_kib=result["peak_kib"])


def pileus(bench, subject):
    if not any(bench.wanted(f"{row} {size} events") for size in (1000, bench.planned) for row in (
            "one week of", "one week, expanded, of", "free and busy of three months of", "multiget of 1000 of", "GET of a calendar of",
            "pileus import of")):
        return
    for size in (1000, bench.planned):
        seconds, used, base = subject.bring(calendar_file(bench.folder, size), f"planned{size}")
        bench.note(f"pileus import of {size} events", subject, rate=size / seconds, cpu=used / size, base_cpu=base / size)
        path = f"{subject.calendars}planned{size}/"
        queries(bench, subject, path, size)
        export(bench, subject, path, size)
    bulk(bench, subject, 1000)


def other(bench, subject):
    size = 1000
    if not any(bench.wanted(f"{row} {size} events") for row in (
            "one week of", "one week, expanded, of", "free and busy of three months of", "multiget of 1000 of", "GET of a calendar of")):
        return
    subject.fill_planned(f"planned{size}", size)
    path = f"{subject.calendars}planned{size}/"
    queries(bench, subject, path, size)
    export(bench, subject, path, size)
