"""Address books of a thousand and of many cards, one in twenty with a photo of 20 KB: what searches by text, multigets, sync
and imports cost. The size must not matter, only what is returned."""

import base64
import hashlib
import json
import re
import subprocess
import time

from asked import XML, answers, hrefs, measured, report, sync_body, thousand, token_in
from make_objects import fold

NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
DATA = "<D:prop><D:getetag/><C:address-data/></D:prop>"
VCARD = ("Content-Type: text/vcard; charset=utf-8",)
SYLLABLES = ["ba", "den", "ke", "lor", "mi", "nar", "os", "pel", "ri", "sten", "tu", "vö", "wal", "zi"]
MANY = 100  # cards of one organisation


def word(number, syllables):
    made = ""
    for _ in range(syllables):
        made += SYLLABLES[number % len(SYLLABLES)]
        number //= len(SYLLABLES)
    return made.capitalize()


def photo(number):
    octets = b"".join(hashlib.sha256(f"{number}-{part}".encode()).digest() for part in range(640))
    return base64.b64encode(octets).decode()


def card(number, size, note="met at a fair"):
    """A card of an address book of that size: MANY of them are of the organisation "Needlework", one is Quirinus."""
    mixed = number * 2654435761 % 2**32
    given = "Quirinus" if number == size // 2 else word(mixed, 2)
    family = word(mixed // 7, 3)
    # One in each stretch of cards, at another place of it each time, so that as many of these have photos as of all.
    stretch, place = divmod(number - 1, size // MANY)
    organisation = "Needlework" if place == stretch % (size // MANY) else word(mixed % 499, 3) + " GmbH"
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{hashlib.md5(str(number).encode()).hexdigest()}", f"FN:{given} {family}",
             f"N:{family};{given};;;", f"ORG:{organisation}", f"EMAIL;TYPE=INTERNET,WORK:{given}.{family}.{number}@example{number % 50}.com".lower(),
             f"TEL;TYPE=CELL:+49 170 {mixed % 10**7:07}", f"TEL;TYPE=WORK:+49 30 {mixed // 3 % 10**7:07}",
             f"ADR;TYPE=HOME:;;{family}straße {number % 200};Berlin;;{10000 + number % 5000};Germany", f"NOTE:{note}", "REV:20260101T000000Z"]
    text = fold("\n".join(lines) + "\n")
    if number % 20 == 0:
        octets = photo(number)
        text += "PHOTO;ENCODING=b;TYPE=JPEG:\r\n" + "".join(f" {octets[at:at + 74]}\r\n" for at in range(0, len(octets), 74))
    return text + "END:VCARD\r\n"


def query(name, text):
    return (f'<C:addressbook-query {NAMESPACES}>{DATA}<C:filter><C:prop-filter name="{name}"><C:text-match collation="i;unicode-casemap" '
            f'match-type="contains">{text}</C:text-match></C:prop-filter></C:filter></C:addressbook-query>')


def multiget(paths):
    return f"<C:addressbook-multiget {NAMESPACES}>{DATA}{''.join(f'<D:href>{path}</D:href>' for path in paths)}</C:addressbook-multiget>"


def rows(size):
    return {"one": f"contains, one of {size} cards", "many": f"contains, {MANY} of {size} cards", "none": f"contains, none of {size} cards",
            "short": f"two letters, of {size} cards", "get100": f"multiget of 100 of {size} cards", "get1000": f"multiget of 1000 of {size} cards",
            "full": f"sync-collection, all of {size} cards", "delta": f"sync-collection, 10 changes in {size} cards",
            "put": f"PUT among {size} cards, 32 connections", "import": f"pileus import of {size} cards"}


def card_file(folder, size):
    file = folder / f"cards-{size}.vcf"
    if not file.exists():
        with open(file, "w", newline="") as out:
            for number in range(1, size + 1):
                out.write(card(number, size))
    return file


def delta(bench, row, subject, path, size, paths):
    status, text = report(subject, path, sync_body(""), "0")
    token = token_in(text)
    if status != 207 or not token:
        print(f"  {row}: {subject.name} has no sync-token", flush=True)
        return
    uids = {hashlib.md5(str(number).encode()).hexdigest(): number for number in range(1, size + 1)}
    for href in paths[:10]:
        _, stored = subject.request("GET", href)
        uid = re.search(rb"UID:(\w+)", stored).group(1).decode()
        status, text = subject.request("PUT", href, card(uids[uid], size, f"met at {time.time()}"), {"Content-Type": "text/vcard"})
        if status not in (200, 201, 204):
            raise RuntimeError(f"{subject.name}: PUT {href}: {status} {text[:500]}")
    result = bench.load.run(subject, "REPORT", path, 1, seconds=bench.seconds, body=sync_body(token), headers=(*XML, "Depth: 0"))
    bench.note(row, subject, **result)


def queries(bench, subject, path, size):
    row = rows(size)
    measured(bench, row["one"], subject, path, query("FN", "quirinus"), None)
    measured(bench, row["many"], subject, path, query("ORG", "eedlewor"), None)
    measured(bench, row["none"], subject, path, query("EMAIL", "needlework@"), 0)
    measured(bench, row["short"], subject, path, query("FN", "qu"), None)
    wanted = [one for one in ("get100", "get1000", "delta") if bench.wanted(row[one])]
    paths = hrefs(subject, path, "vcf") if wanted else []
    measured(bench, row["get100"], subject, path, multiget(thousand(paths)[:100]), 100)
    measured(bench, row["get1000"], subject, path, multiget(thousand(paths)), 1000)
    if bench.wanted(row["full"]):
        status, text = report(subject, path, sync_body(""), "0")
        if status == 207:
            result = bench.load.run(subject, "REPORT", path, 1, seconds=bench.seconds, body=sync_body(""), headers=(*XML, "Depth: 0"))
            bench.note(row["full"], subject, **result, objects=answers(text))
    if bench.wanted(row["delta"]):
        delta(bench, row["delta"], subject, path, size, paths)


def puts(bench, subject, path, size):
    row = rows(size)["put"]
    body = card(7, size).replace("UID:", "UID:{n}-")
    bench.measure(row, subject, "PUT", path + "put{n}.vcf", 32, body=body, headers=VCARD, start=size)


def large(bench, program):
    """A card of 10 MiB, in every shape that could make somebody look at it twice: read, mended, converted, as jCard."""
    shapes = json.loads(subprocess.run([program], capture_output=True, text=True, check=True).stdout)
    for name, times in shapes.items():
        bench.note(f"10 MiB card, {name}", "program", steps=times)


def pileus(bench, subject):
    for size in (1000, bench.planned):
        if not any(map(bench.wanted, rows(size).values())):
            continue
        name = f"cards{size}"
        path = f"/dav/addressbooks/{subject.server.user}/{name}/"
        status, text = subject.request("MKCOL", path, f"<D:mkcol {NAMESPACES}><D:set><D:prop><D:resourcetype><D:collection/><C:addressbook/>"
                                       "</D:resourcetype></D:prop></D:set></D:mkcol>", {"Content-Type": "application/xml"})
        if status != 201:
            raise RuntimeError(f"MKCOL {path}: {status} {text[:500]}")
        seconds, used, base = subject.bring_into(card_file(bench.folder, size), f"addressbooks/{name}")
        bench.note(rows(size)["import"], subject, rate=size / seconds, cpu=used / size, base_cpu=base / size)
        queries(bench, subject, path, size)
        puts(bench, subject, path, size)


def other(bench, subject):
    size = 1000
    if not any(bench.wanted(row) for key, row in rows(size).items() if key != "import"):
        return
    subject.fill_cards([card(number, size) for number in range(1, size + 1)])
    queries(bench, subject, subject.book, size)
    puts(bench, subject, subject.book, size)
