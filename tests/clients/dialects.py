#!/usr/bin/python3
"""Two clients of different dialects edit the same card and the same group in turn, 200 random times, and nothing is lost: one
writes vCard 3.0 in Apple's manner, the other 4.0 in DAVx5's. Each changes one thing and sends the rest back as it came. After
every change both read what a model says, and python3-vobject reads the 3.0.

usage: tests/clients/dialects.py sqlite|postgres [SEED]
"""

import base64
import pathlib
import re
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import NS, Server, expect, random_source, scratch, skip  # noqa: E402

try:
    import vobject
except ImportError as missing:
    skip(f"not installed: python3-vobject ({missing})")

ROUNDS = 200
ADA = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//macOS 14.5//EN
N:Lovelace;Ada;Augusta;Countess;
FN:Ada Lovelace
ORG:Analytical Engines\\, Ltd.;Research
EMAIL;type=INTERNET;type=HOME;type=pref:ada@pileus.test
item1.EMAIL;type=INTERNET:office@pileus.test
item1.X-ABLabel:Büro
TEL;type=CELL;type=VOICE;type=pref:+44 20 7946 0000
item2.ADR;type=HOME;type=pref:;;12 St James's Square;London;;SW1Y 4JH;United Kingdom
item2.X-ABADR:gb
NOTE:Wrote the first program.\\nThen others.
BDAY;X-APPLE-OMIT-YEAR=1604:1604-12-10
item3.X-ABDATE;type=pref:1835-07-08
item3.X-ABLabel:_$!<Anniversary>!$_
item4.X-ABRELATEDNAMES;type=pref:William King
item4.X-ABLabel:_$!<Spouse>!$_
IMPP;X-SERVICE-TYPE=Jabber;type=HOME:xmpp:ada@pileus.test
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRg==
X-PHONETIC-FIRST-NAME:Äida
CATEGORIES:Friends,Mathematics
UID:ada
END:VCARD
"""
PEOPLE = """BEGIN:VCARD
VERSION:3.0
N:Friends;;;;
FN:Friends
X-ADDRESSBOOKSERVER-KIND:group
X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:ada
UID:friends
END:VCARD
"""


class Line:
    """A content line, unfolded: its group, name, parameters as they stand, and value."""

    def __init__(self, text):
        head, self.value = re.match(r'((?:[^":]|"[^"]*")*):(.*)', text, re.S).groups()
        name, *self.parameters = re.findall(r'(?:[^";]|"[^"]*")+', head)
        self.group, _, self.name = name.upper().rpartition(".")

    def has(self, text):
        return any(text.lower() in parameter.lower() for parameter in self.parameters)

    def text(self):
        return re.sub(r"\\(.)", lambda found: "\n" if found.group(1) in "nN" else found.group(1), self.value)


class Card:
    def __init__(self, text):
        self.lines = re.sub(r"\r?\n[ \t]", "", text).replace("\r\n", "\n").strip("\n").split("\n")

    def parsed(self):
        return [Line(text) for text in self.lines]

    def named(self, *names):
        return [line for line in self.parsed() if line.name in names]

    def remove(self, wanted):
        self.lines = [text for text in self.lines if not wanted(Line(text))]

    def add(self, text):
        self.lines.insert(-1, text)

    def text(self):
        return "\r\n".join(self.lines) + "\r\n"

    def labelled(self, name, label):
        """The values of the lines of that name that Apple's label stands beside."""
        groups = {line.group for line in self.named("X-ABLABEL") if line.value == label}
        return [line.text() for line in self.named(name) if line.group in groups]


def day(text, without_year=False):
    digits = text.replace("-", "").split("T")[0]
    return "--" + digits[-4:] if without_year or text.startswith("--") else digits


def picture(line):
    return base64.b64decode(line.value.rpartition("base64,")[2])


def meaning(card):
    """What a card says, whatever its version."""
    birthday = card.named("BDAY")[0]
    anniversaries = [line.value for line in card.named("ANNIVERSARY")] + card.labelled("X-ABDATE", "_$!<Anniversary>!$_")
    related = [line.text() for line in card.named("RELATED") if line.has("spouse")] + \
        card.labelled("X-ABRELATEDNAMES", "_$!<Spouse>!$_")
    return {
        "name": [line.value for line in card.named("N")], "FN": [line.text() for line in card.named("FN")],
        "mail": sorted(line.text() for line in card.named("EMAIL")), "office": card.labelled("EMAIL", "Büro"),
        "phone": sorted((line.text().removeprefix("tel:").replace(" ", "").replace("-", ""), line.has("cell"))
                        for line in card.named("TEL")),
        "address": [line.value for line in card.named("ADR")], "organization": [line.value for line in card.named("ORG")],
        "note": [line.text() for line in card.named("NOTE")], "birthday": day(birthday.value, birthday.has("OMIT-YEAR")),
        "anniversary": [day(value) for value in anniversaries], "spouse": related,
        "chat": [line.value for line in card.named("IMPP")], "photo": [picture(line) for line in card.named("PHOTO")],
        "sound": [line.text() for line in card.named("X-PHONETIC-FIRST-NAME")],
        "categories": sorted(part for line in card.named("CATEGORIES") for part in line.value.split(",")),
    }


def members(card):
    kinds = [line.value for line in card.named("KIND", "X-ADDRESSBOOKSERVER-KIND")]
    expect(kinds == ["group"], f"the group is no group:\n{card.text()}")
    return sorted(line.value for line in card.named("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"))


class Dialect:
    """A client that reads and writes one version."""

    def __init__(self, client, version):
        self.client = client
        self.version = version
        self.path = f"/dav/addressbooks/{client.server.user}/contacts/"

    def read(self, name):
        body = ('<A:addressbook-multiget xmlns:D="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/>'
                f'<A:address-data content-type="text/vcard" version="{self.version}"/></D:prop>'
                f"<D:href>{self.path}{name}</D:href></A:addressbook-multiget>")
        answer = self.client.request("REPORT", self.path, body, {"Content-Type": "application/xml"}, expected=207)
        root = ET.fromstring(answer.body)
        card = Card(root.find(".//A:address-data", NS).text)
        expect(card.named("VERSION")[0].value == self.version, f"not the version asked for:\n{card.text()}")
        return card, root.find(".//D:getetag", NS).text

    def write(self, name, card, etag):
        self.client.request("PUT", self.path + name, card.text(),
                            {"Content-Type": f"text/vcard; charset=utf-8; version={self.version}", "If-Match": etag}, expected=204)

    def change(self, card, model, randoms):
        """Changes one thing in the card as this dialect says it, and in the model."""
        number = randoms.randrange(10**6)
        four = self.version == "4.0"
        what = randoms.choice(["note", "FN", "phone", "no phone", "mail", "birthday", "anniversary", "photo", "spouse", "categories"])
        if what == "note":
            card.remove(lambda line: line.name == "NOTE")
            card.add(f"NOTE:{number}\\; größer\\, als\\nsonst")
            model["note"] = [f"{number}; größer, als\nsonst"]
        elif what == "FN":
            card.remove(lambda line: line.name == "FN")
            card.add(f"FN:Ada {number}")
            model["FN"] = [f"Ada {number}"]
        elif what == "phone":
            card.add(f"TEL;VALUE=uri;TYPE=home:tel:+49-{number}" if four else f"TEL;type=HOME;type=VOICE:+49 {number}")
            model["phone"] = sorted([*model["phone"], (f"+49{number}", False)])
        elif what == "no phone" and len(model["phone"]) > 1:
            gone = [line for line in card.named("TEL") if not line.has("cell")][0].value
            card.remove(lambda line: line.name == "TEL" and line.value == gone)
            plain = gone.removeprefix("tel:").replace(" ", "").replace("-", "")
            model["phone"].remove((plain, False))
        elif what == "mail":
            card.remove(lambda line: line.name == "EMAIL" and not line.group)
            card.add(f"EMAIL;TYPE=home;PREF=1:ada{number}@pileus.test" if four
                     else f"EMAIL;type=INTERNET;type=HOME;type=pref:ada{number}@pileus.test")
            model["mail"] = sorted(["office@pileus.test", f"ada{number}@pileus.test"])
        elif what == "birthday":
            card.remove(lambda line: line.name == "BDAY")
            month, year = number % 12 + 1, number % 2
            if four:
                card.add(f"BDAY:18{month:02}{month:02}10" if year else f"BDAY:--{month:02}10")
            else:
                card.add(f"BDAY:18{month:02}-{month:02}-10" if year else f"BDAY;X-APPLE-OMIT-YEAR=1604:1604-{month:02}-10")
            model["birthday"] = f"18{month:02}{month:02}10" if year else f"--{month:02}10"
        elif what == "anniversary":
            groups = {line.group for line in card.named("X-ABLABEL") if line.value == "_$!<Anniversary>!$_"}
            card.remove(lambda line: line.name == "ANNIVERSARY" or line.name in ("X-ABDATE", "X-ABLABEL") and line.group in groups)
            for text in ([f"ANNIVERSARY:18350{number % 9 + 1}08"] if four else
                         [f"item9.X-ABDATE:1835-0{number % 9 + 1}-08", "item9.X-ABLabel:_$!<Anniversary>!$_"]):
                card.add(text)
            model["anniversary"] = [f"18350{number % 9 + 1}08"]
        elif what == "photo":
            octets = bytes([255, 216, 255]) + randoms.randbytes(200)
            card.remove(lambda line: line.name == "PHOTO")
            encoded = base64.b64encode(octets).decode()
            card.add(f"PHOTO:data:image/jpeg;base64,{encoded}" if four else f"PHOTO;ENCODING=b;TYPE=JPEG:{encoded}")
            model["photo"] = [octets]
        elif what == "spouse":
            groups = {line.group for line in card.named("X-ABLABEL") if line.value == "_$!<Spouse>!$_"}
            card.remove(lambda line: line.name == "RELATED" or
                        line.name in ("X-ABRELATEDNAMES", "X-ABLABEL") and line.group in groups)
            for text in ([f"RELATED;TYPE=spouse;VALUE=text:William {number}"] if four else
                         [f"item8.X-ABRELATEDNAMES:William {number}", "item8.X-ABLabel:_$!<Spouse>!$_"]):
                card.add(text)
            model["spouse"] = [f"William {number}"]
        elif what == "categories":
            card.remove(lambda line: line.name == "CATEGORIES")
            card.add(f"CATEGORIES:Friends,{number}")
            model["categories"] = sorted(["Friends", str(number)])

    def change_members(self, card, known, randoms):
        name = "MEMBER" if self.version == "4.0" else "X-ADDRESSBOOKSERVER-MEMBER"
        if len(known) > 1 and randoms.random() < 0.4:
            gone = randoms.choice(known)
            card.remove(lambda line: line.name == name and line.value == gone)
            known.remove(gone)
        else:
            new = f"urn:uuid:{randoms.randrange(10**9):032x}"
            card.add(f"{name}:{new}")
            known.append(new)
            known.sort()


def read_by_vobject(text, model):
    card = vobject.readOne(text)
    expect(card.fn.value == model["FN"][0], f"vobject reads the name {card.fn.value}")
    expect(len(card.contents["tel"]) == len(model["phone"]), f"vobject reads {card.contents['tel']}")
    expect(card.photo.value == model["photo"][0], "vobject reads another photo")
    expect(card.note.value == model["note"][0], f"vobject reads the note {card.note.value}")


def main():
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    randoms = random_source(sys.argv[2] if len(sys.argv) > 2 else None)
    with scratch("dialects", memory=True) as folder, Server(folder, store, durable=False) as server:
        apple = Dialect(server.client(tls=True, agent="AddressBookCore/2613.500.61 macOS/14.5"), "3.0")
        davx5 = Dialect(server.client(tls=True, agent="DAVx5/4.4.5-ose"), "4.0")
        for name, text in (("ada.vcf", ADA), ("friends.vcf", PEOPLE)):
            apple.client.request("PUT", apple.path + name, text.replace("\n", "\r\n"), {"Content-Type": "text/vcard"}, expected=201)
        model, known = meaning(Card(ADA)), members(Card(PEOPLE))
        for number in range(ROUNDS):
            dialect = randoms.choice([apple, davx5])
            if randoms.random() < 0.25:
                card, etag = dialect.read("friends.vcf")
                dialect.change_members(card, known, randoms)
                dialect.write("friends.vcf", card, etag)
            else:
                card, etag = dialect.read("ada.vcf")
                dialect.change(card, model, randoms)
                dialect.write("ada.vcf", card, etag)
            for reader in (apple, davx5):
                card, found = reader.read("ada.vcf")[0], reader.read("friends.vcf")[0]
                said = meaning(card)
                for key in model:
                    expect(said[key] == model[key], f"round {number}, after {dialect.version}, in {reader.version}: {key} is "
                           f"{said[key]}, not {model[key]}\n{card.text()}")
                expect(members(found) == known, f"round {number}: the members are {members(found)}, not {known}\n{found.text()}")
            read_by_vobject(apple.read("ada.vcf")[0].text(), model)
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    print(f"{ROUNDS} changes in two dialects, nothing lost")


if __name__ == "__main__":
    main()
