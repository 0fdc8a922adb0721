#!/usr/bin/python3
"""Starts the real `pileus` for tests: a fresh data folder, ports of its own, TLS with an own CA, accounts, SQLite or a
private PostgreSQL. As a program it runs a command against such a server:

    tests/harness.py [--store sqlite|postgres] [--accounts N] -- COMMAND …

with PILEUS_URL, PILEUS_HTTP_URL, PILEUS_CA, PILEUS_USER and PILEUS_PASSWORD in the command's environment. The program
under test is $PILEUS, or the release build. Exit status 77 means skipped (CTest's SKIP_RETURN_CODE); with CI=true a
skip is a failure.
"""

import argparse
import base64
import contextlib
import http.client
import os
import pathlib
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET

ROOT = pathlib.Path(__file__).resolve().parent.parent
NS = {"D": "DAV:", "C": "urn:ietf:params:xml:ns:caldav", "A": "urn:ietf:params:xml:ns:carddav",
      "S": "http://calendarserver.org/ns/", "I": "http://apple.com/ns/ical/"}
SKIPPED = 77


class Fault(AssertionError):
    """What a test found wrong."""


def expect(condition, message):
    if not condition:
        raise Fault(message)


def skip(why):
    """Ends the test as skipped, loudly; as failed where CI=true."""
    print(f"!!!!!!!! SKIPPED: {why}", file=sys.stderr, flush=True)
    sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


def need_programs(*names):
    missing = [name for name in names if not (shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin"))]
    if missing:
        skip("not installed: " + ", ".join(missing))


def program():
    """The pileus under test."""
    return os.environ.get("PILEUS") or str(ROOT / "build/release/pileus")


@contextlib.contextmanager
def scratch(name, memory=False):
    """A temporary folder; kept when the test fails and PILEUS_KEEP is set. `memory`: where commits cost nothing, for
    tests that don't look at durability."""
    memory = memory and os.access("/dev/shm", os.W_OK)
    folder = tempfile.mkdtemp(prefix=f"pileus-{name}-", dir="/dev/shm" if memory else None)
    try:
        yield pathlib.Path(folder)
    except BaseException:
        if os.environ.get("PILEUS_KEEP"):
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def free_ports(count):
    """Ports that nobody listens on now. All are held open together, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def make_certificate(folder):
    """An own CA and a certificate for localhost, 127.0.0.1 and ::1, by openssl."""
    folder = pathlib.Path(folder)
    if (folder / "server.pem").exists():
        return
    (folder / "ext").write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nbasicConstraints=CA:FALSE\n"
        "keyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Pileus test CA",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "ext", "-out", "leaf.pem")
    (folder / "server.pem").write_text((folder / "leaf.pem").read_text() + (folder / "ca.pem").read_text())


class Postgres:
    """A private PostgreSQL cluster, by tests/postgres.sh."""

    def __init__(self, folder, durable=True, environment=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            # The cluster runs as an ordinary user, who must be able to reach it.
            for parent in [self.folder, *self.folder.parents]:
                if "/pileus-" in str(parent):
                    parent.chmod(0o755)
        done = subprocess.run([str(ROOT / "tests/postgres.sh"), "start", str(self.folder)], capture_output=True, text=True,
                              env={**os.environ, **(environment or {}), **({} if durable else {"PILEUS_TEST_POSTGRES_FAST": "1"})})
        if done.returncode == 3:
            skip("no PostgreSQL: " + done.stderr.strip())
        expect(done.returncode == 0, f"tests/postgres.sh start: {done.stderr}{done.stdout}")
        self.conninfo = done.stdout.strip().splitlines()[-1]

    def sql(self, text):
        """Runs SQL by psql; returns its unadorned output."""
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo], input=text,
                              capture_output=True, text=True)
        expect(done.returncode == 0, f"psql: {done.stderr}")
        return done.stdout.strip()

    def await_no_clients(self):
        """Waits until the backends of a killed client are gone: one may still be committing what it was sent."""
        deadline = time.monotonic() + 20
        query = ("select count(*) from pg_stat_activity where backend_type = 'client backend' "
                 "and pid <> pg_backend_pid();")
        while self.sql(query) != "0":
            expect(time.monotonic() < deadline, "PostgreSQL keeps backends of a killed server")

    def stop(self):
        subprocess.run([str(ROOT / "tests/postgres.sh"), "stop", str(self.folder)], capture_output=True)


class Server:
    """One `pileus serve`. `extra` holds lines of TOML to add, by section name ("" for the top). `durable=False` lets a
    private PostgreSQL run without fsync."""

    def __init__(self, folder, store="sqlite", accounts=1, postgres=None, extra=None, create=True, environment=None,
                 durable=True):
        self.folder = pathlib.Path(folder)
        self.store = store
        self.extra = extra or {}
        self.environment = environment or {}
        self.postgres = postgres
        self.owns_postgres = False
        self.process = None
        self.users = [(f"user{number:02d}", f"user{number:02d}-pw") for number in range(1, accounts + 1)]
        self.user, self.password = self.users[0]
        self.data = self.folder / "data"
        self.log_path = self.folder / "pileus.log"
        self.config = self.folder / "pileus.toml"
        self.data.mkdir(parents=True, exist_ok=True)
        make_certificate(self.folder)
        self.ca = self.folder / "ca.pem"
        if store == "postgres" and not postgres:
            self.postgres = Postgres(self.folder / "postgres", durable)
            self.owns_postgres = True
        self.choose_ports()
        if create:
            self.create_accounts()

    def choose_ports(self):
        self.https_port, self.http_port, self.admin_port = free_ports(3)
        self.url = f"https://localhost:{self.https_port}"
        self.http_url = f"http://127.0.0.1:{self.http_port}"
        self.write_config()

    def write_config(self):
        sections = {
            "server": [f'data = "{self.data}"'],
            "listen": [f'https = ["127.0.0.1:{self.https_port}", "[::1]:{self.https_port}"]',
                       f'http = ["127.0.0.1:{self.http_port}"]',
                       f'admin = ["127.0.0.1:{self.admin_port}"]'],
            "tls": [f'certificates = [{{ chain = "{self.folder}/server.pem", key = "{self.folder}/server.key" }}]'],
            "store": [],
            # What guards stored hashes against guessing only costs time here.
            "passwords": ['argon2_memory = "64 KiB"', "argon2_passes = 1"],
            "connections": ["per_address = 20000"],
        }
        if self.postgres:
            sections["store"].append(f'postgres = "{self.postgres.conninfo}"')
        lines = list(self.extra.get("", []))
        for name in [*sections, *(name for name in self.extra if name and name not in sections)]:
            added = self.extra.get(name, [])
            keys = {line.split("=")[0].strip() for line in added}
            lines.append(f"[{name}]")
            lines += [line for line in sections.get(name, []) if line.split("=")[0].strip() not in keys] + added
        self.config.write_text("\n".join(lines) + "\n")

    def command(self, *arguments, **options):
        """Runs a pileus command with this server's configuration, as `pileus ARGUMENTS --config FILE`."""
        options = {"capture_output": True, "text": True, "env": {**os.environ, **self.environment}, **options}
        return subprocess.run([program(), *arguments, "--config", str(self.config)], **options)

    def create_accounts(self):
        batch = self.folder / "accounts"
        batch.write_text("".join(f"{name}\t{name}@pileus.test\t{password}\n" for name, password in self.users))
        done = self.command("account", "create", "--batch", str(batch))
        expect(done.returncode == 0, f"account create: {done.stderr}{done.stdout}")

    def start(self, wait=True):
        """Starts the server; returns when it is ready."""
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([program(), "serve", "--config", str(self.config)], stdout=log, stderr=log,
                                        stdin=subprocess.DEVNULL, env={**os.environ, **self.environment})
        log.close()
        if wait:
            self.await_ready()
        return self

    def await_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Fault(f"pileus ended with status {self.process.returncode}:\n{self.log_tail()}")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5)
                connection.request("GET", "/readyz")
                status = connection.getresponse().status
                connection.close()
                if status == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.005)
        raise Fault(f"pileus is not ready after {seconds} s:\n{self.log_tail()}")

    def log_tail(self, lines=40):
        if not self.log_path.exists():
            return ""
        with open(self.log_path, "rb") as log:
            log.seek(max(0, self.log_path.stat().st_size - 200_000))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def kill(self):
        """SIGKILL, and waits until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.postgres:
            self.postgres.await_no_clients()

    def terminate(self):
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Fault(f"pileus does not stop on SIGTERM:\n{self.log_tail()}") from None

    def check(self):
        """`pileus check` on the stopped or running store; what it found is a fault."""
        done = self.command("check")
        expect(done.returncode == 0, f"pileus check: status {done.returncode}\n{done.stdout}{done.stderr}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.owns_postgres:
            self.postgres.stop()

    def __enter__(self):
        if not self.process:
            try:
                self.start()
            except BaseException:
                self.stop()
                raise
        return self

    def __exit__(self, kind, *_):
        self.stop()
        if kind and not issubclass(kind, SystemExit):
            print(f"--- the server's log ends:\n{self.log_tail()}", file=sys.stderr)

    def client(self, user=0, tls=False, agent="pileus-test"):
        return Client(self, *self.users[user], tls=tls, agent=agent)


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        return self.headers.get(name)

    def multistatus(self):
        return Multistatus(self.body)


class Multistatus:
    """A parsed 207: {href: Item}; an href that stands twice is a fault."""

    class Item:
        def __init__(self, href, status):
            self.href = href
            self.status = status    # of the response itself; None where there are propstats
            self.properties = {}    # {Clark name: element}, those with 200
            self.missing = {}       # {Clark name: status}

        def text(self, name):
            element = self.properties.get(name)
            return None if element is None else "".join(element.itertext())

    def __init__(self, body):
        root = ET.fromstring(body)
        expect(root.tag == "{DAV:}multistatus", f"not a multistatus: {root.tag}")
        self.items = {}
        token = root.find("D:sync-token", NS)
        self.sync_token = None if token is None else token.text
        for response in root.findall("D:response", NS):
            for href in response.findall("D:href", NS):
                status = response.find("D:status", NS)
                item = self.Item(href.text, None if status is None else int(status.text.split()[1]))
                for propstat in response.findall("D:propstat", NS):
                    code = int(propstat.find("D:status", NS).text.split()[1])
                    for element in propstat.find("D:prop", NS):
                        if code == 200:
                            item.properties[element.tag] = element
                        else:
                            item.missing[element.tag] = code
                expect(href.text not in self.items, f"{href.text} stands twice in one multistatus")
                self.items[href.text] = item


class Client:
    """One keep-alive connection with Basic credentials."""

    def __init__(self, server, user, password, tls=False, agent="pileus-test"):
        self.server = server
        self.tls = tls
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode(),
                        "User-Agent": agent}
        self.connection = None

    def connect(self):
        if self.tls:
            context = ssl.create_default_context(cafile=str(self.server.ca))
            self.connection = http.client.HTTPSConnection("localhost", self.server.https_port, timeout=60, context=context)
        else:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.server.http_port, timeout=60)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def request(self, method, path, body=None, headers=None, expected=None):
        """Sends one request and reads its answer; one that is cut short raises. `expected`: the status or statuses
        that are right."""
        if isinstance(body, str):
            body = body.encode()
        if not self.connection:
            self.connect()
        self.connection.request(method, path, body=body, headers={**self.headers, **(headers or {})})
        answer = self.connection.getresponse()
        response = Response(answer.status, answer.headers, answer.read())
        if answer.will_close:
            self.close()
        if expected is not None:
            right = (expected,) if isinstance(expected, int) else expected
            expect(response.status in right,
                   f"{method} {path}: {response.status}, not {expected}\n{response.body[:2000].decode(errors='replace')}")
        return response

    def propfind(self, path, *properties, depth="0", expected=207):
        body = ('<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop>' +
                "".join(empty_element(name) for name in properties) + "</D:prop></D:propfind>")
        response = self.request("PROPFIND", path, body, {"Depth": depth, "Content-Type": "application/xml"}, expected)
        return response.multistatus()

    def proppatch(self, path, properties, expected=207):
        """`properties`: {Clark name: text, or None to remove}."""
        parts = []
        for name, value in properties.items():
            kind = "remove" if value is None else "set"
            parts.append(f"<D:{kind}><D:prop>{element(name, value)}</D:prop></D:{kind}>")
        body = f'<?xml version="1.0" encoding="utf-8"?><D:propertyupdate xmlns:D="DAV:">{"".join(parts)}</D:propertyupdate>'
        return self.request("PROPPATCH", path, body, {"Content-Type": "application/xml"}, expected)

    def make_book(self, path, expected=201):
        body = ('<D:mkcol xmlns:D="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><D:set><D:prop><D:resourcetype><D:collection/>'
                "<A:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>")
        return self.request("MKCOL", path, body, {"Content-Type": "application/xml"}, expected)

    def sync(self, path, token="", limit=None, properties=("{DAV:}getetag",), expected=None, level="1"):
        cut = "" if limit is None else f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>"
        body = ('<?xml version="1.0" encoding="utf-8"?><D:sync-collection xmlns:D="DAV:">'
                f"<D:sync-token>{token}</D:sync-token><D:sync-level>{level}</D:sync-level>{cut}<D:prop>" +
                "".join(empty_element(name) for name in properties) + "</D:prop></D:sync-collection>")
        return self.request("REPORT", path, body, {"Depth": "0", "Content-Type": "application/xml"}, expected)


def element(name, text):
    namespace, local = name[1:].split("}")
    content = "" if text is None else text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<x:{local} xmlns:x="{namespace}">{content}</x:{local}>'


def empty_element(name):
    namespace, local = name[1:].split("}")
    return f'<x:{local} xmlns:x="{namespace}"/>'


def random_source(argument=None):
    """A random source whose seed is printed, so that a run can be repeated with --seed."""
    seed = int(argument) if argument is not None else random.SystemRandom().randrange(2**32)
    print(f"seed {seed}", flush=True)
    return random.Random(seed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--accounts", type=int, default=1)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    with scratch("run") as folder, Server(folder, options.store, options.accounts) as server:
        environment = {**os.environ, "PILEUS_URL": server.url, "PILEUS_HTTP_URL": server.http_url,
                       "PILEUS_CA": str(server.ca), "PILEUS_USER": server.user, "PILEUS_PASSWORD": server.password,
                       "PILEUS_FOLDER": str(folder), "PILEUS_LOG": str(server.log_path)}
        status = subprocess.run(options.command, env=environment).returncode
        if status not in (0, SKIPPED):
            print(f"--- the server's log ends:\n{server.log_tail()}", file=sys.stderr)
        elif status == 0:
            expect(server.terminate() == 0, "the server did not stop cleanly")
            server.check()
    sys.exit(status)


if __name__ == "__main__":
    main()
