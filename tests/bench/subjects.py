"""The servers that are measured: Pileus on its two stores, Radicale, Xandikos, nginx. Each has a calendar collection
"members", speaks plain HTTP on loopback and can say what it uses."""

import base64
import http.client
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import time
import urllib.request

import fill
import make_objects
from harness import Postgres, Server, free_ports
from measure import cpu


class Subject:
    name = ""
    host = "127.0.0.1"
    tls_port = None
    headers = ()

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.process = None
        self.port = None

    @property
    def pid(self):
        return self.process.pid

    def base_cpu(self):
        """CPU seconds of the database behind the server."""
        return 0.0

    def commits(self):
        """Commits and writes of the store since the start, where it tells."""
        return 0, 0

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=600)
        fields = dict(line.split(": ", 1) for line in self.headers)
        connection.request(method, path, body.encode() if body else None, {**fields, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def await_listening(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self.request("OPTIONS", "/")
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not answer: {(self.folder / 'log').read_text()[-2000:]}")

    def spawn(self, *command, **options):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **options)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Pileus(Subject):
    def __init__(self, folder, store, environment=None):
        super().__init__(folder)
        self.name = f"pileus {store}"
        self.store = store
        # The environment is for the database's processes too.
        postgres = Postgres(self.folder / "postgres", environment=environment) if store == "postgres" else None
        self.server = Server(self.folder, store, postgres=postgres, environment=environment, extra={"http": ['idle = "1 h"'],
                                                        "connections": ["per_address = 100000", "most = 100000"]})
        self.port, self.tls_port = self.server.http_port, self.server.https_port
        token = base64.b64encode(f"{self.server.user}:{self.server.password}".encode()).decode()
        self.headers = (f"Authorization: Basic {token}",)
        self.calendars = f"/dav/calendars/{self.server.user}/"
        self.members = f"{self.calendars}members/"

    def start(self):
        """Returns the seconds from start to ready."""
        started = time.monotonic()
        self.server.start()
        self.process = self.server.process
        return time.monotonic() - started

    def make(self, path):
        status, text = self.request("MKCALENDAR", path)
        if status != 201:
            raise RuntimeError(f"MKCALENDAR {path}: {status} {text[:500]}")

    def fill_members(self, count):
        """Past the server, in a store that nobody else has open."""
        self.make(self.members)
        self.fill("members", count)

    def fill(self, name, count):
        self.server.terminate()
        if self.store == "sqlite":
            fill.fill_sqlite(self.server.data / "pileus.db", name, count)
        else:
            fill.fill_postgres(self.server.postgres, name, count)
        self.start()

    def bring(self, file, name):
        """The same of a file into a new calendar."""
        self.make(self.calendars + name + "/")
        return self.bring_into(file, f"calendars/{name}")

    def bring_into(self, file, collection):
        """`pileus import` of a file into a collection, in a store that nobody else has open; returns seconds and CPU seconds."""
        self.server.terminate()
        before, base_before, started = resource.getrusage(resource.RUSAGE_CHILDREN), self.base_cpu(), time.monotonic()
        done = self.server.command("import", str(file), "--account", self.server.user, "--into", collection, stdout=subprocess.DEVNULL,
                                   capture_output=False, stderr=subprocess.PIPE)
        if done.returncode:
            raise RuntimeError(f"import of {file}: {done.stderr}")
        seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        base = self.base_cpu() - base_before
        self.start()
        return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, base

    def base_cpu(self):
        if self.store == "sqlite":
            return 0.0
        cluster = self.server.postgres.folder / "cluster" / "postmaster.pid"
        return cpu(int(cluster.read_text().split()[0]))

    def commits(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.admin_port}/metrics") as answer:
            text = answer.read().decode()
        return tuple(int(re.search(rf"^pileus_store_{name}_total (\d+)", text, re.M).group(1)) for name in ("commits", "writes"))

    def stop(self):
        self.server.stop()
        if self.server.postgres:
            self.server.postgres.stop()


class Radicale(Subject):
    name = "radicale"

    def __init__(self, folder):
        super().__init__(folder)
        self.port, = free_ports(1)
        self.calendars = "/user/"
        self.members = "/user/members/"
        self.book = "/user/cards/"
        self.headers = ("Authorization: Basic " + base64.b64encode(b"user:x").decode(),)
        (self.folder / "config").write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\nmax_connections = 300\ntimeout = 300\n[auth]\ntype = none\n"
            f"[rights]\ntype = authenticated\n[storage]\nfilesystem_folder = {self.folder}/data\n[logging]\nlevel = error\n")

    def start(self):
        started = time.monotonic()
        self.spawn("radicale", "--config", str(self.folder / "config"))
        self.await_listening()
        return time.monotonic() - started

    def make(self, path, tag="VCALENDAR"):
        folder = self.folder / "data/collection-root" / path.strip("/")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".Radicale.props").write_text(f'{{"tag": "{tag}"}}')
        return folder

    def fill_members(self, count):
        self.make(self.members)
        folder = self.folder / "data/collection-root" / self.members.strip("/")
        for number in range(1, count + 1):
            (folder / f"e{number:07}.ics").write_bytes(fill.tiny_event(number, "members"))

    def fill_planned(self, name, count):
        self.make(self.calendars + name + "/")
        for number in range(1, count + 1):
            (self.folder / "data/collection-root/user" / name / f"p{number}.ics").write_text(make_objects.planned_object(number), newline="")


    def fill_cards(self, cards):
        folder = self.make(self.book, "VADDRESSBOOK")
        for number, card in enumerate(cards):
            (folder / f"c{number}.vcf").write_text(card, newline="")


class Xandikos(Subject):
    name = "xandikos"

    def __init__(self, folder):
        super().__init__(folder)
        self.port, = free_ports(1)
        self.calendars = "/user/calendars/"
        self.members = "/user/calendars/calendar/"
        self.book = "/user/contacts/addressbook/"

    def start(self):
        started = time.monotonic()
        self.spawn("xandikos", "-d", str(self.folder / "data"), "--defaults", "-l", "127.0.0.1", "-p", str(self.port))
        self.await_listening()
        return time.monotonic() - started

    def make(self, path):
        status, text = self.request("MKCALENDAR", path)
        if status != 201:
            raise RuntimeError(f"xandikos: MKCALENDAR {path}: {status} {text[:300]}")

    def fill_members(self, count):
        folder = self.folder / "data" / self.members.strip("/")
        for number in range(1, count + 1):
            (folder / f"e{number:07}.ics").write_bytes(fill.tiny_event(number, "members"))
        self.commit(folder)

    def fill_planned(self, name, count):
        self.make(self.calendars + name + "/")
        folder = self.folder / "data/user/calendars" / name
        for number in range(1, count + 1):
            (folder / f"p{number}.ics").write_text(make_objects.planned_object(number), newline="")
        self.commit(folder)

    def fill_cards(self, cards):
        folder = self.folder / "data" / self.book.strip("/")
        for number, card in enumerate(cards):
            (folder / f"c{number}.vcf").write_text(card, newline="")
        self.commit(folder)

    @staticmethod
    def commit(folder):
        for command in (["add", "-A"], ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-qm", "fill"]):
            subprocess.run(["git", "-c", "safe.directory=*", *command], cwd=folder, check=True, capture_output=True)


class Nginx(Subject):
    name = "nginx"

    def __init__(self, folder):
        super().__init__(folder)
        self.port, = free_ports(1)
        (self.folder / "root").mkdir()
        for parent in (self.folder.parent, self.folder, self.folder / "root"):
            parent.chmod(0o755)
        (self.folder / "root/e.ics").write_bytes(make_objects.small_event(1).encode())
        (self.folder / "conf").write_text(
            f"daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log; worker_processes 1;\n"
            "events { worker_connections 4096; }\nhttp { access_log off; sendfile on; tcp_nopush on; open_file_cache max=1000;\n"
            "keepalive_requests 100000000;\n" + "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in
                                                      ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) +
            f"server {{ listen 127.0.0.1:{self.port}; root {self.folder}/root; }} }}\n")

    def start(self):
        started = time.monotonic()
        self.spawn(shutil.which("nginx") or "/usr/sbin/nginx", "-e", str(self.folder / "error.log"), "-c", str(self.folder / "conf"))
        self.await_listening()
        return time.monotonic() - started


def descriptors(wanted):
    """Raises the limit of open files of this process and of what it starts, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
    except (ValueError, OSError):
        wanted = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
