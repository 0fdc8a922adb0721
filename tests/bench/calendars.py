"""Calendars of a thousand and of many events: what queries by time, multigets, exports and imports cost. The size must not
matter, only what is returned."""

import make_objects
from asked import answers, hrefs, measured, report, thousand
from make_objects import BERLIN, fold

WEEK = ("20260302T000000Z", "20260309T000000Z")
DAY = ("20260303T000000Z", "20260304T000000Z")
MONTHS = ("20260301T000000Z", "20260601T000000Z")
NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'


def query(span, data):
    start, end = span
    return (f"<C:calendar-query {NAMESPACES}><D:prop><D:getetag/>{data}</D:prop><C:filter><C:comp-filter name=\"VCALENDAR\">"
            f"<C:comp-filter name=\"VEVENT\"><C:time-range start=\"{start}\" end=\"{end}\"/></C:comp-filter></C:comp-filter></C:filter>"
            "</C:calendar-query>")


def alarms(span):
    start, end = span
    return query(span, "").replace(f'<C:time-range start="{start}" end="{end}"/>',
                                   f'<C:comp-filter name="VALARM"><C:time-range start="{start}" end="{end}"/></C:comp-filter>')


def free_busy(span):
    return f"<C:free-busy-query {NAMESPACES}><C:time-range start=\"{span[0]}\" end=\"{span[1]}\"/></C:free-busy-query>"


def multiget(paths):
    named = "".join(f"<D:href>{path}</D:href>" for path in paths)
    return f"<C:calendar-multiget {NAMESPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>{named}</C:calendar-multiget>"


WHOLE = "<C:calendar-data/>"
EXPANDED = f'<C:calendar-data><C:expand start="{WEEK[0]}" end="{WEEK[1]}"/></C:calendar-data>'


# What is measured of every server.
ROWS = ("one week of {} events", "one week, expanded, of {} events", "alarms of one day of {} events",
        "free and busy of three months of {} events", "multiget of 1000 of {} events", "GET of a calendar of {} events")
# And of Pileus alone.
OWN_ROWS = ("pileus import of {} events", "POST of {} events at once", "PUT among {} events, but for the commit")


def queries(bench, subject, path, size):
    measured(bench, f"one week of {size} events", subject, path, query(WEEK, WHOLE), None)
    measured(bench, f"one week, expanded, of {size} events", subject, path, query(WEEK, EXPANDED), None)
    measured(bench, f"alarms of one day of {size} events", subject, path, alarms(DAY), None)
    row = f"free and busy of three months of {size} events"
    if bench.wanted(row):
        _, text = report(subject, path, query(MONTHS, ""))
        measured(bench, row, subject, path, free_busy(MONTHS), answers(text))
    row = f"multiget of 1000 of {size} events"
    if bench.wanted(row):
        measured(bench, row, subject, path, multiget(thousand(hrefs(subject, path, "ics"))), 1000)


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
    body = calendar_file(bench.folder, size).read_bytes().decode()
    for name in ("posted", "posted-again"):
        path = f"{subject.calendars}{name}-{size}/"
        subject.make(path)
        result = bench.load.run(subject, "POST", path, 1, requests=1, body=body, headers=("Content-Type: text/calendar",))
    bench.note(row, subject, rate=size / result["seconds"], cpu=result["cpu"], base_cpu=result["base_cpu"], peak_kib=result["peak_kib"],
               objects=size)


def puts(bench, subject, path, size):
    """What a PUT costs but for the commit, which all of a batch share: from a run with few and one with many in each, since
    CPU = PUT + commit / batch."""
    row = f"PUT among {size} events, but for the commit"
    if not bench.wanted(row):
        return
    body = make_objects.planned_object(41).replace("planned-41@", "{n}-put@")
    runs = []
    for number, connections in enumerate((1, 64)):
        commits, writes = subject.commits()
        result = bench.load.run(subject, "PUT", path + "put{n}.ics", connections, seconds=bench.seconds, body=body,
                                headers=("Content-Type: text/calendar",), start=(number + 1) * 1_000_000)
        after = subject.commits()
        runs.append((result["cpu"], (after[0] - commits) / (after[1] - writes), result))
    (few, few_share, _), (many, many_share, result) = runs
    if few_share - many_share < 0.3:
        print(f"  {row}: too few in a batch to tell", flush=True)
        return
    commit = (few - many) / (few_share - many_share)
    bench.note(row, subject, cpu=many - commit * many_share, commit_cpu=commit, batch=1 / many_share, peak_kib=result["peak_kib"])


def any_wanted(bench, rows, sizes):
    return any(bench.wanted(row.format(size)) for row in rows for size in sizes)


def pileus(bench, subject):
    sizes = (1000, bench.planned)
    if any_wanted(bench, OWN_ROWS[1:2], sizes):
        for size in sizes:
            bulk(bench, subject, size)
    if not any_wanted(bench, (*ROWS, OWN_ROWS[0], OWN_ROWS[2]), sizes):
        return
    for size in sizes:
        seconds, used, base = subject.bring(calendar_file(bench.folder, size), f"planned{size}")
        bench.note(f"pileus import of {size} events", subject, rate=size / seconds, cpu=used, base_cpu=base, objects=size)
        path = f"{subject.calendars}planned{size}/"
        queries(bench, subject, path, size)
        export(bench, subject, path, size)
        puts(bench, subject, path, size)


def other(bench, subject):
    size = 1000
    if not any_wanted(bench, ROWS, (size,)):
        return
    subject.fill_planned(f"planned{size}", size)
    path = f"{subject.calendars}planned{size}/"
    queries(bench, subject, path, size)
    export(bench, subject, path, size)
