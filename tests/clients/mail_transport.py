#!/usr/bin/python3
"""Mail that comes and goes, with real programs: swaks submits and delivers by LMTP, Postfix delivers over a local socket
and takes what is relayed; the queue is looked at and kept through a kill -9.
usage: tests/clients/mail_transport.py sqlite|postgres [--without-postfix]"""

import contextlib
import json
import os
import pathlib
import smtplib
import sqlite3
import ssl
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness
from harness import expect


class Mailer(harness.Server):
    """A server with listeners for mail, whose relay is at a port."""

    def choose_ports(self):
        self.submission, self.submissions, self.lmtp, self.relay = harness.free_ports(4)
        self.socket = self.folder / "lmtp"
        self.extra = {
            "server": ['host_name = "localhost"', 'domains = ["pileus.test"]'],
            "listen": [f'submission = ["127.0.0.1:{self.submission}"]', f'submissions = ["127.0.0.1:{self.submissions}"]',
                       f'lmtp = ["127.0.0.1:{self.lmtp}", "{self.socket}"]'],
            "smtp": [f'relay = "localhost:{self.relay}"', 'postmaster = "user01"'],
        }
        super().choose_ports()

    def messages(self, user, mailbox="INBOX"):
        """The octets in a mailbox, out of the database: no client is needed to see what has come."""
        octets = "encode(b.bytes, 'hex')" if self.postgres else "hex(b.bytes)"
        query = (f"SELECT {octets} FROM message m JOIN blob b ON b.id = m.blob JOIN collection c ON c.id = m.mailbox "
                 f"JOIN account a ON a.id = c.account WHERE a.name = '{self.users[user][0]}' AND c.name = '{mailbox}' "
                 "ORDER BY m.uid;")
        if self.postgres:
            rows = self.postgres.sql(query).splitlines()
        else:
            with contextlib.closing(sqlite3.connect(f"file:{self.data}/pileus.db?mode=ro", uri=True, timeout=60)) as database:
                rows = [row[0] for row in database.execute(query)]
        return [bytes.fromhex(row).decode() for row in rows]

    def await_messages(self, user, wanted, count=1, seconds=60):
        """Waits until there are `count` messages with that text; more are a fault."""
        deadline = time.monotonic() + seconds
        while True:
            found = [text for text in self.messages(user) if wanted in text]
            expect(len(found) <= count, f"{wanted}: {len(found)} messages, not {count}")
            if len(found) == count:
                return found
            expect(time.monotonic() < deadline, f"{wanted}: {len(found)} messages, not {count}\n{self.log_tail()}")
            time.sleep(0.1)

    def queue(self):
        done = self.command("queue", "list", "--json")
        expect(done.returncode == 0, f"queue list: {done.stderr}")
        return json.loads(done.stdout)

    def await_queue(self, right, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not right(self.queue()):
            expect(time.monotonic() < deadline, f"the queue: {what}: {self.queue()}\n{self.log_tail()}")
            time.sleep(0.1)

    def submit(self, subject, to, user=0):
        with smtplib.SMTP_SSL("localhost", self.submissions, context=ssl.create_default_context(cafile=str(self.ca))) as client:
            client.login(*self.users[user])
            client.sendmail(f"{self.users[user][0]}@pileus.test", to, f"Subject: {subject}\r\n\r\nHello\r\n")


def swaks(server, *arguments, status=0):
    done = subprocess.run(["swaks", "--from", "user01@pileus.test", "--timeout", "30", *arguments], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)
    expect(done.returncode == status, f"swaks {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}\n{server.log_tail()}")
    return done.stdout


def check_swaks(server):
    name, password = server.users[0]
    login = ["--auth-user", name, "--auth-password", password]
    verified = ["--tls-verify", "--tls-ca-path", str(server.ca), "--server", "localhost"]
    swaks(server, *verified, "-tls", "--port", str(server.submission), "--auth", "PLAIN", *login,
          "--to", "user02@pileus.test", "--header", "Subject: by starttls")
    swaks(server, *verified, "-tlsc", "--port", str(server.submissions), "--auth", "LOGIN", *login,
          "--to", "user02@pileus.test,user01+x@pileus.test", "--header", "Subject: by tls")
    for subject in ("by starttls", "by tls"):
        text = server.await_messages(1, "Subject: " + subject)[0]
        expect("with ESMTPSA" in text and text.startswith("Return-Path: <user01@pileus.test>"), text)
    server.await_messages(0, "Subject: by tls")
    # Without TLS nobody is asked for a password but from this machine; without a login nothing is sent.
    plain = ["--server", "127.0.0.1", "--port", str(server.submission), "--to", "user02@pileus.test"]
    expect("530 5.7.0" in swaks(server, *plain, status=23), "no login, and no 530")
    expect("535 5.7.8" in swaks(server, *plain, "--auth", "PLAIN", "--auth-user", name, "--auth-password", "x", status=28),
           "a wrong password, and no 535")
    lmtp = ["--protocol", "LMTP", "--header", "Subject: by lmtp"]
    swaks(server, *lmtp, "--server", "127.0.0.1", "--port", str(server.lmtp), "--to", "user02@pileus.test")
    swaks(server, *lmtp, "--socket", str(server.socket), "--to", "user02+detail@pileus.test")
    for text in server.await_messages(1, "Subject: by lmtp", 2):
        expect("Delivered-To: user02" in text and " with LMTP id " in text, text)
    expect("550 5.1.1" in swaks(server, *lmtp, "--socket", str(server.socket), "--to", "nobody@pileus.test", status=24),
           "nobody is somebody")


class Postfix:
    """A private Postfix: it takes mail on one port, delivers pileus.test over the local socket, and knows one other
    address, friend@away.test, which is user02's. Root only."""

    def __init__(self, server):
        self.folder = server.folder / "postfix"
        self.server = server
        self.log = self.folder / "log"
        for name in ("conf", "queue", "data"):
            (self.folder / name).mkdir(parents=True)
        for one in (server.folder, self.folder):
            one.chmod(0o755)
        subprocess.run(["chown", "postfix", str(self.folder / "data")], check=True)
        (self.folder / "conf/main.cf").write_text(f"""compatibility_level = 3.6
queue_directory = {self.folder}/queue
data_directory = {self.folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mta.pileus.test
mydestination =
mynetworks = 127.0.0.0/8
maillog_file = {self.log}
maillog_file_prefixes = {self.folder}
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_cert_file = {server.folder}/server.pem
smtpd_tls_key_file = {server.folder}/server.key
virtual_mailbox_domains = pileus.test
virtual_transport = lmtp:unix:{server.socket}
virtual_alias_domains = away.test
virtual_alias_maps = inline:{{ friend@away.test=user02@pileus.test }}
""")
        (self.folder / "conf/master.cf").write_text(f"""127.0.0.1:{server.relay} inet n - n - - smtpd
tlsmgr unix - - n 1000? 1 tlsmgr
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
""")

    def __enter__(self):
        done = subprocess.run(["postfix", "-c", str(self.folder / "conf"), "start"], capture_output=True, text=True)
        expect(done.returncode == 0, f"postfix start: {done.stdout}{done.stderr}{self.log_text()}")
        return self

    def __exit__(self, *_):
        subprocess.run(["postfix", "-c", str(self.folder / "conf"), "stop"], capture_output=True)

    def log_text(self):
        return self.log.read_text() if self.log.exists() else ""


def check_queue(server):
    """The relay is not there yet: what is submitted waits, also through a kill."""
    server.submit("dropped", ["friend@away.test"])
    server.submit("kept", ["friend@away.test", "nobody@away.test", "user02@pileus.test"])
    server.await_messages(1, "Subject: kept")
    server.await_queue(lambda queue: [one["attempts"] for one in queue] == [1, 1], "two messages, each tried once")
    first, second = server.queue()
    expect(second["recipients"] == ["friend@away.test", "nobody@away.test"], second)
    expect(second["account"] == "user01" and second["state"] == "waiting", second)
    shown = server.command("queue", "show", str(second["id"]))
    expect("4.4.1" in shown.stdout and "refused" in shown.stdout, shown.stdout + shown.stderr)
    content = server.command("queue", "show", "--content", str(second["id"])).stdout
    expect("Subject: kept" in content, content)
    for command in ("hold", "drop"):
        done = server.command("queue", command, str(first["id"]))
        expect(done.returncode == 0, f"queue {command}: {done.stderr}")
    expect(server.command("queue", "drop", str(first["id"])).returncode == 67, "what isn't there was dropped")
    server.kill()
    server.start()
    expect([one["id"] for one in server.queue()] == [second["id"]], server.queue())
    server.check()


def check_postfix(server):
    with Postfix(server) as postfix:
        try:
            number = server.queue()[0]["id"]
            expect(server.command("queue", "retry", str(number)).returncode == 0, "queue retry")
            # One comes back by an alias, over LMTP; the other one's address is refused, and the sender is told.
            server.await_messages(1, "Subject: kept", 2)
            returned = server.await_messages(0, "Action: failed")[0]
            expect("Final-Recipient: rfc822; nobody@away.test" in returned and "Diagnostic-Code: smtp; 550" in returned, returned)
            server.await_queue(lambda queue: not queue, "empty")
            log = postfix.log_text()
            expect(log.count("relay=" ) >= 1 and "status=sent (250 2.1.5 Delivered)" in log, log)
            # Straight from elsewhere, over the local socket.
            swaks(server, "--server", "127.0.0.1", "--port", str(server.relay), "--to", "user02@pileus.test,user01@pileus.test",
                  "--header", "Subject: from afar")
            for user in (0, 1):
                server.await_messages(user, "Subject: from afar")
        except harness.Fault:
            print(postfix.log_text()[-5000:], file=sys.stderr)
            raise


def main():
    harness.need_programs("swaks")
    with_postfix = "--without-postfix" not in sys.argv
    if with_postfix:
        harness.need_programs("postfix")
        if os.geteuid() != 0:
            harness.skip("Postfix wants root")
    with harness.scratch("mail") as folder:
        harness.make_certificate(folder)
        with Mailer(folder, store=sys.argv[1], accounts=2,
                    environment={"SSL_CERT_FILE": str(folder / "ca.pem")}) as server:
            check_swaks(server)
            check_queue(server)
            if with_postfix:
                check_postfix(server)
            server.check()
    print("mail transport: swaks" + (" and Postfix" if with_postfix else "") + " agree")


if __name__ == "__main__":
    main()
