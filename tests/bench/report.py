"""The table of `./dev bench` and the targets."""

import contacts

SUBJECTS = ["pileus sqlite", "pileus postgres", "radicale", "xandikos", "nginx", "program"]


def number(value):
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cell(figures):
    """One measurement in a few words."""
    parts = []
    if "rate" in figures:
        parts.append(f"{number(figures['rate'])}/s")
    if "cpu" in figures:
        parts.append(f"{number(figures['cpu'] * 1000)} ms")
        if figures.get("base_cpu"):
            parts.append(f"+{number(figures['base_cpu'] * 1000)} db")
    if "p99" in figures:
        parts.append(f"p99 {number(figures['p99'] / 1000)} ms")
    if "start_ms" in figures:
        parts.append(f"{number(figures['start_ms'])} ms")
    if "rest_kib" in figures:
        parts.append(f"{number(figures['rest_kib'] / 1024)} MiB")
    if "steps" in figures:
        parts.append(", ".join(f"{name} {number(value)} ms" for name, value in figures["steps"].items()))
    if "objects" in figures:
        parts.append(f"{figures['objects']} objects")
    if "kib_each" in figures:
        parts.append(f"{number(figures['kib_each'])} KiB each")
    if "raw" in figures:
        parts.append(f"raw {number(figures['raw'])}/s")
    if "batch" in figures:
        parts.append(f"{number(figures['batch'])} a commit")
    if "commit_cpu" in figures:
        parts.append(f"a commit {number(figures['commit_cpu'] * 1000)} ms")
    if "writes" in figures:
        parts.append(f"beside {number(figures['writes'])} PUT/s")
    if "peak_kib" in figures:
        parts.append(f"peak {number(figures['peak_kib'] / 1024)} MiB")
    return ", ".join(parts)


def print_table(results, sizes):
    print("\nRate; server CPU per request (with its database's, where it has one); p99; peak memory.\n")
    for row, cells in results.items():
        print(row.format(**sizes))
        for subject in SUBJECTS:
            if subject in cells:
                print(f"    {subject:<16} {cell(cells[subject])}")


def figure(results, row, subject, name):
    return results.get(row, {}).get(subject, {}).get(name)


def targets(results, sizes, subject):
    """(what, measured, bound, unit, whether more is better) for one store."""

    def get(row, name, factor=1.0):
        value = figure(results, row, subject, name)
        return None if value is None else value * factor

    def ratio(above, below):
        return above / below if above is not None and below else None

    members = "{members}"
    scale = sizes["members"] / 10_000
    nginx = figure(results, "GET, 8 connections", "nginx", "rate")
    quiet = get("GET p99, quiet", "p99")
    for where in ("", ", flush 2 ms"):
        for connections, bound in (("1 connection", 0.7), ("32 connections", 5)):
            row = f"PUT, {connections}{where}"
            yield f"durable {row}, of raw commits", ratio(get(row, "rate"), get(row, "raw")), bound, "", True
    yield "PUT, CPU", get("PUT, 32 connections", "cpu", 1000), 0.4, "ms", False
    yield "GET, CPU", get("GET, 8 connections", "cpu", 1000), 0.1, "ms", False
    yield "GET, of nginx's rate", ratio(get("GET, 8 connections", "rate"), nginx), 0.3, "", True
    yield f"PROPFIND 1 of {sizes['members']}, CPU", get(f"PROPFIND 1 getetag of {members}", "cpu", 1000), 20 * scale, "ms", False
    yield f"full sync of {sizes['members']}, CPU", get(f"sync-collection, all of {members}", "cpu", 1000), 20 * scale, "ms", False
    yield "poll of ctag and sync-token, CPU", get("200 phones poll ctag, sync-token", "cpu", 1000), 0.1, "ms", False
    yield f"delta of 10 in {sizes['big']}, CPU", get("sync-collection, 10 changes in {big}", "cpu", 1000), 0.5, "ms", False
    yield "idle plain connection", get(f"{sizes['idle']} idle connections, plain", "kib_each"), 20, "KiB", False
    yield "memory at rest, empty", get("start and rest, empty", "rest_kib", 1 / 1024), 30, "MiB", False
    yield "start to ready, empty", get("start and rest, empty", "start_ms"), 200, "ms", False
    yield f"memory at rest, {sizes['million']} members", get("start and rest, {million} members", "rest_kib", 1 / 1024), 30, "MiB", False
    yield f"start to ready, {sizes['million']} members", get("start and rest, {million} members", "start_ms"), 200, "ms", False
    yield "GET p99 while 64 write 1000/s, of the quiet p99", ratio(get("GET p99, 64 clients write 1000 a second", "p99"), quiet), 2, "", False
    yield "GET p99 while 64 write all they can, of the quiet", ratio(get("GET p99, 64 clients write all they can", "p99"), quiet), 2, "", False
    yield "GET, CPU in the large collection, of the small", ratio(get("GET among {big}", "cpu"), get("GET, 8 connections", "cpu")), 1.5, "", False
    yield ("poll, CPU in the large collection, of the small",
           ratio(get("poll among {big}", "cpu"), get("200 phones poll ctag, sync-token", "cpu")), 1.5, "", False)


def cpu_target(results, row, subject, least, each=0.0):
    """Milliseconds of CPU: at most so many, and so many for each object; where that was measured."""
    figures = results.get(row, {}).get(subject, {})
    if "cpu" in figures:
        yield f"{row}, CPU", figures["cpu"] * 1000, least + (each * figures["objects"] if each else 0), "ms", False


def memory_target(results, subject, what, objects):
    """The peak of all rows about such objects."""
    peaks = [cells[subject]["peak_kib"] for row, cells in results.items() if f" {objects}" in row and "peak_kib" in cells.get(subject, {})]
    yield f"memory at most, with {what}", max(peaks) / 1024 if peaks else None, 150, "MiB", False


def calendar_targets(results, sizes, subject):
    """The same for calendars: a query costs no more because there is more that it doesn't return."""

    def get(row, name):
        return figure(results, row, subject, name)

    for size in (1000, sizes["planned"]):
        for what in ("one week of", "one week, expanded, of", "alarms of one day of", "free and busy of three months of"):
            yield from cpu_target(results, f"{what} {size} events", subject, 3, 0.02)
        row = f"multiget of 1000 of {size} events"
        if get(row, "cpu") is not None:
            yield f"{row}, objects in a second of CPU", get(row, "objects") / get(row, "cpu"), 100_000, "", True
        yield from cpu_target(results, f"PUT among {size} events, but for the commit", subject, 0.3)
    for row in (f"pileus import of {sizes['planned']} events", f"POST of {sizes['planned']} events at once"):
        yield row, get(row, "rate"), 10_000, "/s", True
        if get(row, "cpu") is not None:
            yield f"{row}, events in a second of CPU", get(row, "objects") / get(row, "cpu"), 10_000, "", True
    yield from memory_target(results, subject, "calendars", "events")


def contacts_targets(results, sizes, subject):
    """The same for address books."""
    for size in (1000, sizes["planned"]):
        row = contacts.rows(size)
        for each in ("one", "many", "none"):
            yield from cpu_target(results, row[each], subject, 5, 0.02)
        for each in ("get100", "get1000"):
            yield from cpu_target(results, row[each], subject, 3, 0.02)
        yield from cpu_target(results, row["full"], subject, 2 + 0.002 * size)
        yield from cpu_target(results, row["delta"], subject, 0.5)
        yield from cpu_target(results, row["put"], subject, 0.4)
    for row, cells in results.items():
        if "program" in cells and subject == "pileus sqlite":
            step, most = max(cells["program"]["steps"].items(), key=lambda item: item[1])
            yield f"{row}, to {step}, CPU", most, 200, "ms", False
    row = contacts.rows(sizes["planned"])["import"]
    yield row, figure(results, row, subject, "rate"), 10_000, "/s", True
    yield from memory_target(results, subject, "address books", "cards")


def print_targets(results, sizes):
    for subject in SUBJECTS[:2]:
        every = [*targets(results, sizes, subject), *calendar_targets(results, sizes, subject), *contacts_targets(results, sizes, subject)]
        lines = [line for line in every if line[1] is not None]
        if not lines:
            continue
        print(f"\nTargets, {subject} (server CPU without the database's):")
        for what, measured, bound, unit, more in lines:
            met = measured >= bound if more else measured <= bound
            print(f"    {'met   ' if met else 'MISSED'} {what:<56} {number(measured):>8} {unit:<3} "
                  f"(target {'≥' if more else '≤'} {bound:g} {unit}; {measured / bound:.2f} of it)")
