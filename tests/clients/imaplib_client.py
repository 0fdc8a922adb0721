#!/usr/bin/python3
"""Python's imaplib against a real server: STARTTLS and TLS, logins that fail and what the log says of them, messages of
many sizes in and out, flags, copies, expunging, and a second session that idles and hears of it at once.

usage: tests/clients/imaplib_client.py sqlite|postgres
"""

import imaplib
import pathlib
import random
import re
import socket
import ssl
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import Server, expect, free_ports, scratch  # noqa: E402

MESSAGES = 200


def message(number, size):
    head = f"From: <a@pileus.test>\r\nSubject: message {number}\r\nMessage-ID: <{number}@pileus.test>\r\n\r\n"
    body = "".join(random.choices("abcdefgh \n", k=size)).replace("\n", "\r\n")
    return (head + body + "\r\n").encode()


def ok(answer, what):
    status, data = answer
    expect(status == "OK", f"{what}: {status} {data}")
    return data


class Waiting:
    """A session that idles, by hand."""

    def __init__(self, port, user, password):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.file = self.socket.makefile("rb")
        self.line()
        self.say(f"a LOGIN {user} {password}", "a OK")
        self.say("b SELECT INBOX", "b OK")
        self.say("c IDLE", "+ ")

    def line(self):
        return self.file.readline().decode().rstrip("\r\n")

    def say(self, text, until):
        self.socket.sendall((text + "\r\n").encode())
        self.hear(until)

    def hear(self, until):
        while True:
            line = self.line()
            expect(line, "the connection has ended")
            if until in line:
                return line


def logins(server, plain_port, tls_port):
    context = ssl.create_default_context(cafile=str(server.ca))
    client = imaplib.IMAP4("127.0.0.1", plain_port)
    client.host = "localhost"
    ok(client.starttls(context), "STARTTLS")
    try:
        client.login(server.user, "wrong")
        expect(False, "a wrong password was accepted")
    except imaplib.IMAP4.error as error:
        expect("AUTHENTICATIONFAILED" in str(error), f"not said why: {error}")
    ok(client.login(server.user, server.password), "LOGIN")
    client.logout()
    line = re.compile(r'event=login-failed account="' + server.user + '" client=127.0.0.1 .*agent=imap')
    expect(line.search(server.log_path.read_text()), "the log has no login-failed")
    client = imaplib.IMAP4_SSL("localhost", tls_port, ssl_context=context)
    ok(client.authenticate("PLAIN", lambda _: f"\0{server.user}\0{server.password}".encode()), "AUTHENTICATE")
    return client


def round_trip(client):
    ok(client.select("INBOX"), "SELECT")
    sent = []
    for number in range(MESSAGES):
        size = 3_000_000 if number == 7 else 100_000 if number % 50 == 3 else random.randrange(10, 6000)
        sent.append(message(number, size))
        ok(client.append("INBOX", r"(\Seen)" if number % 2 else None, None, sent[-1]), "APPEND")
    data = ok(client.fetch("1:*", "(UID FLAGS BODY.PEEK[])"), "FETCH")
    got = [part[1] for part in data if isinstance(part, tuple)]
    expect(got == sent, f"{len(got)} messages came back, not all as they were")
    header = ok(client.uid("FETCH", "5", "(ENVELOPE BODYSTRUCTURE)"), "UID FETCH")[0].decode()
    expect('"message 4"' in header, f"no envelope: {header}")
    flags = ok(client.fetch("1:*", "FLAGS"), "FETCH FLAGS")
    expect(sum(b"\\Seen" in line for line in flags) == MESSAGES // 2, "not half of them are seen")


def changes(client, waiting):
    started = time.monotonic()
    ok(client.store("1:10", "+FLAGS", r"(\Deleted)"), "STORE")
    waiting.hear(r"* 1 FETCH (FLAGS (\Deleted")
    ok(client.expunge(), "EXPUNGE")
    waiting.hear("* 1 EXPUNGE")
    copied = ok(client.copy("1:5", "Archive"), "COPY")
    expect(b"COPYUID" in copied[0] or copied[0], "no COPYUID")
    ok(client.append("INBOX", None, None, message(1000, 10)), "APPEND")
    waiting.hear(f"* {MESSAGES - 9} EXISTS")
    waiting.say("DONE", "c OK")
    print(f"told of three changes within {time.monotonic() - started:.3f} s")
    ok(client.select("Archive"), "SELECT")
    expect(len(ok(client.fetch("1:*", "UID"), "FETCH")) == 5, "not five were copied")
    ok(client.close(), "CLOSE")


def main(store):
    random.seed(7)
    plain_port, tls_port = free_ports(2)
    listen = [f'imap = ["127.0.0.1:{plain_port}"]', f'imaps = ["127.0.0.1:{tls_port}"]']
    with scratch("imaplib", memory=True) as folder:
        with Server(folder, store, extra={"listen": listen}, durable=False) as server:
            client = logins(server, plain_port, tls_port)
            round_trip(client)
            changes(client, Waiting(plain_port, server.user, server.password))
            client.logout()


main(sys.argv[1])
