#!/usr/bin/python3
"""The program's commands and signals, with the real binary: tests/commands.py sqlite|postgres"""

import base64
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
from harness import Client, Server, expect

OBJECT = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{0}\r\nDTSTAMP:20260101T000000Z\r\n"
          "DTSTART:20260101T100000Z\r\nSUMMARY:{0}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")


def awaited(condition, what, seconds=30):
    """Waits until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, f"waited in vain for: {what}")
        time.sleep(0.02)


def run(server, *arguments, status=0, **options):
    """Runs a command, which must end with that status; returns its output."""
    done = server.command(*arguments, **options)
    expect(done.returncode == status,
           f"pileus {' '.join(arguments)}: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    return done.stdout if status == 0 else done.stdout + done.stderr


def status_of(server, user, password, method="PROPFIND", path=None, body=None):
    client = Client(server, user, password)
    try:
        return client.request(method, path or f"/dav/calendars/{user}/", body, {"Depth": "0"}).status
    finally:
        client.close()


class Notifications:
    """Stands for systemd's side of NOTIFY_SOCKET."""

    def __init__(self, folder):
        self.path = str(pathlib.Path(folder) / "notify.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(30)

    def fill(self):
        """Lets messages wait until there is no room for another."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, contextlib.suppress(BlockingIOError):
            sender.setblocking(False)
            while True:
                sender.sendto(b"FILLING=1", self.path)

    def await_one(self, start):
        while True:
            message = self.socket.recv(4096).decode()
            if message.startswith(start):
                return message


# --- without a server ------------------------------------------------------------------------------------------------


def usage(server):
    def pileus(*arguments):
        return subprocess.run([harness.program(), *arguments], capture_output=True, text=True)

    for arguments, status in [((), 64), (("fly",), 64), (("account",), 64), (("account", "fly"), 64),
                              (("account", "list", "--fly"), 64), (("account", "show"), 64), (("serve", "now"), 64),
                              (("--help",), 0), (("account", "--help"), 0), (("account", "create", "--help"), 0),
                              (("--version",), 0), (("check-config", "--config", "/nonexistent.toml"), 78)]:
        done = pileus(*arguments)
        expect(done.returncode == status, f"pileus {' '.join(arguments)}: {done.returncode}, not {status}\n{done.stderr}")
        expect((done.stderr if status else done.stdout) != "", f"pileus {' '.join(arguments)} says nothing")
    expect("account create" in pileus("--help").stdout, "--help names no commands")
    # A password is asked for on a terminal, and nowhere else.
    done = subprocess.run([harness.program(), "account", "create", "x", "--config", str(server.config)], text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, start_new_session=True)
    expect(done.returncode == 64 and "--password-stdin" in done.stderr, f"without a terminal: {done.stderr}")


def configuration(server):
    run(server, "check-config")
    shown = run(server, "check-config", "--show")
    expect(f'server.data = "{server.data}"' in shown, "check-config --show doesn't show the data folder")
    text = server.config.read_text()
    server.config.write_text(text + "[log]\nlevle = 1\n")
    told = run(server, "check-config", status=78)
    line = text.count("\n") + 2
    expect(f"{server.config}:{line}: unknown key log.levle" in told, f"the fault is told as: {told}")
    run(server, "serve", status=78)
    server.config.write_text(text)


# --- accounts and credentials, while the server runs ------------------------------------------------------------------


def accounts(server):
    run(server, "account", "create", "ada", "--address", "ada@pileus.test", "--address", "a@pileus.test", "--quota", "1 MiB",
        "--display-name", "Ada L\u00f6w", "--time-zone", "Europe/Vienna", "--password-stdin", input="first\n")
    told = run(server, "account", "create", "ada", "--password-stdin", input="x\n", status=73)
    expect("ada" in told, told)
    run(server, "account", "create", "a b", "--password-stdin", input="x\n", status=65)
    run(server, "account", "create", "eve", "--password-stdin", input="\n", status=65)
    run(server, "account", "show", "nobody", status=67)
    ada = json.loads(run(server, "account", "show", "ada", "--json"))
    expect(ada["addresses"] == ["ada@pileus.test", "a@pileus.test"], ada)
    expect(ada["quota"] == 1 << 20 and ada["display_name"] == "Ada L\u00f6w" and ada["disabled"] is False, ada)
    names = [one["name"] for one in json.loads(run(server, "account", "list", "--json"))]
    expect("ada" in names and "user01" in names, names)
    for calendar in ("calendar", "tasks"):
        expect(status_of(server, "ada", "first", path=f"/dav/calendars/ada/{calendar}/") == 207, f"no {calendar}")

    # What the command changes, the running server knows at once.
    expect(status_of(server, "ada", "first") == 207, "the new account can't log in")
    run(server, "account", "password", "ada", "--password-stdin", input="second\n")
    expect(status_of(server, "ada", "first") == 401, "the old password is still good")
    expect(status_of(server, "ada", "second") == 207, "the new password isn't good")
    run(server, "account", "set", "ada", "--disable")
    expect(status_of(server, "ada", "second") == 401, "a disabled account logs in")
    run(server, "account", "set", "ada", "--enable", "--remove-address", "a@pileus.test", "--add-address", "b@pileus.test",
        "--quota", "none")
    ada = json.loads(run(server, "account", "show", "ada", "--json"))
    expect(ada["addresses"] == ["ada@pileus.test", "b@pileus.test"] and ada["quota"] is None, ada)
    run(server, "account", "set", "ada", "--remove-address", "nobody@pileus.test", status=65)
    for option, value in [("--add-address", "no address"), ("--time-zone", "Mars/Base"), ("--locale", "_"), ("--quota", "1")]:
        run(server, "account", "set", "ada", option, value, status=65)
    expect(status_of(server, "ada", "second") == 207, "an enabled account doesn't log in")

    batch = "b1\tb1@pileus.test\tpw\nbroken\nada\tx@pileus.test\tpw\nb2\t\tpw\n"
    told = run(server, "account", "create", "--batch", "-", input=batch, status=1)
    expect("line 2" in told and "line 3" in told, told)
    expect(status_of(server, "b2", "pw") == 207, "the batch stopped at a faulty line")

    run(server, "account", "create", "team", "--kind", "group")
    run(server, "account", "create", "all", "--kind", "group")
    run(server, "account", "add-member", "team", "ada")
    run(server, "account", "add-member", "all", "team")
    run(server, "account", "add-member", "team", "all", status=65)
    run(server, "account", "add-member", "ada", "b1", status=65)
    members = json.loads(run(server, "account", "members", "team", "--json"))
    expect([one["name"] for one in members] == ["ada"], members)
    run(server, "account", "remove-member", "team", "ada")
    expect(json.loads(run(server, "account", "members", "team", "--json")) == [], "a member is still there")

    run(server, "account", "delete", "b1", status=64)
    run(server, "account", "delete", "b1", "--yes")
    expect(status_of(server, "b1", "pw") == 401, "a deleted account logs in")
    run(server, "account", "show", "b1", status=67)


def group_modes(server):
    user, client = server.user, server.client(0)
    book = f"/dav/addressbooks/{user}/singers/"
    client.make_book(book)

    def listed():
        return {one["name"]: one for one in json.loads(run(server, "address-book", "list", "--account", user, "--json"))}

    expect([listed()["contacts"][name] for name in ("group_mode", "default", "kept_by")] == ["cards", True, "clients"], listed())
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:g1\r\nFN:G\r\nN:G;;;;\r\nCATEGORIES:Choir\r\nEND:VCARD\r\n"
    client.request("PUT", book + "g1.vcf", card, {"Content-Type": "text/vcard"}, 201)
    run(server, "address-book", "set", "--account", user, "--group-mode", "categories", "singers")
    expect(listed()["singers"]["group_mode"] == "categories", listed())
    cards = client.propfind(book, "{DAV:}getetag", depth="1").items
    expect(len(cards) == 3, f"no group has been made of the category: {list(cards)}")
    run(server, "address-book", "set", "--account", user, "--group-mode", "default", "singers")
    expect(listed()["singers"]["group_mode"] == "cards", listed())
    for arguments, status in [(("--account", user), 64), (("--account", user, "--group-mode", "fly", "singers"), 64),
                              (("--group-mode", "cards", "singers"), 64),
                              (("--account", "nobody", "--group-mode", "cards", "singers"), 67),
                              (("--account", user, "--group-mode", "cards", "none"), 65)]:
        run(server, "address-book", "set", *arguments, status=status)

    # Import follows the groups.
    run(server, "address-book", "set", "--account", user, "--group-mode", "categories", "singers")
    folder = pathlib.Path(server.data).parent / "import.vcf"
    folder.write_text(card.replace("g1", "g2") + card.replace("g1", "g3"))
    run(server, "import", "--account", user, "--into", "addressbooks/singers", str(folder))
    group = [href for href in client.propfind(book, "{DAV:}getetag", depth="1").items
             if href != book and b"X-ADDRESSBOOKSERVER-KIND" in client.request("GET", href).body]
    expect(len(group) == 1, group)
    text = client.request("GET", group[0]).body.decode()
    expect("urn:uuid:g1" in text and "urn:uuid:g2" in text and "urn:uuid:g3" in text, text)
    run(server, "address-book", "set", "--account", user, "--group-mode", "default", "singers")

    run(server, "account", "set", user, "--listing", "hidden", "--merged-book", "on")
    shown = json.loads(run(server, "account", "show", user, "--json"))
    expect(shown["listing"] == "hidden" and shown["merged_book"] == "on", shown)
    client.request("GET", f"/dav/directory/{user}.vcf", expected=404)
    run(server, "account", "set", user, "--listing", "addresses", "--merged-book", "default")
    client.request("GET", f"/dav/directory/{user}.vcf", expected=200)
    run(server, "account", "set", user, "--listing", "fly", status=64)
    run(server, "account", "set", user, "--merged-book", "fly", status=64)
    client.close()


def credentials(server):
    user = server.user

    def create(*arguments):
        return json.loads(run(server, "credential", "create", user, "--json", "--label", "phone", *arguments))["password"]

    full, read_only, mail = create(), create("--scope", "dav,read-only"), create("--scope", "mail")
    short = create("--expires", "1 s")
    path = f"/dav/calendars/{user}/calendar/c.ics"
    expect(status_of(server, user, full, "PUT", path, OBJECT.format("c")) == 201, "an app password can't write")
    expect(status_of(server, user, read_only) == 207, "a read-only app password can't read")
    expect(status_of(server, user, read_only, "PUT", path, OBJECT.format("c")) == 403, "a read-only app password can write")
    expect(status_of(server, user, mail) == 403, "an app password for mail reads calendars")
    awaited(lambda: status_of(server, user, short) == 401, "the end of an app password")
    run(server, "credential", "create", user, status=64)
    run(server, "credential", "create", user, "--label", "x", "--scope", "fly", status=64)
    run(server, "credential", "create", user, "--label", "x", "--expires", "2001-01-01", status=65)
    run(server, "credential", "create", "nobody", "--label", "x", status=67)

    listed = json.loads(run(server, "credential", "list", user, "--json"))
    expect([one["scope"] for one in listed] == [["dav", "mail"], ["dav", "read-only"], ["mail"], ["dav", "mail"]], listed)
    expect(listed[0]["last_used"] and listed[0]["last_address"] == "127.0.0.1" and listed[0]["last_client"] == "pileus-test",
           listed[0])
    expect("password" not in json.dumps(listed) and full not in json.dumps(listed), "the list shows a password")
    run(server, "credential", "revoke", user, str(listed[0]["id"]))
    expect(status_of(server, user, full) == 401, "a revoked app password is still good")
    run(server, "credential", "revoke", user, str(listed[0]["id"]), status=67)
    run(server, "credential", "revoke", user, "x", status=64)


def share_links(server):
    user = server.user
    path = f"/dav/calendars/{user}/calendar/link.ics"
    client = server.client(0)
    expect(client.request("PUT", path, OBJECT.format("link"), {"Content-Type": "text/calendar"}).status in (201, 204), "no PUT")

    def create(*arguments):
        return json.loads(run(server, "share-link", "create", "--account", user, "--json", *arguments))

    def get(url, method="GET", **headers):
        # Credentials, even wrong ones, are not looked at.
        return Client(server, "nobody", "wrong").request(method, "/link/" + url.split("/link/")[1], None, headers)

    made = create("--calendar", "calendar", "--label", "family")
    busy = create("--calendar", "calendar", "--free-busy", "--expires", "90 d")
    cards = create("--address-book", "contacts")
    expect(made["https"].startswith("https://") and made["webcal"] == made["https"].replace("https:", "webcal:"), made)
    expect(cards["webcal"] is None and cards["https"].endswith(".vcf"), cards)
    shown = run(server, "share-link", "create", "--account", user, "--calendar", "calendar").splitlines()
    expect(len(shown) == 2 and shown[0].startswith("https://") and shown[1].startswith("webcal://"), shown)

    answer = get(made["https"])
    expect(answer.status == 200 and b"SUMMARY:link" in answer.body, answer.body)
    tag = answer.headers["ETag"]
    expect(get(made["https"], **{"If-None-Match": tag}).status == 304, "not 304")
    expect(get(made["https"], "HEAD").headers["ETag"] == tag, "HEAD has another tag")
    expect(get(made["https"], "PROPFIND").status == 405, "PROPFIND by a link")
    answer = get(busy["https"])
    expect(b"SUMMARY:Busy" in answer.body and b"SUMMARY:link" not in answer.body, answer.body)
    expect(get(cards["https"]).status == 200, "no cards")
    expect(get(made["https"].replace(".ics", ".vcf")).status == 404, "a calendar as cards")
    other = "x" if made["https"][-5] != "x" else "y"
    expect(get(f"{made['https'][:-5]}{other}.ics").status == 404, "a wrong secret is good")

    listed = json.loads(run(server, "share-link", "list", "--account", user, "--json"))
    expect([(one["collection"], one["label"], one["free_busy"]) for one in listed] ==
           [("calendar", "family", False), ("calendar", "", True), ("contacts", "", False), ("calendar", "", False)], listed)
    expect(listed[0]["last_used"] and not listed[3]["last_used"] and listed[1]["expires"], listed)
    run(server, "share-link", "revoke", "--account", server.users[1][0], str(listed[0]["id"]), status=67)
    run(server, "share-link", "revoke", "--account", user, str(listed[0]["id"]))
    expect(get(made["https"]).status == 404, "a revoked link is still good")
    run(server, "share-link", "revoke", "--account", user, str(listed[0]["id"]), status=67)
    for arguments, status in [((), 64), (("--account", user), 64), (("--account", user, "--calendar", "none"), 65),
                              (("--account", user, "--calendar", "calendar", "--address-book", "contacts"), 64),
                              (("--account", user, "--address-book", "contacts", "--free-busy"), 64),
                              (("--account", "nobody", "--calendar", "calendar"), 67),
                              (("--account", user, "--calendar", "calendar", "--expires", "2001-01-01"), 65)]:
        run(server, "share-link", "create", *arguments, status=status)

    # Whoever tries many waits, but a link that has worked for him goes on working.
    for guess in range(60):
        status = get(f"/link/{guess:032}.ics").status
        if status == 429:
            break
    expect(status == 429, "nobody who guesses waits")
    expect(get(busy["https"]).status == 200, "a good link is shut by a stranger's guesses")
    text = server.log_path.read_text()
    expect("event=link-throttled client=127.0.0.1" in text and "event=link-unknown client=127.0.0.1" in text, "no link events")
    for one in (made, busy, cards):
        secret = one["https"].split("/link/")[1].split(".")[0]
        expect(secret not in text, "the log holds a secret")
        expect(len(secret) == 32, one)


def address_books(server):
    user = server.user

    def shown():
        books = json.loads(run(server, "address-book", "list", "--account", user, "--json"))
        return [{"name": one["name"], "photo_size": one["photo_size"]} for one in books]

    asked = """<D:propfind xmlns:D="DAV:"><D:prop><P:photo-size xmlns:P="urn:x-pileus:dav"/></D:prop></D:propfind>"""

    def served():
        answer = server.client(0).request("PROPFIND", f"/dav/addressbooks/{user}/contacts/", asked, {"Depth": "0"})
        return re.search(rb"photo-size[^>]*>(\d+)<", answer.body).group(1)

    expect(shown() == [{"name": "contacts", "photo_size": 0}] and served() == b"0", shown())
    run(server, "address-book", "set", "--account", user, "--photo-size", "256", "contacts")
    expect(shown() == [{"name": "contacts", "photo_size": 256}] and served() == b"256", shown())
    run(server, "address-book", "set", "--account", user, "--photo-size", "default", "contacts")
    expect(shown() == [{"name": "contacts", "photo_size": 0}] and served() == b"0", shown())
    for arguments, status in [((), 64), (("--photo-size", "9", "contacts"), 65), (("--photo-size", "big", "contacts"), 65),
                              (("--photo-size", "64", "none"), 65), (("contacts",), 64)]:
        run(server, "address-book", "set", "--account", user, *arguments, status=status)
    run(server, "address-book", "list", "--account", "nobody", status=67)


def log(server):
    client = Client(server, 'eve" client=10.0.0.1\nx=', "wrong")
    # A control character makes it no Basic credentials at all; without it the name is quoted.
    expect(client.request("GET", "/dav/").status == 401, "not 401")
    client = Client(server, 'eve" client=10.0.0.1 x=', "wr\u00f6ng", agent='a"b')
    expect(client.request("GET", "/dav/").status == 401, "not 401")
    text = server.log_path.read_text()
    expect(re.search(r'^\S+ level=warning event=login-malformed client=127\.0\.0\.1 reason=', text, re.M), "no login-malformed")
    line = r'^\S+ level=warning event=login-failed account="eve\\" client=10\.0\.0\.1 x=" client=127\.0\.0\.1 reason="?[a-z ]+"? agent="a\\"b"$'
    expect(re.search(line, text, re.M), f"no such login-failed:\n{text[-600:]}")
    request = r'^\S+ level=info event=request id=\S+ client=127\.0\.0\.1 account="user01" method=PUT path=\S+ status=201 in=\d+ out=\d+ ms=[\d.]+ agent=pileus-test$'
    expect(re.search(request, text, re.M), "no line for a request")
    expect("wr\u00f6ng" not in text and "user01-pw" not in text, "the log holds a password")


def quota(server):
    """What won't fit is refused before it has been sent: no 100 Continue, and nothing of the body is waited for."""
    run(server, "account", "create", "full", "--quota", "2 MiB", "--password-stdin", input="pw\n")
    secret = base64.b64encode(b"full:pw").decode()

    def announce(size):
        plain = socket.create_connection(("127.0.0.1", server.http_port), timeout=30)
        plain.sendall(f"PUT /dav/files/full/large.bin HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {secret}\r\n"
                      f"Content-Length: {size}\r\nExpect: 100-continue\r\n\r\n".encode())
        return plain

    with announce((2 << 20) + 1) as plain:
        answer = b"".join(iter(lambda: plain.recv(10_000), b""))
        expect(answer.startswith(b"HTTP/1.1 507 ") and b"quota-not-exceeded" in answer, answer)
        expect(b"\r\nConnection: close\r\n" in answer, "what comes next can't be told from the body")
    with announce(2 << 20) as plain:
        expect(plain.recv(1000).startswith(b"HTTP/1.1 100 "), "what fits is refused")
        plain.sendall(bytes(2 << 20))
        expect(plain.recv(1000).startswith(b"HTTP/1.1 201 "), "what fits isn't taken")
    # What it replaces makes room for it.
    with announce(2 << 20) as plain:
        expect(plain.recv(1000).startswith(b"HTTP/1.1 100 "), "what replaces as much is refused")
    expect(status_of(server, "full", "pw", "PUT", "/dav/files/full/small.txt", b"x") == 507, "one octet over the quota")
    run(server, "account", "delete", "full", "--yes")


def admin(server):
    def get(path):
        connection = harness.http.client.HTTPConnection("127.0.0.1", server.admin_port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    expect(get("/healthz") == (200, "alive\n"), "/healthz")
    expect(get("/readyz") == (200, "ready\n"), "/readyz")
    expect(get("/else")[0] == 404, "/else")
    status, text = get("/metrics")
    expect(status == 200, "/metrics")
    for sample in [r'pileus_http_requests_total\{method="PUT",status="201"\} [1-9]', r'pileus_logins_total\{outcome="refused"\} [1-9]',
                   r"pileus_store_commits_total [1-9]", r'pileus_connections\{state="active"\} [1-9]',
                   r"process_resident_memory_bytes [1-9]\d{6}", r"process_open_fds [1-9]", r"pileus_sent_bytes_total [1-9]"]:
        expect(re.search("^" + sample, text, re.M), f"no {sample} in\n{text}")


# --- signals ----------------------------------------------------------------------------------------------------------


def certificate_of(server):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.https_port)) as plain, context.wrap_socket(plain) as secure:
        return secure.getpeercert(True)


def new_certificate(server):
    for name in ("server.pem", "ca.pem"):
        (server.folder / name).unlink()
    harness.make_certificate(server.folder)


def reload(server, notifications):
    client = Client(server, server.user, server.password, tls=True)
    path = f"/dav/calendars/{server.user}/calendar/reload.ics"
    client.request("PUT", path, OBJECT.format("reload"), expected=201)
    connection = client.connection
    before = certificate_of(server)
    new_certificate(server)
    text = server.config.read_text()
    server.config.write_text(text.replace("[passwords]", '[dav]\nmax_object_size = "1 KiB"\n[passwords]') +
                             '[log]\nrequests = false\n')
    server.process.send_signal(signal.SIGHUP)
    expect("MONOTONIC_USEC=" in notifications.await_one("RELOADING=1"), "no time of the reload")
    notifications.await_one("READY=1")
    expect(certificate_of(server) != before, "the old certificate is still shown")
    big = OBJECT.format("reload").replace("SUMMARY:", "SUMMARY:" + "x" * 2000)
    expect(client.request("PUT", path, big).status in (403, 413), "the new limit doesn't hold")
    client.request("GET", path, expected=200)
    expect(client.connection is connection, "the reload dropped a connection")
    marker = f"/dav/files/{server.user}/not-logged"
    client.request("GET", marker, expected=404)
    expect(marker not in server.log_path.read_text(), "requests are still logged")

    # A bad configuration changes nothing.
    server.config.write_text("[server]\nnonsense = 1\n")
    server.process.send_signal(signal.SIGHUP)
    notifications.await_one("READY=1")
    expect("event=reload-refused" in server.log_path.read_text(), "a bad configuration isn't told of")
    client.request("GET", path, expected=200)
    server.config.write_text(text)
    server.process.send_signal(signal.SIGHUP)
    notifications.await_one("READY=1")
    client.request("PUT", path, big, expected=204)

    # Certificates that change are read again without being told. (The watchdog makes the server look often.)
    # Nor does it matter that nobody listens to what is said to systemd meanwhile.
    notifications.fill()
    before = certificate_of(server)
    new_certificate(server)
    awaited(lambda: certificate_of(server) != before, "the new certificate")
    client.close()


def drain(server, notifications):
    """SIGTERM: no new connections, but the request in flight is answered."""
    body = OBJECT.format("drained").encode()
    plain = socket.create_connection(("127.0.0.1", server.http_port))
    secret = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
    plain.sendall(f"PUT /dav/calendars/{server.user}/calendar/drained.ics HTTP/1.1\r\nHost: localhost\r\n"
                  f"Authorization: Basic {secret}\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
    expect(plain.recv(100).startswith(b"HTTP/1.1 100 "), "no 100 Continue")
    plain.sendall(body[:50])
    server.process.send_signal(signal.SIGTERM)
    notifications.await_one("STOPPING=1")

    def refused():
        # Who comes while the listener is being closed is reset.
        with contextlib.suppress(ConnectionResetError):
            try:
                socket.create_connection(("127.0.0.1", server.http_port)).close()
            except ConnectionRefusedError:
                return True
        return False

    awaited(refused, "the listener's end")
    expect(server.process.poll() is None, "the server didn't wait for the request")
    plain.sendall(body[50:])
    answer = plain.recv(1000)
    expect(answer.startswith(b"HTTP/1.1 201 "), f"the request in flight got {answer[:100]}")
    expect(server.process.wait(20) == 0, "not status 0")
    expect("event=stopped cut_off=0" in server.log_tail(), "somebody was cut off")


def bounded_drain(server):
    server.config.write_text(server.config.read_text().replace("[server]", '[server]\ndrain = "1 s"'))
    server.start()
    plain = socket.create_connection(("127.0.0.1", server.http_port))
    plain.sendall(b"PUT /dav/ HTTP/1.1\r\nHost: localhost\r\n")
    client = server.client()
    client.request("GET", f"/dav/calendars/{server.user}/calendar/drained.ics", expected=200)
    if server.store == "sqlite":
        told = run(server, "serve", status=77)
        expect("another server" in told, told)
    expect(server.terminate() == 0, "not status 0")


def trace(server):
    server.process = subprocess.Popen([harness.program(), "serve", "--config", str(server.config), "--trace", server.user],
                                      stderr=open(server.log_path, "ab"), stdin=subprocess.DEVNULL)
    server.await_ready()
    server.client().request("PUT", f"/dav/calendars/{server.user}/calendar/traced.ics", OBJECT.format("traced"), expected=201)
    server.client(1).request("GET", f"/dav/calendars/{server.users[1][0]}/", expected=(200, 404, 405))
    file = server.data / f"trace-{server.user}.log"
    expect(file.stat().st_mode & 0o777 == 0o600, "others can read the trace")
    text = file.read_text()
    expect("PUT /dav/calendars/" in text and "SUMMARY:traced" in text and "HTTP/1.1 201" in text, f"not all is traced:\n{text}")
    secret = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
    expect(secret not in text and "Authorization:" in text, "the trace holds credentials")
    expect(server.users[1][0] not in text, "another account is traced")
    expect(server.terminate() == 0, "not status 0")


def throttled(server):
    server.config.write_text(server.config.read_text().replace(
        "[passwords]", '[passwords]\nfailures_before_delay = 3\nlongest_delay = "2 s"'))
    server.start()
    # The same wrong password again is a device that nobody has told of a new one, and counts once.
    stale = Client(server, server.user, "stale")
    expect([stale.request("GET", "/dav/").status for _ in range(10)] == [401] * 10, "a stale password is throttled")
    answers = [Client(server, server.user, f"wrong-{number}").request("GET", "/dav/") for number in range(6)]
    expect([one.status for one in answers[:2]] == [401] * 2 and answers[-1].status == 429, [one.status for one in answers])
    expect(1 <= int(answers[-1].header("Retry-After")) <= 2, "no sensible Retry-After")
    expect(re.search(rf'event=login-throttled account="{server.user}" client=127.0.0.1 retry_after=\d', server.log_tail()),
           "no login-throttled")
    awaited(lambda: status_of(server, server.user, server.password) == 207, "the end of the delay")
    expect(server.terminate() == 0, "not status 0")


# --- backup, check, export, import ------------------------------------------------------------------------------------


def content(server, user=0):
    """All that a client sees of an account: {path: bytes}, with ETags."""
    client = server.client(user)
    name = server.users[user][0]
    found = {}
    for collection in (f"/dav/calendars/{name}/calendar/", f"/dav/addressbooks/{name}/contacts/", f"/dav/files/{name}/",
                       f"/dav/files/{name}/folder/"):
        for href in client.propfind(collection, "{DAV:}getetag", depth="1").items:
            if not href.endswith("/"):
                response = client.request("GET", href, expected=200)
                found[href] = (response.header("ETag"), response.body)
    client.close()
    return found


def sync_tokens(server, user):
    """Of an account's homes, which change with all that is in them."""
    asked = '<D:propfind xmlns:D="DAV:"><D:prop><D:sync-token/></D:prop></D:propfind>'
    name = server.users[user][0]
    answers = [server.client(user).request("PROPFIND", f"/dav/{area}/{name}/", asked, {"Depth": "0"}, expected=207).body
               for area in ("calendars", "addressbooks", "files")]
    return [re.search(rb"sync-token>([^<]+)<", answer).group(1) for answer in answers]


def fill(server):
    client = server.client()
    user = server.user
    for number in range(20):
        client.request("PUT", f"/dav/calendars/{user}/calendar/e{number}.ics", OBJECT.format(f"e{number}"), expected=201)
    client.request("DELETE", f"/dav/calendars/{user}/calendar/e0.ics", expected=204)
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nN:;C;;;\r\nFN:C\r\nEND:VCARD\r\n"
    client.request("PUT", f"/dav/addressbooks/{user}/contacts/c.vcf", card, expected=201)
    client.request("MKCOL", f"/dav/files/{user}/folder/", expected=201)
    client.request("PUT", f"/dav/files/{user}/folder/big%20%C3%BC%25%23.bin", os.urandom(300_000), expected=201)
    client.request("PUT", f"/dav/files/{user}/empty", b"", expected=201)
    client.proppatch(f"/dav/calendars/{user}/calendar/", {"{DAV:}displayname": "W\u00f6rk", "{x:}dead": "kept & <kept>"})
    client.proppatch(f"/dav/files/{user}/empty", {"{x:}dead": "of a file"})
    client.close()


def other_server(server, folder):
    folder.mkdir()
    postgres = None
    if server.postgres:
        server.postgres.sql("drop database if exists restored;")
        server.postgres.sql("create database restored;")
        postgres = type("Database", (), {"conninfo": re.sub(r"dbname=\S+", "dbname=restored", server.postgres.conninfo),
                                         "await_no_clients": lambda self: None})()
    other = Server(folder, server.store, accounts=2, postgres=postgres, create=False)
    return other


def backup(server):
    folder = server.folder / "backup"
    first = json.loads(run(server, "backup", str(folder), "--json"))
    expect(first["blobs_copied"] == 1, first)
    server.client().request("PUT", f"/dav/calendars/{server.user}/calendar/later.ics", OBJECT.format("later"), expected=201)
    second = json.loads(run(server, "backup", str(folder), "--json", "--verify"))
    expect(second["blobs_copied"] == 0 and second["blobs_present"] == 1, second)
    run(server, "check")
    run(server, "restore", str(folder), status=77)
    here = content(server)
    token = server.client().propfind(f"/dav/calendars/{server.user}/calendar/", "{DAV:}sync-token")

    other = other_server(server, server.folder / "other")
    run(other, "restore", str(server.folder / "nothing"), status=65)
    run(other, "restore", str(folder))
    run(other, "check")
    with other:
        there = content(other)
        expect(here == there, f"what is restored differs: {sorted(set(here) ^ set(there))}")
        item = other.client().propfind(f"/dav/calendars/{server.user}/calendar/", "{DAV:}displayname", "{x:}dead")
        texts = next(iter(item.items.values()))
        expect(texts.text("{DAV:}displayname") == "W\u00f6rk" and texts.text("{x:}dead") == "kept & <kept>", "properties differ")
        old = next(iter(token.items.values())).text("{DAV:}sync-token")
        answer = other.client().sync(f"/dav/calendars/{server.user}/calendar/", old)
        expect(answer.status == 403 and b"valid-sync-token" in answer.body, "a token of before the restore is taken")


def export(server):
    out = server.folder / "export"
    run(server, "export", "--account", server.user, str(out))
    run(server, "export", "--account", server.user, str(out), status=70)
    run(server, "export", str(out), status=64)
    expect((out / "files/folder/big \u00fc%#.bin").stat().st_size == 300_000, "a file is not whole")
    ledger = [json.loads(line) for line in run(server, "import", "--account", server.users[1][0], str(out)).splitlines()]
    expect(all(entry["action"] in ("created", "unchanged") for entry in ledger), ledger)
    mine = {re.sub(f"/{server.user}/", "/X/", path): value for path, value in content(server, 0).items()}
    theirs = {re.sub(f"/{server.users[1][0]}/", "/X/", path): value for path, value in content(server, 1).items()}
    expect(mine == theirs, f"what is imported differs: {sorted(set(mine) ^ set(theirs))}")
    item = server.client(1).propfind(f"/dav/files/{server.users[1][0]}/empty", "{x:}dead")
    expect(next(iter(item.items.values())).text("{x:}dead") == "of a file", "a dead property is gone")
    tokens = sync_tokens(server, 1)
    again = [json.loads(line) for line in run(server, "import", "--account", server.users[1][0], str(out)).splitlines()]
    expect({entry["action"] for entry in again} == {"unchanged"}, again)
    expect(sync_tokens(server, 1) == tokens, "what is there already was changed by being imported again")

    # A file of many, some of them beyond repair.
    many = server.folder / "many.ics"
    events = "".join(f"BEGIN:VEVENT\r\nUID:m{n}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T1{n}0000Z\r\nEND:VEVENT\r\n" for n in range(5))
    many.write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:PUBLISH\r\n" + events +
                    "BEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:never\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    told = run(server, "import", "--account", server.user, str(many), status=1)
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    expect([line["action"] for line in lines] == ["created"] * 5 + ["refused"], lines)
    expect(lines[5]["reason"] and "a UID was made" in lines[5]["repairs"] and lines[5]["source"] == "many.ics#6", lines[5])
    run(server, "check")


def attachments(server):
    """What is brought in uses the attachments that it names, as what is put does."""
    path = f"/dav/calendars/{server.user}/calendar/attached.ics"
    client = server.client()
    client.request("PUT", path, OBJECT.format("attached"), {"Content-Type": "text/calendar"}, expected=201)
    client.request("POST", path + "?action=attachment-add", b"an agenda",
                   {"Content-Type": "text/plain", "Content-Disposition": "attachment; filename=agenda.txt"}, expected=201)
    event = client.request("GET", path, expected=200).body
    unfolded = event.replace(b"\r\n ", b"").decode()
    address = re.search(r"ATTACH[^\r\n]*?:https?://[^/]+(/[^\r\n]+)", unfolded)
    expect(address is not None, unfolded)
    client.request("GET", address[1], expected=200)
    client.request("DELETE", path, expected=204)
    client.request("GET", address[1], expected=404)
    file = server.folder / "attached.ics"
    file.write_bytes(event)
    run(server, "import", "--account", server.user, str(file))
    expect(client.request("GET", address[1], expected=200).body == b"an agenda", "the attachment has changed")

    # What another server has managed stays where it is; here it is a link like any other. The same again is the same.
    foreign = event.replace(b"UID:attached", b"UID:foreign").replace(b"MANAGED-ID=", b"MANAGED-ID=of-another-")
    file = server.folder / "foreign.ics"
    file.write_bytes(foreign)
    for action in ("created", "unchanged"):
        line = json.loads(run(server, "import", "--account", server.user, str(file)).splitlines()[0])
        expect(line["action"] == action and any("of-another-" in repair for repair in line["repairs"]), line)
    kept = client.request("GET", f"/dav/calendars/{server.user}/calendar/foreign.ics", expected=200).body
    kept = kept.replace(b"\r\n ", b"").decode()
    expect("MANAGED-ID" not in kept and address[1] in kept and "FILENAME=agenda.txt" in kept and "SIZE=9" in kept, kept)
    run(server, "check")


def sql(server, text):
    if server.store == "sqlite":
        with contextlib.closing(sqlite3.connect(server.data / "pileus.db", timeout=30)) as database:
            rows = database.execute(text).fetchall()
            database.commit()
            return "|".join(str(value) for row in rows for value in row)
    return server.postgres.sql(text + ";")


def time_zones(server):
    """The zones in use are remembered; when they are others, what has moved is listed, and the index of times is made anew."""
    server.start()
    path = f"/dav/calendars/{server.user}/calendar/zoned.ics"
    start = f"{time.gmtime().tm_year + 1}0701T100000"
    event = OBJECT.format("zoned").replace("DTSTART:20260101T100000Z", f"DTSTART;TZID=Europe/Berlin:{start}\r\nRRULE:FREQ=MONTHLY;COUNT=3")
    server.client().request("PUT", path, event, {"Content-Type": "text/calendar"}, expected=201)
    server.terminate()
    server.start()
    server.client().request("REPORT", f"/dav/calendars/{server.user}/calendar/", query_of(start[:8]), {"Depth": "1"}, expected=207)
    run(server, "reindex")
    expect(json.loads(run(server, "tz-report", "--json")) == [], "something has moved though no zone has changed")
    # As though the zone had been an hour later, and the index made by that.
    london = pathlib.Path("/usr/share/zoneinfo/Europe/London").read_bytes().hex()
    octets = f"X'{london}'" if server.store == "sqlite" else f"'\\x{london}'"
    sql(server, f"UPDATE time_zone SET octets = {octets} WHERE name = 'Europe/Berlin'")
    moved = json.loads(run(server, "tz-report", "--json"))
    expect([(line["object"], line["moved"], line["before"][11:], line["now"][11:]) for line in moved] ==
           [("zoned.ics", 3, "09:00:00Z", "08:00:00Z")], moved)
    sql(server, "UPDATE event_fact SET first = first + 3600, last = last + 3600 WHERE scale < 6")
    sql(server, "UPDATE event_index SET release = 'of old'")
    server.terminate()
    server.start()
    awaited(lambda: sql(server, "SELECT release FROM event_index") != "of old", "the index is made anew")
    server.check()


def query_of(day):
    return ('<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/></D:prop><C:filter>'
            '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
            f'<C:time-range start="{day}T000000Z" end="{day}T235959Z"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>')


def main():
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with harness.scratch("commands") as folder:
        notifications = Notifications(folder)
        server = Server(folder, store, accounts=2,
                        environment={"NOTIFY_SOCKET": notifications.path, "WATCHDOG_USEC": "200000"})
        try:
            usage(server)
            configuration(server)
            server.start()
            notifications.await_one("READY=1")
            notifications.await_one("WATCHDOG=1")
            for step in (accounts, credentials, quota, share_links, address_books, log, admin, fill, backup, export, attachments,
                         group_modes):
                print(step.__name__, flush=True)
                step(server)
            print("reload, drain", flush=True)
            reload(server, notifications)
            drain(server, notifications)
            server.environment = {}
            for step in (bounded_drain, trace, throttled, time_zones):
                print(step.__name__, flush=True)
                step(server)
            server.check()
        except BaseException:
            print(f"--- the server's log ends:\n{server.log_tail()}", file=sys.stderr)
            raise
        finally:
            server.stop()


if __name__ == "__main__":
    main()
