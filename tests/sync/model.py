#!/usr/bin/python3
"""Property-based test of sync: random changes by several clients, random token ages and limits, against a simple model of
what a client that holds a token must learn. On calendars, address books, folders of files and the homes; with two
processes on one PostgreSQL where --nodes 2 is given.

usage: tests/sync/model.py sqlite|postgres [--steps N] [--nodes 1|2] [--seed N]      10 000 steps
"""

import argparse
import os
import pathlib
import random
import sys
import time
import urllib.parse

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "data")]

import make_objects  # noqa: E402
from harness import Fault, Server, expect, random_source, scratch  # noqa: E402

ETAG, TYPE, TOKEN, CTAG = "{DAV:}getetag", "{DAV:}resourcetype", "{DAV:}sync-token", "{http://calendarserver.org/ns/}getctag"
MARK = "{urn:x-pileus-test}mark"
NAMES = [*(f"n{number}" for number in range(10)), "ü %25#", "sp ace"]
FOLDERS = ["f0", "f1", "f2", "fü %"]
FULL = 14       # members of one collection, at most
TOKENS = 400    # that are held at a time


class Collection:
    """What a collection holds now, and when each of its names last changed. `count` is the model's counter."""

    made = 0

    def __init__(self, kind, parent=None, name=""):
        Collection.made += 1
        self.number = Collection.made
        self.kind = kind        # "calendar", "addressbook", "folder", or a home of these
        self.parent = parent
        self.name = name
        self.count = 1
        self.members = {}       # name: (ETag, UID)
        self.children = {}      # name: Collection
        self.last = {}          # name: (count, present)
        self.maybe = {}         # name: count of a change that need not be reported
        self.moved = False
        self.gone = False

    def path(self):
        return f"{self.parent.path()}{urllib.parse.quote(self.name)}/" if self.parent else self.name

    def href(self, name):
        return self.path() + urllib.parse.quote(name) + ("/" if name in self.children else "")

    def changed(self, name=None):
        """A member's change, or (without a name) one of the collection itself; seen from all collections above."""
        self.count += 1
        if name is not None:
            self.last[name] = (self.count, name in self.members or name in self.children)
        if self.parent:
            self.parent.changed(self.name)

    def state(self):
        """{name: ETag, or the number of the collection of that name}."""
        return {**{name: etag for name, (etag, _) in self.members.items()},
                **{name: child.number for name, child in self.children.items()}}

    def detach(self, name):
        """Takes a name away, without counting it."""
        self.members.pop(name, None)
        child = self.children.pop(name, None)
        for one in child.all() if child else []:
            one.gone = True
        return child

    def all(self):
        yield self
        for child in self.children.values():
            yield from child.all()

    def duplicate(self, parent, name, deep):
        copy = Collection(self.kind, parent, name)
        if deep:
            copy.members = dict(self.members)
            copy.children = {one: child.duplicate(copy, one, True) for one, child in self.children.items()}
            for one in [*copy.members, *copy.children]:
                copy.count += 1
                copy.last[one] = (copy.count, True)
        return copy


class Held:
    """A token that some client holds, and what the client knows by it."""

    def __init__(self, collection, token, count, known):
        self.collection = collection
        self.token = token
        self.count = count      # the model's counter then; None for a token from the middle of paging
        self.known = known


class Model:
    def __init__(self, servers, seed, store):
        self.random = random.Random(seed)
        self.clients = [server.client() for server in servers for _ in range(3)]
        user = servers[0].user
        self.homes = [Collection("folder", None, f"/dav/files/{user}/"), Collection("calendar home", None, f"/dav/calendars/{user}/"),
                      Collection("addressbook home", None, f"/dav/addressbooks/{user}/")]
        self.held = []
        self.tags = {}          # (collection, count): its sync-token and ctag
        self.uid = 0
        self.bodies = 0
        self.history = []
        self.figures = {"changes": 0, "syncs": 0, "pages": 0, "refused": 0}
        for home in self.homes:
            self.adopt(home)

    # What is there at the start: collections made with the account.

    def adopt(self, collection):
        listing = self.client().propfind(collection.path(), TYPE, ETAG, depth="1")
        for href, item in listing.items.items():
            if href == collection.path():
                continue
            name = urllib.parse.unquote(href[len(collection.path()):].rstrip("/"))
            types = {one.tag.split("}")[1] for one in item.properties[TYPE]}
            if "collection" in types:
                kind = next((one for one in ("calendar", "addressbook") if one in types), "other")
                kind = "other" if name == "tasks" else kind  # It takes no events.
                collection.children[name] = Collection(kind, collection, name)
            else:
                collection.members[name] = (item.text(ETAG), None)
            collection.changed(name)

    def client(self):
        return self.random.choice(self.clients)

    def collections(self, *kinds):
        return [one for home in self.homes for one in home.all() if not kinds or one.kind in kinds]

    def send(self, method, path, body=None, headers=None, expected=None):
        self.history = [*self.history[-30:], f"{method} {path} {headers or ''}"]
        return self.client().request(method, path, body, headers, expected)

    # Bodies.

    def body(self, kind, uid):
        self.bodies += 1
        if kind == "calendar":
            return make_objects.event(self.random.randrange(300), uid=uid, change=self.bodies), {"Content-Type": "text/calendar"}
        if kind == "addressbook":
            card = make_objects.card(self.random.randrange(300), change=self.bodies)
            old = next(line for line in card.split("\r\n") if line.startswith("UID:"))
            return card.replace(old, f"UID:{uid}"), {"Content-Type": "text/vcard"}
        return f"body {self.bodies} {'x' * self.random.randrange(200)}", {"Content-Type": "text/plain"}

    def new_uid(self, kind):
        self.uid += 1
        return None if kind == "folder" else f"uid-{self.uid}@pileus.test"

    # The changes. Each picks what it can, sends it, and tells the model.

    def put(self):
        collection = self.random.choice(self.collections("folder", "calendar", "addressbook"))
        name = self.random.choice(NAMES)
        old = collection.members.get(name)
        if name in collection.children or (not old and len(collection.members) >= FULL):
            return
        uid = old[1] if old else self.new_uid(collection.kind)
        body, headers = self.body(collection.kind, uid)
        condition = self.random.random()
        if condition < 0.15:
            headers["If-None-Match"] = "*"
        elif condition < 0.3:
            headers["If-Match"] = old[0] if old and self.random.random() < 0.7 else '"no-such-tag"'
        refused = ("If-None-Match" in headers and old) or ("If-Match" in headers and (not old or headers["If-Match"] != old[0]))
        answer = self.send("PUT", collection.path() + urllib.parse.quote(name), body, headers,
                           412 if refused else 204 if old else 201)
        if refused:
            return
        etag = answer.header("ETag")
        expect(etag, f"PUT of {collection.href(name)} gives no ETag")
        collection.members[name] = (etag, uid)
        collection.changed(name)

    def put_same(self):
        """The same bytes again: the ETag stays; whether that counts as a change is the server's choice."""
        collection = self.random.choice(self.collections("folder"))
        if not collection.members:
            return
        name = self.random.choice(list(collection.members))
        body = self.client().request("GET", collection.href(name), expected=200).body
        answer = self.send("PUT", collection.href(name), body, {"Content-Type": "text/plain"}, 204)
        expect(answer.header("ETag") == collection.members[name][0], "the same bytes have another ETag")
        one = collection
        below = name
        while one:
            one.maybe[below] = one.count + 1
            one.count += 1
            below, one = one.name, one.parent
        self.tags = {}

    def delete(self):
        collection = self.random.choice(self.collections("folder", "calendar", "addressbook"))
        if not collection.members:
            return
        name = self.random.choice(list(collection.members))
        wrong = self.random.random() < 0.1
        self.send("DELETE", collection.href(name), headers={"If-Match": '"other"'} if wrong else {}, expected=412 if wrong else 204)
        if not wrong:
            collection.detach(name)
            collection.changed(name)

    def made_collections(self):
        """Collections that this test has made."""
        return [one for one in self.collections("folder", "calendar", "addressbook") if one.parent and one.name in FOLDERS]

    def delete_collection(self):
        able = self.made_collections()
        if not able:
            return
        collection = self.random.choice(able)
        self.send("DELETE", collection.path(), expected=204)
        collection.parent.detach(collection.name)
        collection.parent.changed(collection.name)

    def make_collection(self):
        parent = self.random.choice(self.collections("folder", "calendar home", "addressbook home"))
        name = self.random.choice(FOLDERS)
        path = parent.path() + urllib.parse.quote(name)
        taken = name in parent.children or name in parent.members
        if not taken and path.count("/") > 7:
            return
        if parent.kind == "folder":
            kind = "folder"
            self.send("MKCOL", path + "/", expected=405 if taken else 201)
        elif parent.kind == "calendar home":
            kind = "calendar"
            # RFC 4791 5.3.1.1: DAV:resource-must-be-null, by 403 (or 405 as for MKCOL).
            self.send("MKCALENDAR", path + "/", expected=(403, 405) if taken else 201)
        else:
            kind = "addressbook"
            body = ('<D:mkcol xmlns:D="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><D:set><D:prop><D:resourcetype>'
                    "<D:collection/><A:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>")
            self.send("MKCOL", path + "/", body, {"Content-Type": "application/xml"}, (403, 405) if taken else 201)
        if not taken:
            parent.children[name] = Collection(kind, parent, name)
            parent.changed(name)

    def proppatch(self):
        collection = self.random.choice(self.collections("folder", "calendar", "addressbook"))
        self.bodies += 1
        if collection.members and self.random.random() < 0.6:
            name = self.random.choice(list(collection.members))
            path = collection.href(name)
        else:
            name, path = None, collection.path()
        refused = self.random.random() < 0.2
        properties = {MARK: str(self.bodies), **({ETAG: "protected"} if refused else {})}
        self.history = [*self.history[-30:], f"PROPPATCH {path} {'refused' if refused else ''}"]
        answer = self.client().proppatch(path, properties)
        item = next(iter(answer.multistatus().items.values()))
        expect((MARK in item.properties) != refused, f"PROPPATCH {path}: {answer.body[:1000]}")
        if not refused:
            collection.changed(name)

    def transfer(self):
        """MOVE or COPY of an object to a new or used name of a collection of the same kind."""
        source = self.random.choice(self.collections("folder", "calendar", "addressbook"))
        if not source.members:
            return
        name, method = self.random.choice(list(source.members)), self.random.choice(["MOVE", "COPY"])
        target = self.random.choice(self.collections(source.kind))
        new = self.random.choice(NAMES)
        etag, uid = source.members[name]
        if (target, new) == (source, name) or new in target.children:
            return
        taken = new in target.members
        if not taken and len(target.members) >= FULL:
            return
        if uid:
            same_uid = any(other == uid for one, (_, other) in target.members.items() if (target, one) != (source, name))
            if taken or same_uid or (method == "COPY" and target is source):
                return
        overwrite = self.random.choice("TF")
        refused = taken and overwrite == "F"
        self.send(method, source.href(name), headers={"Destination": target.path() + urllib.parse.quote(new), "Overwrite": overwrite},
                  expected=412 if refused else 204 if taken else 201)
        if refused:
            return
        target.members[new] = (etag, uid)
        if method == "MOVE":
            source.detach(name)
            source.changed(name)
        target.changed(new)

    def transfer_collection(self):
        """MOVE or COPY of a folder with all below it, or MOVE (a rename) of a calendar or address book."""
        able = self.made_collections()
        if not able:
            return
        source = self.random.choice(able)
        method = self.random.choice(["MOVE", "COPY"]) if source.kind == "folder" else "MOVE"
        parents = [one for one in self.collections(source.parent.kind) if one not in source.all()]
        parent, new = self.random.choice(parents), self.random.choice(FOLDERS)
        if source.kind != "folder" and new in parent.children:
            return
        old = parent.children.get(new)
        if old is source or (old and source in old.all()) or parent.path().count("/") > 6 or new in parent.members:
            return
        if sum(1 for _ in source.all()) > 12 or len(self.collections()) > 60:
            return
        overwrite = self.random.choice("TF")
        refused = old and overwrite == "F"
        deep = method == "MOVE" or self.random.random() < 0.7
        self.send(method, source.path(), headers={"Destination": parent.path() + urllib.parse.quote(new) + "/", "Overwrite": overwrite,
                                                  "Depth": "infinity" if deep else "0"},
                  expected=412 if refused else 204 if old else 201)
        if refused:
            return
        if old:
            parent.detach(new)
        if method == "COPY":
            parent.children[new] = source.duplicate(parent, new, deep)
        else:
            before, name = source.parent, source.name
            del before.children[name]
            before.changed(name)
            source.parent, source.name = parent, new
            for one in source.all():
                one.moved = True
            parent.children[new] = source
        parent.changed(new)

    def put_nowhere(self):
        home = self.random.choice(self.homes)
        self.send("PUT", f"{home.path()}no-such/file", "x", {"Content-Type": "text/plain"}, (403, 404, 409))

    def change(self):
        choices = [(self.put, 40), (self.put_same, 1), (self.delete, 14), (self.proppatch, 10), (self.transfer, 14), (self.make_collection, 6),
                   (self.delete_collection, 2), (self.transfer_collection, 5), (self.put_nowhere, 1)]
        self.random.choices([one for one, _ in choices], [weight for _, weight in choices])[0]()
        self.figures["changes"] += 1

    # What clients learn.

    def sync(self):
        """A client syncs from a token it holds (or from none), in pages or at once, while others may be changing things."""
        self.figures["syncs"] += 1
        old = [one for one in self.held if one.collection.gone]
        if self.held and self.random.random() < 0.75:
            start = self.random.choice(self.held)
        elif old:
            start = self.random.choice(old)
        else:
            start = Held(self.random.choice([one for one in self.collections() if one.kind != "other"]), "", 0, {})
        collection = start.collection
        path = collection.path()
        limit = self.random.choice([None, None, 1, 2, 5, 50])
        disturb = limit is not None and self.random.random() < 0.5
        known, token, seen, quiet = dict(start.known), start.token, {}, True
        before = collection.count
        for page in range(10_000):
            self.history = [*self.history[-30:], f"REPORT {path} from {token} limit {limit}"]
            answer = self.client().sync(path, token, limit)
            if not self.usable(answer, start, path):
                self.held = [one for one in self.held if one is not start]
                return
            result = answer.multistatus()
            truncated = self.apply(collection, path, result, known, seen, limit)
            expect(result.sync_token, "there is no sync-token in the answer")
            expect(not truncated or result.sync_token != token, "a truncated answer gives the token it was asked with")
            token = result.sync_token
            self.figures["pages"] += 1
            if not truncated:
                break
            if self.random.random() < 0.2:
                self.held.append(Held(collection, token, None, dict(known)))
            if disturb:
                self.change()
                quiet = quiet and collection.count == before
                if collection.gone or collection.path() != path:
                    return
        self.compare(collection, known)
        if quiet and start.count is not None:
            self.compare_minimal(collection, start, seen)
        self.held.append(Held(collection, token, collection.count, known))
        if len(self.held) > TOKENS:
            self.held.pop(self.random.randrange(len(self.held)))

    def usable(self, answer, start, path):
        """Whether the token was taken. What may be refused: one of a collection that has been removed or moved."""
        if answer.status == 207:
            expect(not start.collection.gone, f"{path}: a token of a removed collection was taken: {answer.body[:500]}")
            return True
        self.figures["refused"] += 1
        if answer.status == 404:
            expect(start.collection.gone, f"{path}: 404")
            return False
        if answer.status in (403, 405) and start.collection.gone and b"valid-sync-token" not in answer.body:
            return False  # An object stands there now: no such report on it.
        expect(answer.status == 403 and b"valid-sync-token" in answer.body, f"{path}: {answer.status} {answer.body[:1000]}")
        expect(start.token and (start.collection.gone or start.collection.moved), f"{path}: the token {start.token} was refused")
        return False

    def apply(self, collection, path, result, known, seen, limit):
        """Takes one answer into what the client knows. Returns whether there is more."""
        truncated, reported = False, 0
        for href, item in result.items.items():
            if href == path:
                expect(item.status == 507, f"{href} itself is reported, with {item.status}")
                truncated = True
                continue
            expect(href.startswith(path), f"{href} is not in {path}")
            name = urllib.parse.unquote(href[len(path):].rstrip("/"))
            expect("/" not in name, f"{href} is not a child of {path}")
            reported += 1
            if item.status == 404:
                known.pop(name, None)
                seen[name] = None
            else:
                expect(item.status is None, f"{href}: status {item.status}")
                child = collection.children.get(name) if href.endswith("/") else None
                known[name] = seen[name] = child.number if child else item.text(ETAG)
        expect(limit is None or reported <= limit, f"{reported} responses with a limit of {limit}")
        expect(limit is not None or not truncated, "an answer without a limit was cut")
        return truncated

    def compare(self, collection, known):
        state = collection.state()
        expect(known == state, f"{collection.path()}: the client knows too much {sorted(known.items() - state.items(), key=str)[:5]}, "
               f"too little {sorted(state.items() - known.items(), key=str)[:5]}")

    def compare_minimal(self, collection, start, seen):
        """Exactly the names that have changed are reported, as they are now."""
        if not start.token:
            right = set(collection.state())
        else:
            right = {name for name, (count, _) in collection.last.items() if count > start.count}
        able = {name for name, count in collection.maybe.items() if count > start.count}
        if not start.token:
            # The pages after the first can't know that the client began with nothing: they may tell of removals.
            able |= {name for name, (_, present) in collection.last.items() if not present}
        expect(right - able <= set(seen) <= right | able, f"{collection.path()}: reported {sorted(seen)}, not {sorted(right)}")

    def look(self):
        """The collection's sync-token and ctag tell changes from their absence; a listing shows what the model holds."""
        collection = self.random.choice([one for one in self.collections() if one.kind != "other"])
        item = self.client().propfind(collection.path(), TOKEN, CTAG).items[collection.path()]
        tag = (item.text(TOKEN), item.text(CTAG))
        expect(tag[0], f"{collection.path()} has no sync-token")
        expect(tag[1] or collection.kind not in ("calendar", "addressbook"), f"{collection.path()} has no getctag")
        key = (collection.number, collection.count)
        expect(self.tags.setdefault(key, tag) == tag, f"{collection.path()}: nothing changed but {self.tags[key]} is now {tag}")
        same = [other for (number, count), other in self.tags.items()
                if number == collection.number and count != collection.count and tag[0] == other[0] or (tag[1] and tag[1] == other[1] and
                number == collection.number and count != collection.count)]
        expect(not same, f"{collection.path()}: something changed but it is still {tag}")
        listing = self.client().propfind(collection.path(), ETAG, TYPE, depth="1")
        found = {}
        for href, entry in listing.items.items():
            if href != collection.path():
                name = urllib.parse.unquote(href[len(collection.path()):].rstrip("/"))
                child = collection.children.get(name)
                found[name] = child.number if child and href.endswith("/") else entry.text(ETAG)
        self.compare(collection, found)

    def run(self, steps):
        for step in range(steps):
            kind = self.random.random()
            try:
                if kind < 0.6:
                    self.change()
                elif kind < 0.9:
                    self.sync()
                else:
                    self.look()
            except BaseException:
                print(f"in step {step} of {steps}; the requests before:\n  " + "\n  ".join(self.history[-15:]), flush=True)
                raise
        for collection in self.collections():
            if collection.kind != "other":
                self.history = []
                answer = self.client().sync(collection.path(), "", None).multistatus()
                known = {}
                self.apply(collection, collection.path(), answer, known, {}, None)
                self.compare(collection, known)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", choices=["sqlite", "postgres"])
    parser.add_argument("--steps", type=int, default=100_000 if os.environ.get("PILEUS_LONG") == "1" else 10_000)
    parser.add_argument("--nodes", type=int, choices=[1, 2], default=1)
    parser.add_argument("--seed")
    options = parser.parse_args()
    seed = random_source(options.seed)
    if options.nodes == 2 and options.store != "postgres":
        raise Fault("two processes need PostgreSQL")
    with scratch("model", memory=True) as folder, Server(folder, options.store, durable=False) as server:
        servers = [server]
        started = time.monotonic()
        if options.nodes == 2:
            servers.append(Server(folder / "second", "postgres", postgres=server.postgres, create=False,
                                  extra={"server": [f'data = "{server.data}"']}))
            servers[1].start()
        try:
            model = Model(servers, seed.random(), options.store)
            model.run(options.steps)
            for one in servers:
                expect(one.terminate() == 0, "the server did not stop cleanly")
            server.check()
        finally:
            for one in servers[1:]:
                one.stop()
    figures = ", ".join(f"{count} {name}" for name, count in model.figures.items())
    print(f"{options.steps} steps in {time.monotonic() - started:.1f} s: {figures}")


if __name__ == "__main__":
    main()
