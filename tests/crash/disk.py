#!/usr/bin/python3
"""A disk that can't sync, a full one, and one that turned read-only under the running server: writes are refused by 507
or 503, reads go on, and nothing is wrong afterwards. Mounts small file systems of its own, so it needs root.

usage: tests/crash/disk.py sqlite|postgres
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "data")]

import make_objects  # noqa: E402
from harness import Server, expect, program, scratch, skip  # noqa: E402

REFUSED = (507, 503)


@contextlib.contextmanager
def mounted(point, *arguments):
    point.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *arguments, str(point)], capture_output=True, text=True)
    if done.returncode:
        skip(f"mount {' '.join(arguments)}: {done.stderr.strip()}")
    try:
        yield
    finally:
        for _ in range(50):
            if subprocess.run(["umount", str(point)], capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        else:
            subprocess.run(["umount", "-l", str(point)])


class Writer:
    """Puts files and events, and remembers what was acknowledged."""

    def __init__(self, server):
        self.server = server
        self.client = server.client()
        self.there = {}
        self.number = 0

    def put(self, size=None):
        """PUTs a file of that size, or an event; returns the status."""
        self.number += 1
        if size is None:
            path = f"/dav/calendars/{self.server.user}/calendar/{self.number}.ics"
            body, kind = make_objects.event(self.number).encode(), "text/calendar"
        else:
            path = f"/dav/files/{self.server.user}/{self.number}.bin"
            body, kind = os.urandom(size), "application/octet-stream"
        status = self.client.request("PUT", path, body, {"Content-Type": kind}, expected=(201, *REFUSED)).status
        if status == 201:
            self.there[path] = body
        else:
            # It must not be there now, nor later.
            self.client.request("GET", path, expected=404)
        return status

    def read_all(self, client=None):
        client = client or self.client
        for path, body in self.there.items():
            expect(client.request("GET", path, expected=200).body == body, f"{path} came back changed")
        for collection in (f"/dav/files/{self.server.user}/", f"/dav/calendars/{self.server.user}/calendar/"):
            names = {href for href in client.propfind(collection, "{DAV:}getetag", depth="1").items if not href.endswith("/")}
            right = {path for path in self.there if path.startswith(collection)}
            expect(names == right, f"{collection}: too much {sorted(names - right)[:5]}, missing {sorted(right - names)[:5]}")


def failing_sync(folder, store):
    """What could not be synced is never acknowledged (sync-rules 17)."""
    library = pathlib.Path(program()).parent / "libfailing_sync.so"
    expect(library.exists(), f"{library} is not built")
    flag = folder / "flag"
    server = Server(folder, store, environment={"LD_PRELOAD": str(library), "PILEUS_SYNC_FAILS": str(flag)})
    with server:
        writer = Writer(server)
        for _ in range(5):
            expect(writer.put() == 201 and writer.put(20_000) == 201 and writer.put(500_000) == 201, "a write was refused")
        flag.touch()
        statuses = [writer.put(size) for size in [None, 100, 600_000] * 5]
        acknowledged = sum(status == 201 for status in statuses)
        # PostgreSQL syncs for itself: there only large files are at stake.
        expect(acknowledged <= (0 if store == "sqlite" else 10), f"{acknowledged} writes that reached no disk were acknowledged")
        writer.read_all()
        flag.unlink()
        expect(writer.put() == 201 and writer.put(500_000) == 201, "writes are still refused when the disk works again")
        server.kill()
        server.check()
        server.start()
        writer.client = server.client()
        writer.read_all()
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    print(f"failing sync: {len(writer.there)} writes there, {len(statuses) - acknowledged} refused")


def full_disk(folder, store):
    with mounted(folder / "data", "-t", "tmpfs", "-o", "size=24m", "none"):
        server = Server(folder, store)
        ballast = folder / "data" / "ballast"
        with server:
            writer = Writer(server)
            for _ in range(10):
                expect(writer.put() == 201 and writer.put(20_000) == 201, "a write was refused before the disk was full")
            ballast.write_bytes(bytes(6 * 1024 * 1024))
            refused = 0
            for _ in range(2000):
                size = [None, 2_000, 60_000, 600_000][writer.number % 4]
                if writer.put(size) != 201:
                    refused += 1
                if refused >= 40:
                    break
            if store == "sqlite":
                # Down to the last page, by small writes.
                for _ in range(20_000):
                    if writer.put(100) != 201:
                        break
                else:
                    expect(False, "the disk does not get full")
            expect(refused >= 40, f"only {refused} writes were refused")
            writer.read_all()
            writer.read_all(server.client(tls=True))
            expect(server.process.poll() is None, "the server has ended")
            ballast.unlink()
            deadline = time.monotonic() + 30
            while writer.put() != 201 or writer.put(500_000) != 201:
                expect(time.monotonic() < deadline, "writes are still refused when there is space again")
                time.sleep(0.1)
            writer.read_all()
            expect(server.terminate() == 0, "the server did not stop cleanly")
            server.check()
            server.start()
            writer.client = server.client()
            writer.read_all()
        print(f"full disk: {len(writer.there)} writes there, {writer.number - len(writer.there)} refused")


def read_only_disk(folder, store):
    image = folder / "image"
    with open(image, "wb") as file:
        file.truncate(64 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    point = folder / "data"
    server = None
    try:
        with mounted(point, "-o", "loop,errors=remount-ro", str(image)):
            server = Server(folder, store)
            server.start()
            writer = Writer(server)
            for _ in range(20):
                expect(writer.put() == 201 and writer.put(20_000) == 201 and writer.put(500_000) == 201, "a write was refused")
            # What the kernel does to a file system with an I/O error.
            done = subprocess.run(["mount", "-o", "remount,abort", str(point)], capture_output=True, text=True)
            try:
                (point / "probe").write_bytes(b"x")
                skip(f"cannot make a mounted file system read-only: {done.stderr}")
            except OSError:
                pass
            refused = sum(writer.put(size) != 201 for size in [None, 100, 600_000] * 10)
            if store == "sqlite":
                expect(refused == 30, f"{30 - refused} writes on a read-only disk were acknowledged")
            expect(refused >= 10, "large files on a read-only disk were acknowledged")
            writer.read_all()
            writer.read_all(server.client(tls=True))
            expect(server.process.poll() is None, "the server has ended")
            server.terminate()
        with mounted(point, "-o", "loop", str(image)):
            server.check()
            server.start()
            writer.client = server.client()
            writer.read_all()
            expect(writer.put() == 201 and writer.put(500_000) == 201, "a write was refused after the repair")
            expect(server.terminate() == 0, "the server did not stop cleanly")
            server.check()
        print(f"read-only disk: {len(writer.there)} writes there, {refused} refused")
    finally:
        if server:
            server.stop()


def main():
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with scratch("sync") as folder:
        failing_sync(folder, store)
    if os.geteuid() != 0:
        skip("mounting needs root")
    with scratch("full") as folder:
        full_disk(folder, store)
    with scratch("readonly") as folder:
        read_only_disk(folder, store)


if __name__ == "__main__":
    main()
