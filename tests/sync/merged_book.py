#!/usr/bin/python3
"""The address book that is made of all others, under random changes of the books and of itself: whoever holds a token of it,
however old, learns exactly what it holds now; and that is each UID once, as the default book has it, or the oldest of the
others, always under the same name.

usage: tests/sync/merged_book.py sqlite|postgres [--steps N] [--seed N]      200 steps
"""

import argparse
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "data")]

from harness import Server, expect, random_source, scratch  # noqa: E402

ETAG = "{DAV:}getetag"
UIDS = [f"uid-{number}" for number in range(12)]
NAMES = [*(f"n{number}.vcf" for number in range(8)), "sp ace.vcf".replace(" ", "%20")]
VCARD = {"Content-Type": "text/vcard"}


class Run:
    def __init__(self, server, random):
        self.random = random
        self.client = server.client()
        self.home = f"/dav/addressbooks/{server.user}/"
        self.merged = self.home + "all-contacts/"
        self.books = {"contacts": {}}   # in the order of their making: {name: (UID, ETag)}
        self.tokens = [("", {})]
        self.hrefs = {}                 # UID: href, as long as it is there
        self.count = 0

    def card(self, uid):
        self.count += 1
        return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{uid} {self.count}\r\nN:x;;;;\r\nEND:VCARD\r\n"

    def wanted(self):
        """UID: (ETag, book, name)"""
        cards = {}
        for book, members in self.books.items():
            for name, (uid, etag) in members.items():
                cards.setdefault(uid, (etag, book, name))
        return cards

    # Changes of the books.

    def put(self):
        book = self.random.choice(list(self.books))
        members, name = self.books[book], self.random.choice(NAMES)
        taken = {uid for uid, _ in members.values()}
        free = [uid for uid in UIDS if uid not in taken]
        if name not in members and not free:
            return
        uid = members[name][0] if name in members else self.random.choice(free)
        answer = self.client.request("PUT", f"{self.home}{book}/{name}", self.card(uid), VCARD, 204 if name in members else 201)
        members[name] = (uid, answer.header("ETag"))

    def delete(self):
        book = self.random.choice(list(self.books))
        if self.books[book]:
            name = self.random.choice(list(self.books[book]))
            self.client.request("DELETE", f"{self.home}{book}/{name}", expected=204)
            del self.books[book][name]

    def move(self):
        source, target = self.random.choice(list(self.books)), self.random.choice(list(self.books))
        name = self.random.choice(NAMES)
        if source == target or not self.books[source] or name in self.books[target]:
            return
        old = self.random.choice(list(self.books[source]))
        if self.books[source][old][0] in {uid for uid, _ in self.books[target].values()}:
            return
        self.client.request("MOVE", f"{self.home}{source}/{old}", headers={"Destination": f"{self.home}{target}/{name}"}, expected=201)
        self.books[target][name] = self.books[source].pop(old)

    def book(self):
        if len(self.books) < 4:
            self.count += 1
            name = f"book{self.count}"
            self.client.make_book(f"{self.home}{name}/")
            self.books[name] = {}
        elif self.random.random() < 0.5:
            name = self.random.choice(list(self.books)[1:])
            self.client.request("DELETE", f"{self.home}{name}/", expected=204)
            del self.books[name]
        else:
            # Renamed, it is as old as it was.
            name = self.random.choice(list(self.books)[1:])
            self.count += 1
            self.client.request("MOVE", f"{self.home}{name}/", headers={"Destination": f"{self.home}book{self.count}/"}, expected=201)
            self.books = {f"book{self.count}" if one == name else one: members for one, members in self.books.items()}

    # Changes of the merged book.

    def put_merged(self):
        uid = self.random.choice(UIDS)
        there = self.wanted().get(uid)
        if there:
            answer = self.client.request("PUT", self.hrefs[uid] if uid in self.hrefs else self.find(uid), self.card(uid), VCARD, 204)
            self.books[there[1]][there[2]] = (uid, answer.header("ETag"))
            return
        self.count += 1
        name = f"new{self.count}.vcf"
        answer = self.client.request("PUT", self.merged + name, self.card(uid), VCARD, 201)
        self.books["contacts"][name] = (uid, answer.header("ETag"))
        self.hrefs[uid] = self.merged + name

    def delete_merged(self):
        cards = self.wanted()
        if cards:
            uid = self.random.choice(list(cards))
            self.client.request("DELETE", self.find(uid), expected=204)
            del self.books[cards[uid][1]][cards[uid][2]]

    def find(self, uid):
        etag = self.wanted()[uid][0]
        items = self.client.propfind(self.merged, ETAG, depth="1").items
        return next(href for href, item in items.items() if item.text(ETAG) == etag)

    def check(self):
        held, known = self.random.choice(self.tokens[-12:])
        answer = self.client.sync(self.merged, held, expected=207).multistatus()
        now = dict(known)
        for href, item in answer.items.items():
            if item.status == 404:
                now.pop(href, None)
            else:
                now[href] = item.text(ETAG)
        cards = self.wanted()
        expect(sorted(now.values()) == sorted(etag for etag, _, _ in cards.values()), f"held {held}: {now}, not {cards}")
        by_etag = {etag: href for href, etag in now.items()}
        for uid in list(self.hrefs):
            if uid not in cards:
                del self.hrefs[uid]
        for uid, (etag, _, _) in cards.items():
            href = self.hrefs.setdefault(uid, by_etag[etag])
            expect(href == by_etag[etag], f"{uid} was {href} and is {by_etag[etag]}")
            if self.random.random() < 0.1:
                text = self.client.request("GET", href, expected=200).body.decode()
                expect(re.search(f"^UID:{uid}\r$", text, re.M), text)
        self.tokens.append((answer.sync_token, now))

    def step(self):
        self.random.choice([self.put] * 4 + [self.put_merged] * 3 + [self.delete, self.delete_merged, self.move, self.move, self.book])()
        # Who was away in between may come back under another name.
        cards = self.wanted()
        self.hrefs = {uid: href for uid, href in self.hrefs.items() if uid in cards}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("store", choices=["sqlite", "postgres"])
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    random = random_source(options.seed)
    with scratch("merged") as folder, Server(folder, options.store) as server:
        done = server.command("account", "set", server.user, "--merged-book", "on")
        expect(done.returncode == 0, done.stderr)
        run = Run(server, random)
        for _ in range(options.steps):
            run.step()
            if random.random() < 0.5:
                run.check()
        run.check()
        # It goes when it isn't wanted, with nothing of anybody.
        server.command("account", "set", server.user, "--merged-book", "off")
        run.client.request("PROPFIND", run.merged, None, {"Depth": "0"}, 404)
        for book, members in run.books.items():
            for name, (_, etag) in members.items():
                expect(run.client.request("GET", f"{run.home}{book}/{name}", expected=200).header("ETag") == etag, name)
        run.client.close()
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()


if __name__ == "__main__":
    main()
