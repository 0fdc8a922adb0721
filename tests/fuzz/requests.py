#!/usr/bin/python3
"""Sends mutations of the requests in the transcripts to a real server, in the order of one random source: whatever comes,
the server answers, its XML is well-formed, it never says 500, and `pileus check` finds nothing wrong afterwards.

usage: tests/fuzz/requests.py [sqlite|postgres] [--requests N] [--seed N]
"""

import argparse
import base64
import http.client
import pathlib
import random
import re
import socket
import sys
from xml.parsers import expat

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import ROOT, Server, expect, scratch  # noqa: E402

ACCOUNTS = 100
OWN = {"as", "repeat", "fill", "line-ends"}  # headers for the transcripts' runner alone
METHODS = ["OPTIONS", "GET", "HEAD", "PUT", "POST", "DELETE", "PROPFIND", "PROPPATCH", "MKCOL", "MKCALENDAR", "COPY", "MOVE",
           "LOCK", "UNLOCK", "REPORT", "ACL", "PATCH"]
ODD = [b"", b"\0", b"\xff\xfe", b"]]>", b"<!--", b"&#0;", b"&#x110000;", b"%00", b"%2F", b"%2e%2e/", b"../", b"\r\n", b"\n ", b";",
       b":", b",", b'"', b"^n", b"\\n", b"9" * 40, b"-1", b"0", b"18446744073709551616", b"2147483648", b"00010101T000000Z",
       b"99991231T235959Z", b"20260229", b"FREQ=SECONDLY", b"INTERVAL=0", b"COUNT=999999999", b"BYSETPOS=-366", b"infinity", b"T", b"F",
       b"*", b"W/", b"A" * 5000, b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"RRULE:FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2\r\n",
       b"DURATION:-P99999W\r\n", b"TRIGGER:-P9999999D\r\n", b"xmlns:D=\"urn:x\" ", b"<D:prop/>", b"<D:allprop/>", b"xml:lang=\"\" "]


def transcripts():
    """Of each transcript, its requests: method, target, headers, body."""
    for path in sorted((ROOT / "tests/transcripts/dav").iterdir()):
        requests, request = [], None
        for line in path.read_bytes().split(b"\n"):
            if line.startswith(b"> "):
                method, _, target = line[2:].partition(b" ")
                request = [method.decode(), target, [], [], False]
            elif line.startswith(b"< ") and request:
                method, target, headers, body, _ = request
                text = b"\n".join(body)
                if b"BEGIN:V" in text:
                    text = text.replace(b"\n", b"\r\n") + b"\r\n"
                requests.append((method, target, headers, text))
                request = None
            elif request and request[4]:
                request[3].append(line)
            elif request and line:
                name, _, value = line.partition(b": ")
                if name.decode().lower() not in OWN:
                    request[2].append((name, value))
            elif request:
                request[4] = True
        yield requests


class Mutator:
    def __init__(self, source, requests):
        self.source = source
        self.requests = requests
        self.words = list({word for _, _, _, body in requests for word in re.split(rb"(?<=[>;:\n\"])", body) if 2 < len(word) < 200})

    def octets(self, text):
        """One small change."""
        source = self.source
        at = source.randrange(len(text) + 1)
        end = min(len(text), at + source.choice((1, 1, 3, 20, 200)))
        change = source.randrange(6)
        if change == 0:
            return text[:at] + text[end:]
        if change == 1:
            return text[:at] + source.choice(ODD) + text[at:]
        if change == 2:
            return text[:at] + source.choice(ODD) + text[end:]
        if change == 3:
            return text[:at] + source.choice(self.words) + text[at:]
        if change == 4:
            return text[:at] + text[at:end] * source.choice((2, 3, 50)) + text[end:]
        flipped = bytearray(text)
        if flipped:
            flipped[at % len(flipped)] ^= 1 << source.randrange(8)
        return bytes(flipped)

    def headers(self, headers):
        source = self.source
        headers = list(headers)
        if headers and source.random() < 0.5:
            index = source.randrange(len(headers))
            name, value = headers[index]
            headers[index] = (name, self.octets(value).replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b""))
        other = source.choice(self.requests)[2]
        if other and source.random() < 0.5:
            headers.append(source.choice(other))
        return [(name, value) for name, value in headers if name.lower() not in (b"content-length", b"transfer-encoding", b"host")]

    def target(self, target):
        changed = self.octets(target) if self.source.random() < 0.5 else self.source.choice(self.requests)[1]
        return re.sub(rb"[\0-\x20\x7f-\xff#]", lambda found: b"%%%02X" % found[0][0], changed) or b"/"

    def change(self, method, target, headers, body):
        source = self.source
        if source.random() < 0.05:
            method = source.choice(METHODS)
        if source.random() < 0.15:
            target = self.target(target)
        if source.random() < 0.25:
            headers = self.headers(headers)
        for _ in range(source.choice((0, 1, 1, 2, 5))):
            body = self.octets(body)
        return method, target, headers, body


def message(user, method, target, headers, body):
    login = base64.b64encode(f"{user}:{user}-pw".encode())
    lines = [b"%s %s HTTP/1.1" % (method.encode(), target), b"Host: localhost", b"Authorization: Basic " + login,
             b"Content-Length: %d" % len(body), *(name + b": " + value for name, value in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class Connection:
    def __init__(self, server):
        self.server = server
        self.socket = None

    def exchange(self, octets, method):
        """The answer's status, headers and body; its connection is kept as long as the server keeps it."""
        if not self.socket:
            self.socket = socket.create_connection(("127.0.0.1", self.server.http_port), timeout=60)
        try:
            self.socket.sendall(octets)
        except OSError:
            pass  # refused before it was read whole; the answer is there
        answer = http.client.HTTPResponse(self.socket, method=method)
        answer.begin()
        body = answer.read()
        if answer.will_close:
            self.socket.close()
            self.socket = None
        return answer.status, answer.headers, body


class Run:
    """One transcript, mutated, with a pair of accounts of its own."""

    def __init__(self, source, number, connection):
        self.source = source
        self.names = {b"ada": b"ada%d" % (number % ACCOUNTS), b"ben": b"ben%d" % (number % ACCOUNTS)}
        self.connection = connection
        self.heard = [b"x"]  # tags and tokens that the server has given out

    def own(self, octets):
        octets = re.sub(rb"\b(ada|ben)\b", lambda found: self.names[found[1]], octets)
        return re.sub(rb"\{[a-z0-9-]+\}", lambda _: self.source.choice(self.heard), octets)

    def send(self, method, target, headers, body):
        user = self.names[self.source.choice([b"ada"] * 9 + [b"ben"])].decode()
        headers = [(name, self.own(value)) for name, value in headers]
        octets = message(user, method, self.own(target), headers, self.own(body))
        try:
            status, fields, answer = self.connection.exchange(octets, method)
            fault = "says 500" if status == 500 else None
            own_words = status != 304 and method not in ("GET", "HEAD") and b"representation" not in octets
            if own_words and "xml" in fields.get("Content-Type", "") and answer:
                expat.ParserCreate().Parse(answer, True)
            tokens = re.findall(rb"(?:opaquelocktoken|urn:uuid|data):[^<>\s\"]+", answer)
            self.heard += [fields[name].encode() for name in ("ETag", "Lock-Token") if name in fields] + tokens[:3]
        except (OSError, http.client.HTTPException, expat.ExpatError) as error:
            status, fault = 0, f"{type(error).__name__}: {error}"
        return status, fault, octets


def run(server, count, seed):
    source = random.Random(seed)
    scripts = [requests for requests in transcripts() if requests]
    mutator = Mutator(source, [request for requests in scripts for request in requests])
    expect(len(mutator.requests) > 300, "the transcripts have hardly any requests")
    connection = Connection(server)
    statuses = {}
    number = rounds = 0
    while number < count:
        one = Run(source, rounds, connection)
        rounds += 1
        for request in source.choice(scripts):
            for changed in range(3):
                number += 1
                # What comes first in a transcript prepares what follows: it's mostly sent as it is, too.
                as_it_is = not changed and source.random() < 0.8
                status, fault, octets = one.send(*(request if as_it_is else mutator.change(*request)))
                expect(server.process.poll() is None, f"request {number} of seed {seed} ended the server:\n{octets!r}")
                expect(fault is None, f"request {number} of seed {seed}: {fault}\n{octets!r}")
                statuses[status] = statuses.get(status, 0) + 1
    print(f"requests: {number}; answers: " + ", ".join(f"{status}: {statuses[status]}" for status in sorted(statuses)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("store", nargs="?", default="sqlite", choices=("sqlite", "postgres"))
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with scratch("requests", memory=True) as folder:
        server = Server(folder, options.store, create=False, durable=False)
        server.users = [(f"{name}{n}", f"{name}{n}-pw") for name in ("ada", "ben") for n in range(ACCOUNTS)]
        server.create_accounts()
        with server:
            run(server, options.requests, options.seed)
            server.check()
            server.terminate()


if __name__ == "__main__":
    main()
