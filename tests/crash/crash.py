#!/usr/bin/python3
"""Kills the server at random instants under concurrent load, and looks at what it left: no acknowledged change missing, none
half done, sync tokens and ETags handed out before true or refused, locks kept, `pileus check` clean.

usage: tests/crash/crash.py sqlite|postgres [--rounds N] [--seed N]     100 rounds; 1 000 with PILEUS_LONG=1 or --long
"""

import argparse
import hashlib
import http.client
import os
import pathlib
import random
import re
import sys
import threading
import time
import urllib.parse

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "data")]

import make_objects  # noqa: E402
from harness import Fault, Server, expect, random_source, scratch  # noqa: E402

ETAG, TYPE, LENGTH = "{DAV:}getetag", "{DAV:}resourcetype", "{DAV:}getcontentlength"
MOOD, PLACE = "{urn:x-pileus-test}mood", "{urn:x-pileus-test}place"
WORKERS = 6
FOLLOWERS = 2
NODES = 24          # that a worker keeps of its own
LOST = (OSError, http.client.HTTPException)


class Node:
    """What is at a path: a folder (content None) or a file, and its two dead properties, always set together."""

    __slots__ = ("content", "mark", "uid")

    def __init__(self, content, mark=None, uid=None):
        self.content = content  # SHA-256 of the bytes
        self.mark = mark
        self.uid = uid          # of an event; not looked at

    def __eq__(self, other):
        return isinstance(other, Node) and (self.content, self.mark) == (other.content, other.mark)

    def __repr__(self):
        return f"{'folder' if self.content is None else self.content[:8]}{'/' + self.mark if self.mark else ''}"


def quoted(path):
    return urllib.parse.quote(path)


def below(state, path):
    return [other for other in state if other == path or other.startswith(path + "/")]


class Etags:
    """Which bytes each ETag stands for. One ETag for two contents is a fault (sync-rules 10)."""

    def __init__(self):
        self.known = {}
        self.lock = threading.Lock()

    def learn(self, etag, content):
        expect(re.fullmatch(r'"[^"]+"', etag or ""), f"not a strong, quoted ETag: {etag}")
        with self.lock:
            expect(self.known.setdefault(etag, content) == content, f"ETag {etag} stands for two contents")


class Worker:
    """One client with its own names. `state` is what was acknowledged; `pending` what the request in flight would make
    of it."""

    def __init__(self, server, number, seed, etags):
        self.server = server
        self.number = number
        self.random = random.Random(seed)
        self.etags = etags
        home = f"/dav/files/{server.user}"
        self.own = f"{home}/w{number}"
        self.shared = f"{home}/shared"
        self.calendar = f"/dav/calendars/{server.user}/calendar"
        self.state = {}
        self.pending = None
        self.counter = 0
        self.acknowledged = 0
        self.fault = None
        self.client = None
        self.lock_token = None
        self.pending_lock = None

    # The operations: each returns (what to send, the state it leads to), or None where it can't be done now.

    def new_name(self, parent, ending=""):
        self.counter += 1
        return f"{parent}/w{self.number}-{self.counter}{ending}"

    def files(self):
        return [path for path, node in self.state.items() if node.content is not None]

    def own_files(self):
        return [path for path in self.files() if not path.startswith(self.calendar)]

    def own_folders(self):
        return [path for path, node in self.state.items() if node.content is None]

    def put_file(self):
        used = self.own_files()
        if used and (self.random.random() < 0.5 or len(self.state) >= NODES):
            path = self.random.choice(used)
        else:
            path = self.new_name(self.random.choice([*self.own_folders(), self.shared]), self.random.choice(["", " ü%#?.txt"]))
        size = 400_000 if self.random.random() < 0.03 else self.random.randrange(3000)
        body = self.random.randbytes(size)
        mark = self.state[path].mark if path in self.state else None
        node = Node(hashlib.sha256(body).hexdigest(), mark)
        return ("PUT", path, body, {"Content-Type": "application/octet-stream"}), {**self.state, path: node}

    def put_event(self):
        used = [path for path in self.files() if path.startswith(self.calendar)]
        if used and (self.random.random() < 0.5 or len(self.state) >= NODES):
            path = self.random.choice(used)
        else:
            path = self.new_name(self.calendar, ".ics")
        self.counter += 1
        old = self.state.get(path)
        uid = old.uid if old else f"{path.rsplit('/', 1)[1]}@pileus.test"
        body = make_objects.event(self.random.randrange(500), uid=uid, change=self.counter).encode()
        return (("PUT", path, body, {"Content-Type": "text/calendar; charset=utf-8"}),
                {**self.state, path: Node(hashlib.sha256(body).hexdigest(), old.mark if old else None, uid)})

    def delete(self):
        able = [path for path in self.state if path != self.own]
        if not able:
            return None
        path = self.random.choice(able)
        gone = set(below(self.state, path))
        return ("DELETE", path, None, {}), {other: node for other, node in self.state.items() if other not in gone}

    def mkcol(self):
        if len(self.state) >= NODES:
            return None
        path = self.new_name(self.random.choice(self.own_folders()))
        return ("MKCOL", path, None, {}), {**self.state, path: Node(None)}

    def proppatch(self):
        path = self.random.choice(list(self.state))
        self.counter += 1
        mark = f"m{self.counter}"
        body = ('<D:propertyupdate xmlns:D="DAV:" xmlns:t="urn:x-pileus-test"><D:set><D:prop>'
                f"<t:mood>{mark}</t:mood><t:place>{mark}</t:place></D:prop></D:set></D:propertyupdate>")
        return (("PROPPATCH", path, body.encode(), {"Content-Type": "application/xml"}),
                {**self.state, path: Node(self.state[path].content, mark, self.state[path].uid)})

    def transfer(self, method):
        """MOVE or COPY of a file, a folder with all below it, or an event, to a new or a used name."""
        able = [path for path in self.state if path != self.own]
        if not able or (method == "COPY" and len(self.state) >= NODES):
            return None
        source = self.random.choice(able)
        if source.startswith(self.calendar):
            if method == "COPY":
                return None  # The UID would stand twice.
            target = self.new_name(self.calendar, ".ics")
        else:
            is_folder = self.state[source].content is None
            others = [path for path in self.own_files() if path not in below(self.state, source)]
            if others and not is_folder and self.random.random() < 0.4:
                target = self.random.choice(others)
            else:
                folders = [path for path in self.own_folders() if path not in below(self.state, source)]
                target = self.new_name(self.random.choice(folders))
        moved = {target + path[len(source):]: self.state[path] for path in below(self.state, source)}
        gone = set(below(self.state, target)) | (set(below(self.state, source)) if method == "MOVE" else set())
        after = {path: node for path, node in self.state.items() if path not in gone}
        return ((method, source, None, {"Destination": f"{self.server.http_url}{quoted(target)}", "Overwrite": "T"}),
                {**after, **moved})

    def choose(self):
        choices = [(self.put_file, 30), (self.put_event, 20), (self.delete, 12 if len(self.state) < NODES else 30),
                   (self.mkcol, 6), (self.proppatch, 14), (lambda: self.transfer("MOVE"), 10), (lambda: self.transfer("COPY"), 8)]
        while True:
            operation = self.random.choices([one for one, _ in choices], [weight for _, weight in choices])[0]()
            if operation:
                return operation

    def prepare(self):
        """Makes the worker's folder, and the file it locks, before the first round."""
        self.client = self.server.client()
        self.client.request("MKCOL", self.own, expected=201)
        body = b"to be locked"
        self.state = {self.own: Node(None)}
        self.client.request("PUT", self.lock_path(), body, expected=201)

    def lock_path(self):
        return f"{self.own}.locked"

    def lock_or_unlock(self):
        if self.lock_token:
            token, self.pending_lock = self.lock_token, ("unlock", self.lock_token)
            self.client.request("UNLOCK", self.lock_path(), headers={"Lock-Token": f"<{token}>"}, expected=204)
            self.lock_token, self.pending_lock = None, None
        else:
            self.pending_lock = ("lock", None)
            body = ('<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>'
                    "</D:lockinfo>")
            answer = self.client.request("LOCK", self.lock_path(), body, {"Timeout": "Second-3600", "Depth": "0",
                                                                          "Content-Type": "application/xml"}, expected=200)
            self.lock_token, self.pending_lock = answer.header("Lock-Token").strip("<>"), None

    def work(self, stop):
        try:
            while not stop.is_set():
                if self.random.random() < 0.05:
                    self.lock_or_unlock()
                    continue
                (method, path, body, headers), after = self.choose()
                self.pending = (method, path, headers.get("Destination"), after)
                response = self.client.request(method, quoted(path), body, headers)
                right = {"PUT": (201, 204), "DELETE": (204,), "MKCOL": (201,), "PROPPATCH": (207,)}.get(method, (201, 204))
                expect(response.status in right, f"{method} {path} {headers}: {response.status}\n{response.body[:1000]}")
                expect(method != "PROPPATCH" or b" 200 " in response.body, f"PROPPATCH {path}: {response.body[:1000]}")
                if method == "PUT" and response.header("ETag"):
                    self.etags.learn(response.header("ETag"), hashlib.sha256(body).hexdigest())
                self.state, self.pending = after, None
                self.acknowledged += 1
        except LOST:
            pass  # The server was killed.
        except BaseException as fault:  # noqa: B036: whatever it is, the main thread raises it
            self.fault = fault
        finally:
            self.client.close()


class Follower:
    """Polls sync-collection while others write, and remembers each token with what it had learned by then."""

    def __init__(self, server, collection, seed):
        self.collection = collection
        self.random = random.Random(seed)
        self.client = server.client()
        self.held = []  # (token, {href: etag})
        self.fault = None

    def poll(self, token, known):
        """Syncs from a token until there is no more; returns the new token and what is known then, or None if refused."""
        known = dict(known)
        for _ in range(10_000):
            answer = self.client.sync(quoted(self.collection) + "/", token, self.random.choice([None, None, 1, 7]))
            if answer.status == 403:
                expect(b"valid-sync-token" in answer.body, f"refused for another reason: {answer.body[:500]}")
                return None
            expect(answer.status == 207, f"sync-collection: {answer.status} {answer.body[:1000]}")
            result = answer.multistatus()
            more = False
            for href, item in result.items.items():
                if item.status == 507:
                    more = True
                elif item.status == 404:
                    known.pop(href, None)
                else:
                    known[href] = item.text(ETAG)
            token = result.sync_token
            if not more:
                return token, known
        raise Fault("sync-collection does not come to an end")

    def follow(self, stop):
        try:
            while not stop.is_set():
                token, known = self.held[-1] if self.held else ("", {})
                done = self.poll(token, known)
                expect(done, f"a fresh token was refused: {token}")
                self.held = [*self.held[-20:], done]
        except LOST:
            pass
        except BaseException as fault:  # noqa: B036
            self.fault = fault
        finally:
            self.client.close()

    def verify(self):
        """The last tokens, and an old one, lead to what is there now, or are refused (sync-rules 18)."""
        full = self.poll("", {})
        held = [*self.held[-2:], self.random.choice(self.held)] if self.held else []
        refused = 0
        for token, known in held:
            done = self.poll(token, known)
            if not done:
                refused += 1
                continue
            expect(done[1] == full[1], f"{self.collection}: the token {token} of before the crash lies:\n"
                   f"missing {sorted(full[1].items() - done[1].items())[:5]}\nkept {sorted(done[1].items() - full[1].items())[:5]}")
        self.held = [one for one in self.held if one not in held or not refused]
        self.held.append(full)
        return refused


class Test:
    def __init__(self, server, seed):
        self.server = server
        self.random = random.Random(seed)
        self.etags = Etags()
        self.workers = [Worker(server, number, self.random.random(), self.etags) for number in range(WORKERS)]
        self.shared = self.workers[0].shared
        self.calendar = self.workers[0].calendar
        self.followers = [Follower(server, self.shared, self.random.random()), Follower(server, self.calendar, self.random.random())]
        self.refused = 0

    def prepare(self):
        client = self.server.client()
        client.request("MKCOL", self.shared, expected=201)
        for worker in self.workers:
            worker.prepare()

    def round(self, check):
        stop = threading.Event()
        threads = [threading.Thread(target=worker.work, args=(stop,)) for worker in self.workers]
        threads += [threading.Thread(target=follower.follow, args=(stop,)) for follower in self.followers]
        for thread in threads:
            thread.start()
        # Some rounds end while the clients log in, most when they are at work. The random instant is no wait for
        # something to happen.
        if self.random.random() < 0.85:
            before, deadline = self.acknowledged(), time.monotonic() + 5
            while self.acknowledged() < before + WORKERS and time.monotonic() < deadline:
                time.sleep(0.001)
        time.sleep(self.random.uniform(0, 0.2))
        self.server.process.kill()
        stop.set()
        self.server.kill()
        for thread in threads:
            thread.join()
        for one in [*self.workers, *self.followers]:
            if one.fault:
                raise one.fault
        if check:
            self.server.check()
        self.server.start()
        self.verify()

    def acknowledged(self):
        return sum(worker.acknowledged for worker in self.workers)

    def actual(self, client):
        """{path: Node} of everything the workers have names in, and {path: ETag}."""
        nodes, etags = {}, {}
        for path, depth in [*((worker.own, "infinity") for worker in self.workers), (self.shared, "1"), (self.calendar, "1")]:
            listing = client.propfind(quoted(path) + "/", ETAG, TYPE, LENGTH, MOOD, PLACE, depth=depth)
            for href, item in listing.items.items():
                name = urllib.parse.unquote(href).rstrip("/")
                if name in (self.shared, self.calendar):
                    continue
                mood, place = item.text(MOOD), item.text(PLACE)
                expect(mood == place, f"{name}: half of a PROPPATCH: {mood}, {place}")
                if item.properties[TYPE].find("{DAV:}collection") is not None:
                    nodes[name] = Node(None, mood)
                    continue
                etags[name] = item.text(ETAG)
                if etags[name] not in self.etags.known or self.random.random() < 0.03:
                    got = client.request("GET", href, expected=200)
                    expect(got.header("ETag") == etags[name], f"{name}: GET and PROPFIND give different ETags")
                    expect(len(got.body) == int(item.text(LENGTH)), f"{name}: getcontentlength is wrong")
                    self.etags.learn(etags[name], hashlib.sha256(got.body).hexdigest())
                nodes[name] = Node(self.etags.known[etags[name]], mood)
        return nodes

    def verify(self):
        client = self.server.client()
        nodes = self.actual(client)
        for worker in self.workers:
            mine = {path: node for path, node in nodes.items() if path.startswith(worker.own + "/") or path == worker.own or
                    path.rsplit("/", 1)[1].startswith(f"w{worker.number}-")}
            nodes = {path: node for path, node in nodes.items() if path not in mine}
            if mine == worker.state:
                pass
            elif worker.pending and mine == worker.pending[3]:
                worker.state = worker.pending[3]
            else:
                method, path, destination, after = worker.pending or ("nothing", "", None, worker.state)
                differing = {path: (worker.state.get(path), after.get(path), mine.get(path))
                             for path in worker.state.keys() | after.keys() | mine.keys()
                             if len({repr(side.get(path)) for side in (worker.state, after, mine)}) > 1}
                raise Fault(f"worker {worker.number}: neither before nor after {method} {path} {destination or ''}\n"
                            "path: (acknowledged, with the request in flight, found)\n" +
                            "\n".join(f"  {path}: {sides}" for path, sides in sorted(differing.items())))
            worker.pending = None
            self.verify_lock(client, worker)
            worker.client = self.server.client()
        expect(not nodes, f"there are things that nobody made: {sorted(nodes)[:10]}")
        for follower in self.followers:
            self.refused += follower.verify()
        client.close()

    def verify_lock(self, client, worker):
        item = client.propfind(quoted(worker.lock_path()), "{DAV:}lockdiscovery").items[quoted(worker.lock_path())]
        found = item.properties["{DAV:}lockdiscovery"].find("{DAV:}activelock/{DAV:}locktoken/{DAV:}href")
        token = None if found is None else found.text
        able = {worker.lock_token}
        if worker.pending_lock and worker.pending_lock[0] == "unlock":
            able.add(None)
        if worker.pending_lock and worker.pending_lock[0] == "lock":
            able.add(token)
        expect(token in able, f"{worker.lock_path()}: the lock is {token}, not one of {able}")
        worker.lock_token, worker.pending_lock = token, None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", choices=["sqlite", "postgres"])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--long", action="store_true", default=os.environ.get("PILEUS_LONG") == "1")
    parser.add_argument("--seed")
    options = parser.parse_args()
    rounds = options.rounds or (1000 if options.long else 100)
    seed = random_source(options.seed)
    with scratch("crash") as folder, Server(folder, options.store) as server:
        test = Test(server, seed.random())
        test.prepare()
        started = time.monotonic()
        for number in range(1, rounds + 1):
            try:
                test.round(check=number % 10 == 0)
            except BaseException:
                print(f"in round {number} of {rounds}", flush=True)
                raise
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    changes = test.acknowledged()
    expect(changes > rounds, f"too little happened: {changes} changes")
    print(f"{rounds} rounds in {time.monotonic() - started:.1f} s: {changes} acknowledged changes all there, "
          f"{test.refused} tokens refused")


if __name__ == "__main__":
    main()
