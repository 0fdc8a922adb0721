#!/usr/bin/python3
"""mbsync keeps a Maildir and a real server the same, two ways: 2 000 messages (500 on PostgreSQL,
which is slower at it), then new ones, flags, deletions and folders on
both sides, until a run changes nothing. It logs in by SCRAM-SHA-256. Afterwards `pileus check` finds nothing wrong.

usage: tests/clients/mbsync.py sqlite|postgres
"""

import email
import imaplib
import os
import pathlib
import random
import ssl
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import Server, expect, free_ports, scratch  # noqa: E402

MESSAGES = {"sqlite": 2000, "postgres": 500}
CONFIG = """
IMAPAccount server
Host localhost
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {ca}
AuthMechs SCRAM-SHA-256

IMAPStore far
Account server

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
CopyArrivalDate yes
SyncState *
"""


def message(name):
    return (f"From: Ada <ada@pileus.test>\r\nTo: bob@pileus.test\r\nSubject: {name} =?utf-8?q?caf=C3=A9?=\r\n"
            f"Message-ID: <{name}@pileus.test>\r\n\r\n{name}\r\n.\r\nFrom here on\r\n").encode()


class Maildir:
    """What mbsync has on its side, by folder: Message-ID to flags."""

    def __init__(self, root):
        self.root = root

    def files(self, folder):
        for kind in ("cur", "new"):
            yield from (self.root / folder / kind).glob("*")

    def content(self, folder):
        found = {}
        for path in self.files(folder):
            flags = set(path.name.partition(":2,")[2]) & set("SFRDT")
            name = email.message_from_bytes(path.read_bytes())["Message-ID"]
            expect(name not in found, f"{name} is twice in {folder}")
            found[name] = flags
        return found

    def add(self, folder, name):
        for kind in ("cur", "new", "tmp"):
            (self.root / folder / kind).mkdir(parents=True, exist_ok=True)
        (self.root / folder / "new" / f"{name}.near").write_bytes(message(name).replace(b"\r\n", b"\n"))

    def flag(self, path, flag):
        base, _, flags = path.name.partition(":2,")
        path.rename(path.parent.parent / "cur" / f"{base}:2,{''.join(sorted(set(flags) | {flag}))}")


LETTERS = {"\\Seen": "S", "\\Flagged": "F", "\\Answered": "R", "\\Draft": "D", "\\Deleted": "T"}


class Far:
    def __init__(self, server, port):
        context = ssl.create_default_context(cafile=str(server.ca))
        self.imap = imaplib.IMAP4_SSL("localhost", port, ssl_context=context)
        self.ok(self.imap.login(server.user, server.password))

    def ok(self, answer):
        expect(answer[0] == "OK", f"{answer}")
        return answer[1]

    def folders(self):
        return sorted(line.decode().rpartition(' "/" ')[2].strip('"') for line in self.ok(self.imap.list()))

    def content(self, folder):
        self.ok(self.imap.select(f'"{folder}"', readonly=True))
        found = {}
        for part in self.ok(self.imap.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (Message-ID)])")) or []:
            if not isinstance(part, tuple):
                continue
            name = part[1].decode().partition(":")[2].strip()
            expect(name not in found, f"{name} is twice in {folder}")
            found[name] = {LETTERS[flag.decode()] for flag in imaplib.ParseFlags(part[0]) if flag.decode() in LETTERS}
        return found


def run(folder, config, near, far):
    done = subprocess.run(["mbsync", "-q", "-c", str(config), "-a"], capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"mbsync: {done.stdout}{done.stderr}")
    for name in far.folders():
        one, other = near.content(name), far.content(name)
        expect(one == other, f"{name}: {len(one)} near, {len(other)} far, {len(one.items() ^ other.items())} differ"
               if len(one) != len(other) else f"{name}: other flags")


def change_far(far, step):
    far.ok(far.imap.select("INBOX"))
    far.ok(far.imap.store("1:40", "+FLAGS", r"(\Flagged)"))
    far.ok(far.imap.store("41:60", "-FLAGS", r"(\Seen)"))
    far.ok(far.imap.store("61:80", "+FLAGS", r"(\Deleted)"))
    far.ok(far.imap.expunge())
    far.ok(far.imap.create(f"Far/{step}"))
    far.ok(far.imap.copy("1:30", f"Far/{step}"))
    for number in range(20):
        far.ok(far.imap.append("INBOX", None, None, message(f"far-{step}-{number}")))


def change_near(near, step):
    files = sorted(near.files("INBOX"))
    random.shuffle(files)
    for path in files[:20]:
        near.flag(path, "R")
    for path in files[20:40]:
        near.flag(path, "T")
    for number in range(20):
        near.add("INBOX", f"near-{step}-{number}")
        near.add(f"Near-{step}", f"near-folder-{step}-{number}")


def main(store):
    random.seed(11)
    (port,) = free_ports(1)
    with scratch("mbsync", memory=True) as folder:
        root = pathlib.Path(folder)
        listen = [f'imaps = ["127.0.0.1:{port}"]']
        with Server(folder, store, extra={"listen": listen}, durable=False) as server:
            near, far = Maildir(root / "near"), Far(server, port)
            config = root / "mbsyncrc"
            config.write_text(CONFIG.format(port=port, user=server.user, password=server.password, ca=server.ca,
                                            folder=near.root))
            os.makedirs(near.root)
            for number in range(MESSAGES[store]):
                if number % 2:
                    near.add("INBOX", f"first-{number}")
                else:
                    far.ok(far.imap.append("INBOX", r"(\Seen)" if number % 3 else None, None, message(f"first-{number}")))
            run(root, config, near, far)
            expect(len(far.content("INBOX")) == MESSAGES[store], "not all are there")
            for step in range(3):
                change_far(far, step)
                change_near(near, step)
                run(root, config, near, far)
            before = {name: far.content(name) for name in far.folders()}
            run(root, config, near, far)
            expect({name: far.content(name) for name in far.folders()} == before, "a run without changes changed something")
            far.imap.logout()
            checked = server.command("check")
            expect(checked.returncode == 0, f"check: {checked.stdout}{checked.stderr}")
            print(f"{sum(map(len, before.values()))} messages in {len(before)} folders are the same on both sides")


main(sys.argv[1])
