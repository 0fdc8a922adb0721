#!/usr/bin/python3
"""Sync while many write at once: a reader that has seen n never finds a new change at or below n, through one process or
two on one PostgreSQL; of clients that race on one object exactly one succeeds.

usage: tests/sync/concurrent.py sqlite|postgres [--nodes 1|2] [--writes N] [--seed N]
"""

import argparse
import pathlib
import random
import sys
import threading
import time
import urllib.parse

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "data")]

from harness import Server, expect, random_source, scratch  # noqa: E402

ETAG = "{DAV:}getetag"
WRITERS, FOLLOWERS, NAMES = 6, 3, 12


class Writer:
    """Puts and deletes its own names; keeps every version of each that it has sent, and the last acknowledged one."""

    def __init__(self, client, folders, number, seed):
        self.client = client
        self.folders = folders
        self.number = number
        self.random = random.Random(seed)
        self.sent = {}      # href: [ETag, None for a deletion, or "?" while the answer is out]
        self.done = {}      # href: index of the last acknowledged version

    def write(self):
        href = f"{self.random.choice(self.folders)}w{self.number}-{self.random.randrange(NAMES)}"
        versions = self.sent.setdefault(href, [])
        there = bool(versions) and versions[-1] is not None
        if there and self.random.random() < 0.3:
            versions.append(None)
            self.client.request("DELETE", href, expected=204)
        else:
            versions.append("?")
            body = f"{href} {len(versions)} {self.random.random()}"
            answer = self.client.request("PUT", href, body, {"Content-Type": "text/plain"}, 204 if there else 201)
            versions[-1] = answer.header("ETag")
        self.done[href] = len(versions) - 1


class Follower:
    """Holds a token of one folder and follows it."""

    def __init__(self, client, folder, writers, seed):
        self.client = client
        self.folder = folder
        self.writers = writers
        self.random = random.Random(seed)
        self.token = ""
        self.known = {}
        self.polls = 0

    def poll(self):
        before = {href: index for writer in self.writers for href, index in list(writer.done.items())
                  if href.startswith(self.folder)}
        while True:
            answer = self.client.sync(self.folder, self.token, self.random.choice([None, None, 3, 20]), expected=207)
            result = answer.multistatus()
            more = False
            for href, item in result.items.items():
                if item.status == 507:
                    more = True
                elif item.status == 404:
                    self.known.pop(href, None)
                else:
                    self.known[href] = item.text(ETAG)
            self.token = result.sync_token
            if not more:
                break
        self.polls += 1
        # What was acknowledged before this poll began is known now, or something later is.
        for writer in self.writers:
            for href, index in before.items():
                versions = writer.sent.get(href)
                if versions is None:
                    continue
                able = versions[index:]
                expect(self.known.get(href) in able or "?" in able,
                       f"{href}: the client knows {self.known.get(href)}, which is older than what was acknowledged")


def in_threads(functions):
    faults = []

    def guarded(function):
        try:
            function()
        except BaseException as fault:  # noqa: B036: raised below
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def follow_writers(servers, folders, randoms, writes):
    writers = [Writer(servers[number % len(servers)].client(), folders, number, randoms.random()) for number in range(WRITERS)]
    followers = [Follower(servers[number % len(servers)].client(), folders[number % len(folders)], writers, randoms.random())
                 for number in range(FOLLOWERS * len(folders))]
    running = threading.Event()
    left = [WRITERS]
    guard = threading.Lock()

    def work(writer):
        try:
            for _ in range(writes):
                if running.is_set():
                    break
                writer.write()
        except BaseException:
            running.set()
            raise
        finally:
            with guard:
                left[0] -= 1
                if left[0] == 0:
                    running.set()

    def follow(follower):
        try:
            while not running.is_set():
                follower.poll()
        except BaseException:
            running.set()
            raise

    in_threads([*(lambda writer=writer: work(writer) for writer in writers),
                *(lambda follower=follower: follow(follower) for follower in followers)])
    for follower in followers:
        follower.poll()
        right = {href: versions[-1] for writer in writers for href, versions in writer.sent.items()
                 if href.startswith(follower.folder) and versions[-1] is not None}
        expect(follower.known == right, f"{follower.folder}: after all, the client knows too much "
               f"{sorted(follower.known.items() - right.items())[:5]}, too little {sorted(right.items() - follower.known.items())[:5]}")
        listing = follower.client.propfind(follower.folder, ETAG, depth="1")
        there = {href: item.text(ETAG) for href, item in listing.items.items() if href != follower.folder}
        expect(there == right, f"{follower.folder}: the listing differs from what was acknowledged")
    return sum(follower.polls for follower in followers)


def race(servers, folder, rounds):
    """Clients that hold the same ETag, or all create one name: exactly one wins, the others get 412 (sync-rules 12)."""
    clients = [server.client() for server in servers for _ in range(8 // len(servers))]
    for number in range(rounds):
        path = f"{folder}race-{number // 4}"
        etag = None
        if number % 4:
            etag = clients[0].propfind(path, ETAG).items[path].text(ETAG)
        barrier, statuses = threading.Barrier(len(clients)), [0] * len(clients)

        def run(index, client, path=path, etag=etag, barrier=barrier, statuses=statuses, number=number):
            barrier.wait()
            condition = {"If-Match": etag} if etag else {"If-None-Match": "*"}
            statuses[index] = client.request("PUT", path, f"{number} by {index}", condition).status

        in_threads([lambda index=index, client=client: run(index, client) for index, client in enumerate(clients)])
        won = [status for status in statuses if status in (201, 204)]
        expect(len(won) == 1 and all(status == 412 for status in statuses if status not in (201, 204)), f"{path}: the race gave {statuses}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", choices=["sqlite", "postgres"])
    parser.add_argument("--nodes", type=int, choices=[1, 2], default=1)
    parser.add_argument("--writes", type=int, default=400)
    parser.add_argument("--seed")
    options = parser.parse_args()
    randoms = random_source(options.seed)
    with scratch("concurrent", memory=True) as folder, Server(folder, options.store, durable=False) as server:
        servers = [server]
        started = time.monotonic()
        try:
            if options.nodes == 2:
                servers.append(Server(folder / "second", "postgres", postgres=server.postgres, create=False,
                                      extra={"server": [f'data = "{server.data}"']}))
                servers[1].start()
            home = f"/dav/files/{server.user}/"
            folders = [f"{home}one/", f"{home}{urllib.parse.quote('two ü')}/"]
            for path in folders:
                server.client().request("MKCOL", path, expected=201)
            polls = follow_writers(servers, folders, randoms, options.writes)
            race(servers, folders[0], 40)
            for one in servers:
                expect(one.terminate() == 0, "the server did not stop cleanly")
            server.check()
        finally:
            for one in servers[1:]:
                one.stop()
    print(f"{WRITERS * options.writes} writes and {polls} polls agree, 40 races won once each, in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
