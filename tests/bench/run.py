#!/usr/bin/python3
"""`./dev bench`: Pileus on SQLite and on PostgreSQL beside Radicale, Xandikos, nginx and the raw store, in one run and one
table; then the targets beside what was measured.

usage: tests/bench/run.py [--build-dir DIR] [--quick] [--json FILE] [--only SUBJECT,…] [--part PART] [--rows REGEX]
"""

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "data"), str(TESTS / "bench")]

import calendars  # noqa: E402
import contacts  # noqa: E402
import fill  # noqa: E402
import make_objects  # noqa: E402
import report  # noqa: E402
from asked import LISTING, XML, sync_body, token_in  # noqa: E402
from harness import scratch  # noqa: E402
from measure import Load, memory  # noqa: E402
from subjects import Nginx, Pileus, Radicale, Xandikos, descriptors  # noqa: E402

ICAL = ("Content-Type: text/calendar; charset=utf-8",)
POLL = ('<D:propfind xmlns:D="DAV:" xmlns:S="http://calendarserver.org/ns/"><D:prop><S:getctag/><D:sync-token/></D:prop></D:propfind>')


class Bench:
    def __init__(self, options, folder):
        self.quick = options.quick
        self.seconds = 1 if options.quick else 4
        self.members = 2_000 if options.quick else 10_000
        self.big = 20_000 if options.quick else 100_000
        self.million = 100_000 if options.quick else 1_000_000
        self.planned = 10_000 if options.quick else 100_000
        self.idle = 1_000 if options.quick else 10_000
        self.load = Load(pathlib.Path(options.build_dir) / "load")
        self.raw = pathlib.Path(options.build_dir) / "raw_commit"
        self.slow_flush = pathlib.Path(options.build_dir) / "libslow_flush.so"
        self.folder = folder
        self.rows = options.rows
        self.part = options.part
        self.results = {}

    def wanted(self, row):
        return not self.rows or re.search(self.rows, row) is not None

    def note(self, row, subject, **figures):
        self.results.setdefault(row, {})[subject.name if hasattr(subject, "name") else subject] = figures
        print(f"  {row}: " + report.cell(figures), flush=True)

    def measure(self, row, subject, method, path, connections=1, **more):
        """For the set time; a server that takes long for one request gets fewer of them."""
        if not self.wanted(row):
            return
        first = self.load.run(subject, method, path, 1, requests=1, **more)
        if first["seconds"] > 0.4:
            able = max(1, int(30 / first["seconds"]))
            connections = min(connections, able)
            result = self.load.run(subject, method, path, connections, requests=min(able, max(3, connections)), **more)
        else:
            before = subject.commits()
            result = self.load.run(subject, method, path, connections, seconds=self.seconds, **more)
            more_commits, more_writes = (after - earlier for after, earlier in zip(subject.commits(), before))
            if more_commits > 0:
                result["commits"] = more_commits / result["seconds"]
                result["batch"] = more_writes / more_commits
        self.note(row, subject, **result)

    def puts(self, subject, where=""):
        """Durable PUTs. For Pileus each between two measurements of the raw store, since a disk's speed changes."""
        body = make_objects.small_event(7).replace("small-7@", "{n}-put@")
        subject.make(subject.calendars + "puts/")
        ours = isinstance(subject, Pileus)
        raws = []
        for number, connections in enumerate((1, 32, 64) if ours else (1, 32)):
            row = f"PUT, {connections} connection{'s' * (connections > 1)}{where}"
            if not self.wanted(row):
                continue
            raws.append(self.raw_store(subject, body) if ours else 0)
            self.measure(row, subject, "PUT", subject.calendars + "puts/p{n}.ics", connections, body=body, headers=ICAL,
                         start=(number + 1) * 1_000_000)
            if ours:
                raws.append(self.raw_store(subject, body))
                self.results[row][subject.name]["raw"] = sum(raws[-2:]) / 2
        if ours and raws:
            self.note(f"raw commits{where}", subject, rate=sum(raws) / len(raws), least=min(raws), most=max(raws))

    def slow_puts(self, store):
        """The same on a disk whose flush takes 2 ms, as that of many computers and clouds: group commit is about not doing it
        often, and a disk that answers at once (or a cache that only says so) hides it. The files lie in memory, so that this
        flush is all of the disk that is measured; that it is there is checked."""
        row = ", flush 2 ms"
        if not any(self.wanted(f"PUT, {number}{row}") for number in ("1 connection", "32 connections", "64 connections")):
            return
        with scratch("bench-flush", memory=True) as folder:
            subject = Pileus(folder / store, store, {"LD_PRELOAD": str(self.slow_flush), "SLOW_FLUSH_MICROSECONDS": "2000"})
            try:
                subject.start()
                if self.slow_flush.name not in pathlib.Path(f"/proc/{subject.pid}/maps").read_text():
                    raise RuntimeError(f"{subject.name}: {self.slow_flush} is not loaded")
                self.puts(subject, row)
            finally:
                subject.stop()
        for name, cells in self.results.items():
            figures = cells.get(subject.name, {}) if name.endswith(row) else {}
            most = max(figures.get("most", 0), figures.get("raw", 0), figures.get("commits", 0))
            if most > 500:
                raise RuntimeError(f"{subject.name}: {name}: {most} commits in a second can't be with 2 ms for each")

    def reads(self, subject):
        object_path = subject.members + "get.ics"
        body = make_objects.small_event(1)
        status, text = subject.request("PUT", object_path, body, {"Content-Type": "text/calendar"})
        if status not in (201, 204):
            raise RuntimeError(f"{subject.name}: PUT {object_path}: {status} {text[:300]}")
        self.measure("GET, 8 connections", subject, "GET", object_path, 8)
        self.measure("PROPFIND 1 getetag of {members}", subject, "PROPFIND", subject.members, body=LISTING, headers=(*XML, "Depth: 1"))
        self.measure("sync-collection, all of {members}", subject, "REPORT", subject.members, body=sync_body(""), headers=(*XML, "Depth: 0"))
        self.delta("sync-collection, 10 changes in {members}", subject, subject.members, "members")
        self.measure("200 phones poll ctag, sync-token", subject, "PROPFIND", subject.members, 200, body=POLL, headers=(*XML, "Depth: 0"))

    def delta(self, row, subject, path, name):
        if not self.wanted(row):
            return
        status, text = subject.request("PROPFIND", path, POLL, {"Depth": "0", "Content-Type": "application/xml"})
        token = token_in(text)
        if status != 207 or not token:
            raise RuntimeError(f"{subject.name}: no sync-token of {path}: {status} {text[:500]}")
        for number in range(1, 11):
            event = fill.tiny_event(number, name).decode().replace("SUMMARY:E", f"SUMMARY:{time.time()}")
            status, text = subject.request("PUT", f"{path}e{number:07}.ics", event, {"Content-Type": "text/calendar"})
            if status not in (200, 201, 204):
                raise RuntimeError(f"{subject.name}: PUT {path}: {status} {text[:500]}")
        self.measure(row, subject, "REPORT", path, body=sync_body(token), headers=(*XML, "Depth: 0"))

    def under_writes(self, subject):
        """GETs while 64 clients write, beside GETs in quiet: 500 a second, so that both measure waiting and not load."""
        path = subject.members + "get.ics"
        if not self.wanted("GET p99, quiet"):
            return
        for row, writers, pace in (("GET p99, quiet", 0, None), ("GET p99, 64 clients write 1000 a second", 64, 1000),
                                   ("GET p99, 64 clients write all they can", 64, None)):
            process = None
            if writers:
                body = make_objects.small_event(7).replace("small-7@", f"{{n}}-busy-{pace}@")
                amount = ["--seconds", str(self.seconds * 2 + 2)] + (["--pace", str(pace)] if pace else [])
                process = self.load.start(subject, "PUT", f"{subject.calendars}puts/q{pace}-{{n}}.ics", connections=writers, body=body,
                                          headers=ICAL, amount=amount)
                time.sleep(1)
            result = self.load.run(subject, "GET", path, 8, seconds=self.seconds * 2, pace=500)
            figures = {key: result[key] for key in ("rate", "p50", "p99", "max")}
            if process:
                written = json.loads(process.communicate()[0])
                figures["writes"] = written["rate"]
            self.note(row, subject, **figures)

    def idle_connections(self, subject, tls):
        row = f"{self.idle} idle connections, {'TLS' if tls else 'plain'}"
        if not self.wanted(row):
            return
        # A fresh process, that has no freed memory to hand out again.
        subject.server.terminate()
        subject.start()
        self.load.run(subject, "GET", subject.members + "get.ics", 8, seconds=0.5, tls=tls)
        before = memory(subject.pid)
        process = self.load.start(subject, "GET", subject.members + "get.ics", connections=self.idle, tls=tls, amount=("--idle",))
        line = process.stdout.readline()
        if line.strip() != "ready":
            raise RuntimeError(f"{subject.name}: {row}: {line}{process.stderr.read()}")
        held = memory(subject.pid)
        other = self.load.run(subject, "GET", subject.members + "get.ics", 4, seconds=1)
        output, errors = process.communicate()
        result = json.loads(output)
        if result["errors"] or result["requests"] != 2 * self.idle:
            raise RuntimeError(f"{subject.name}: {row}: {result} {errors}")
        self.note(row, subject, kib_each=(held - before) / self.idle, peak_kib=memory(subject.pid, "VmHWM"), p99=other["p99"])

    def start_times(self, subject, row):
        """Start to ready, and memory at rest, of the store as it is: the best of five."""
        if not self.wanted(row):
            return
        times = []
        for _ in range(5):
            subject.server.terminate()
            times.append(subject.start())
        self.note(row, subject, start_ms=min(times) * 1000, rest_kib=memory(subject.pid))

    def pileus(self, subject):
        subject.start()
        try:
            if self.part in (None, "foundation"):
                self.start_times(subject, "start and rest, empty")
                self.puts(subject)
                subject.fill_members(self.members)
                self.reads(subject)
                self.under_writes(subject)
                self.idle_connections(subject, tls=False)
                self.idle_connections(subject, tls=True)
                self.in_big(subject)
            if self.part in (None, "calendars"):
                calendars.pileus(self, subject)
            if self.part in (None, "contacts"):
                contacts.pileus(self, subject)
            if subject.store == "sqlite" and self.part in (None, "foundation"):
                self.in_million(subject)
            print("  pileus check", flush=True)
            subject.server.check()
        finally:
            subject.stop()
        if self.part in (None, "foundation"):
            self.slow_puts(subject.store)

    def in_big(self, subject):
        """Nothing may cost more because the collection is large."""
        rows = ["sync-collection, 10 changes in {big}", "GET among {big}", "PUT among {big}, 32 connections", "poll among {big}"]
        if not any(map(self.wanted, rows)):
            return
        path = subject.calendars + "big/"
        subject.make(path)
        subject.fill("big", self.big)
        self.delta(rows[0], subject, path, "big")
        self.measure(rows[1], subject, "GET", path + "e0010000.ics", 8)
        body = make_objects.small_event(7).replace("small-7@", "{n}-big@")
        self.measure(rows[2], subject, "PUT", path + "p{n}.ics", 32, body=body, headers=ICAL)
        self.measure(rows[3], subject, "PROPFIND", path, 200, body=POLL, headers=(*XML, "Depth: 0"))

    def in_million(self, subject):
        row = "start and rest, {million} members"
        if not self.wanted(row):
            return
        path = subject.calendars + "million/"
        subject.make(path)
        subject.fill("million", self.million)
        self.start_times(subject, row)
        self.measure("GET among {million}", subject, "GET", path + "e0012345.ics", 8)

    def other(self, subject):
        subject.start()
        try:
            if self.part in (None, "foundation"):
                if isinstance(subject, Radicale):
                    self.note("start and rest, empty", subject, rest_kib=memory(subject.pid))
                self.puts(subject)
                subject.fill_members(self.members)
                self.reads(subject)
            if self.part in (None, "calendars"):
                calendars.other(self, subject)
            if self.part in (None, "contacts"):
                contacts.other(self, subject)
        finally:
            subject.stop()

    def nginx(self, subject):
        if self.part not in (None, "foundation"):
            return
        subject.start()
        try:
            self.measure("GET, 8 connections", subject, "GET", "/e.ics", 8)
        finally:
            subject.stop()

    def raw_store(self, subject, body):
        """Commits in a second: the limit that PUTs are compared with."""
        folder = subject.folder / "raw"
        folder.mkdir()
        (folder / "body").write_text(body, newline="")
        where = folder / "raw.db" if subject.store == "sqlite" else subject.server.postgres.conninfo
        done = subprocess.run([self.raw, subject.store, where, folder / "body", str(self.seconds)], capture_output=True, text=True,
                              env={**os.environ, **subject.server.environment})
        shutil.rmtree(folder)
        if done.returncode:
            raise RuntimeError(f"{subject.name}: {done.stderr}")
        return json.loads(done.stdout)["rate"]


def run(options, folder):
    bench = Bench(options, folder)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}; up to {descriptors(40_000)} open files", flush=True)
    subjects = [("sqlite", lambda: Pileus(folder / "sqlite", "sqlite"), bench.pileus),
                ("postgres", lambda: Pileus(folder / "pg", "postgres"), bench.pileus),
                ("radicale", lambda: Radicale(folder / "radicale"), bench.other),
                ("xandikos", lambda: Xandikos(folder / "xandikos"), bench.other),
                ("nginx", lambda: Nginx(folder / "nginx"), bench.nginx)]
    failed = []
    for name, make, measure in subjects:
        if options.only and name not in options.only:
            continue
        print(f"{name}:", flush=True)
        try:
            measure(make())
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            if name in ("sqlite", "postgres"):
                failed.append(f"{name}: {error}")
            print(f"  failed: {error}", flush=True)
    if bench.part in (None, "contacts") and bench.wanted("10 MiB card") and (not options.only or "program" in options.only):
        contacts.large(bench, pathlib.Path(options.build_dir) / "large_card")
    return bench, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", default=str(TESTS.parent / "build/release"))
    parser.add_argument("--quick", action="store_true", help="a tenth of the size and a quarter of the time")
    parser.add_argument("--json", help="writes all figures to this file")
    parser.add_argument("--only", type=lambda text: text.split(","), help="sqlite, postgres, radicale, xandikos, nginx, program")
    parser.add_argument("--part", choices=("foundation", "calendars", "contacts"), help="what is measured; default: all")
    parser.add_argument("--rows", help="a regular expression: only the rows that it finds")
    options = parser.parse_args()
    os.environ.setdefault("PILEUS", str(pathlib.Path(options.build_dir) / "pileus"))
    with scratch("bench") as folder:
        bench, failed = run(options, folder)
    sizes = {"members": bench.members, "big": bench.big, "million": bench.million, "idle": bench.idle, "planned": bench.planned}
    report.print_table(bench.results, sizes)
    report.print_targets(bench.results, sizes)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"sizes": sizes, "results": bench.results}, indent=1))
    if failed:
        sys.exit("bench: FAILED: " + "; ".join(failed))


if __name__ == "__main__":
    main()
