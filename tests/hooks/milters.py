#!/usr/bin/python3
"""Messages pass real milters: OpenDKIM signs one, which dkimpy then verifies, and a filter made with Debian's
python3-milter changes, refuses and quarantines others.

    tests/hooks/milters.py HOOKS_TESTS
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 1 if os.environ.get("CI") == "true" else 77
try:
    import dkim
    import Milter
except ImportError:
    print("skipped: python3-dkim and python3-milter are not installed")
    sys.exit(SKIPPED)

MESSAGE = (b"From: Ada <ada@example.org>\r\nTo: bob@example.net\r\nSubject: two  spaces\r\n\tand a fold\r\n"
           b"Date: Fri, 11 Jul 2003 21:00:37 -0700\r\nMessage-ID: <1@example.org>\r\n\r\n"
           b"Hi.\r\n \t\r\n" + b"a line of text\r\n" * 20000 + b"\r\n\r\n")


class Filter(Milter.Base):
    """What it does, the subject says."""

    def __init__(self):
        self.subject = ""
        self.seen = []

    def connect(self, name, family, address):
        self.seen.append(f"{name} {address and address[0]}")
        return Milter.CONTINUE

    def hello(self, name):
        self.seen.append(name)
        return Milter.CONTINUE

    def envfrom(self, sender, *_):
        self.seen.append(f"{sender} {self.getsymval('{auth_authen}')} {self.getsymval('i')}")
        return Milter.CONTINUE

    def envrcpt(self, recipient, *_):
        self.seen.append(recipient)
        return Milter.CONTINUE

    def header(self, name, value):
        if name == "Subject":
            self.subject = value
        return Milter.CONTINUE

    def eoh(self):
        if self.subject == "early":
            self.setreply("554", "5.7.9", "not here")
            return Milter.REJECT
        return Milter.CONTINUE

    def body(self, _):
        return Milter.CONTINUE

    def eom(self):
        if self.subject == "change":
            self.addheader("X-Seen", "; ".join(self.seen))
            self.addheader("X-First", "1\n\tfolded", 0)
            self.chgheader("Subject", 1, "changed")
            self.chgheader("X-Old", 1, "")
            self.addrcpt("<carol@example.net>")
            self.delrcpt("<bob@example.net>")
            self.replacebody("other\r\n")
        if self.subject == "slow":
            for _ in range(3):
                self.progress()
                time.sleep(0.1)
        return {"defer": Milter.TEMPFAIL, "discard": Milter.DISCARD, "late": Milter.REJECT}.get(
            self.subject, self.end())

    def end(self):
        if self.subject == "quarantine":
            self.quarantine("it looks bad")
        return Milter.ACCEPT


def serve(place):
    """The filter, until it is killed."""
    Milter.factory = Filter
    Milter.set_flags(Milter.ADDHDRS | Milter.CHGHDRS | Milter.CHGBODY | Milter.ADDRCPT | Milter.DELRCPT
                     | Milter.QUARANTINE)
    Milter.runmilter("test", place, 30)


def await_socket(place, process):
    """Until somebody listens there."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the filter has ended"
        with socket.socket(socket.AF_UNIX if place[0] == "unix" else socket.AF_INET) as probe:
            try:
                probe.connect(place[1])
                return
            except OSError:
                time.sleep(0.02)
    raise AssertionError("the filter does not listen")


class Filtering:
    """A filter that runs, and messages that pass it."""

    def __init__(self, tests, folder, command, at, place):
        self.tests, self.folder, self.at = tests, folder, at
        self.process = subprocess.Popen(command)
        await_socket(place, self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def passes(self, message):
        """The verdict's line, the envelope's, and what the message has become."""
        (self.folder / "message").write_bytes(message)
        subprocess.run([self.tests, "[.milter]"], check=True, stdout=subprocess.DEVNULL,
                       env=dict(os.environ, PILEUS_MESSAGE=str(self.folder / "message"), PILEUS_MILTER=self.at,
                                PILEUS_RESULT=str(self.folder / "result")))
        verdict, envelope, rest = (self.folder / "result").read_bytes().split(b"\n", 2)
        return verdict.decode(), envelope.decode(), rest


def expect(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


def opendkim(tests, folder):
    program = shutil.which("opendkim") or "/usr/sbin/opendkim"
    if not os.path.exists(program):
        print("skipped: opendkim is not installed")
        sys.exit(SKIPPED)
    private, public = dkim_key(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "opendkim.conf").write_text(
        f"Domain example.org\nSelector sel\nKeyFile {private}\nSocket inet:{port}@127.0.0.1\nMode s\n"
        f"Canonicalization simple/simple\nBackground no\nPidFile {folder}/pid\nRequireSafeKeys no\nSyslog no\n")
    with Filtering(tests, folder, [program, "-f", "-x", str(folder / "opendkim.conf")], f"127.0.0.1:{port}",
                   ("inet", ("127.0.0.1", port))) as filtering:
        verdict, _, message = filtering.passes(MESSAGE)
        expect(verdict.split()[0], "accept")
        assert message.startswith(b"DKIM-Signature:") and message.endswith(MESSAGE), message[:600]
        assert dkim.verify(message, dnsfunc=lambda *_, **__: public), "OpenDKIM's signature is not valid"


def dkim_key(folder):
    private = folder / "private.pem"
    subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True, stderr=subprocess.DEVNULL)
    der = subprocess.run(["openssl", "rsa", "-in", private, "-pubout", "-outform", "PEM"], check=True,
                         capture_output=True).stdout
    return private, b"v=DKIM1; k=rsa; p=" + b"".join(der.splitlines()[1:-1])


def python_milter(tests, folder):
    place = str(folder / "socket")
    with Filtering(tests, folder, [sys.executable, __file__, "--serve", "unix:" + place], "unix:" + place,
                   ("unix", place)) as filtering:
        def subject(text):
            return filtering.passes(b"From: a@example.org\r\nSubject: " + text + b"\r\nX-Old: x\r\n\r\nbody\r\n")

        expect(subject(b"early")[0], "reject 554 5.7.9 not here|5.7.9 not here")
        expect(subject(b"late")[0], "reject 550 5.7.1 the message is refused|")
        expect(subject(b"defer")[0].split()[:2], ["defer", "451"])
        expect(subject(b"discard")[0].split()[0], "discard")
        expect(subject(b"quarantine")[0], "quarantine 250  |it looks bad")
        expect(subject(b"slow")[0].split()[0], "accept")
        verdict, envelope, message = subject(b"change")
        expect(verdict.split()[0], "accept")
        expect(envelope, "ada@example.org carol@example.net")
        expect(message, b"X-First: 1\r\n\tfolded\r\nFrom: a@example.org\r\nSubject: changed\r\nX-Seen: [192.0.2.7] "
               b"192.0.2.7; client.example.org; <ada@example.org> ada id1; <bob@example.net>\r\n\r\nother\r\n")


def main():
    if sys.argv[1] == "--serve":
        return serve(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        python_milter(sys.argv[1], pathlib.Path(name))
        opendkim(sys.argv[1], pathlib.Path(name))
    print("messages pass OpenDKIM and a filter of python3-milter")
    return None


main()
