#!/usr/bin/python3
"""How programs and people find out how to connect: autoconfiguration, the page that makes profiles, `pileus dns` and
`pileus doctor`, with a real DNS server (dnsmasq): tests/connecting.py sqlite|postgres"""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import plistlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse
import xml.etree.ElementTree as ET

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
from harness import Client, Server, expect

DOMAIN = "pileus.test"
HOST = "mail.pileus.test"
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
QUESTION = f"""<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>
<EMailAddress>user01@{DOMAIN}</EMailAddress><AcceptableResponseSchema>{OUTLOOK}</AcceptableResponseSchema>
</Request></Autodiscover>"""


def certificate(folder):
    """A certificate of the test's CA for the names that clients ask."""
    (folder / "names").write_text(f"subjectAltName=DNS:{HOST},DNS:autoconfig.{DOMAIN},DNS:autodiscover.{DOMAIN}\n")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "public.key", "-out",
            "public.csr", "-subj", f"/CN={HOST}")
    openssl("x509", "-req", "-in", "public.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "names", "-out", "public.pem")


def ask(server, method, path, body=None, headers=None, host=HOST):
    """A request to the server under the name of `host`; returns status, headers, body."""
    context = ssl.create_default_context(cafile=str(server.ca))
    with socket.create_connection(("127.0.0.1", server.https_port), 10) as plain, \
            context.wrap_socket(plain, server_hostname=host) as tls:
        connection = http.client.HTTPConnection(host, server.https_port)
        connection.sock = tls
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def autoconfiguration(server, imaps):
    for path in [f"/mail/config-v1.1.xml?emailaddress=user01%40{DOMAIN}",
                 f"/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=nobody%40{DOMAIN}"]:
        status, _, body = ask(server, "GET", path, host=f"autoconfig.{DOMAIN}")
        expect(status == 200, f"{path}: {status}")
        root = ET.fromstring(body)
        expect(root.find("emailProvider/domain").text == DOMAIN, body)
        incoming = root.find("emailProvider/incomingServer")
        expect(incoming.find("hostname").text == HOST and incoming.find("port").text == str(imaps), body)
        url = root.find("calendar[@type='caldav']/serverURL").text
        expect(url == f"https://{HOST}:{server.https_port}/dav/" == root.find("addressBook/serverURL").text, url)
    status, _, _ = ask(server, "GET", "/mail/config-v1.1.xml?emailaddress=a%40example.org")
    expect(status == 404, f"a domain of others: {status}")

    status, _, body = ask(server, "POST", "/Autodiscover/Autodiscover.xml", QUESTION, {"Content-Type": "text/xml"})
    found = {one.find(f"{{{OUTLOOK}}}Type").text for one in ET.fromstring(body).iter(f"{{{OUTLOOK}}}Protocol")}
    expect(status == 200 and found == {"IMAP", "SMTP", "CalDAV", "CardDAV"}, f"{status}: {body}")
    status, _, body = ask(server, "POST", "/autodiscover/autodiscover.xml", "x" * 100_000)
    expect(status == 413, f"a long question: {status}")
    status, _, body = ask(server, "GET", f"/autodiscover/autodiscover.json?Email=a@{DOMAIN}&Protocol=AutodiscoverV1")
    expect(status == 200 and json.loads(body)["Url"].endswith("/autodiscover/autodiscover.xml"), body)

    status, headers, body = ask(server, "GET", "/.well-known/user-agent-configuration.json")
    expect(status == 200 and headers["Content-Type"] == "application/json", status)
    expect(json.loads(body)["info"]["provider"]["name"] == HOST, body)


def profiles(server, folder, imaps):
    status, headers, body = ask(server, "GET", "/setup/")
    expect(status == 200 and headers["Cache-Control"] == "no-store" and b"<script" not in body, f"{status}")
    style = re.search(rb"<style>(.*?)</style>", body, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    expect(f"'sha256-{digest}'" in headers["Content-Security-Policy"], "the policy doesn't allow the page's style")

    form = {"name": f"user01@{DOMAIN}", "password": "user01-pw", "device": "M\u00fcller's <phone>", "mail": "yes",
            "calendars": "yes", "contacts": "yes"}
    browser = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{HOST}:{server.https_port}",
               "Sec-Fetch-Site": "same-origin"}
    status, _, _ = ask(server, "POST", "/setup/", urllib.parse.urlencode(form), {**browser, "Sec-Fetch-Site": "cross-site"})
    expect(status == 403, f"another site's form: {status}")
    status, headers, body = ask(server, "POST", "/setup/", urllib.parse.urlencode({**form, "password": "wrong"}), browser)
    expect(status == 403 and b"phone&gt;" in body and b"wrong\"" not in body, f"a wrong password: {status}")
    status, headers, body = ask(server, "POST", "/setup/", urllib.parse.urlencode(form), browser)
    expect(status == 200 and headers["Content-Type"] == "application/x-apple-aspen-config", f"{status}: {body[:500]}")

    signed = folder / "setup.mobileconfig"
    signed.write_bytes(body)
    done = subprocess.run(["openssl", "cms", "-verify", "-inform", "DER", "-in", signed, "-CAfile", server.ca, "-purpose",
                           "any", "-signer", folder / "signer.pem"], capture_output=True)
    expect(done.returncode == 0, f"the signature: {done.stderr.decode()}")
    told = subprocess.run(["openssl", "x509", "-in", folder / "signer.pem", "-noout", "-checkhost", HOST], text=True,
                          capture_output=True)
    expect("does match" in told.stdout, told.stdout)
    profile = plistlib.loads(done.stdout)
    parts = {part["PayloadType"]: part for part in profile["PayloadContent"]}
    expect(set(parts) == {"com.apple.mail.managed", "com.apple.caldav.account", "com.apple.carddav.account"}, parts.keys())
    expect(len({part["PayloadUUID"] for part in [profile, *parts.values()]}) == 4, "UUIDs are not unique")
    mail, calendars = parts["com.apple.mail.managed"], parts["com.apple.caldav.account"]
    expect(mail["IncomingMailServerPortNumber"] == imaps and mail["EmailAddress"] == f"user01@{DOMAIN}", mail)
    expect(calendars["CalDAVPort"] == server.https_port and calendars["CalDAVHostName"] == HOST, calendars)

    password = calendars["CalDAVPassword"]
    login = base64.b64encode(f"{calendars['CalDAVUsername']}:{password}".encode()).decode()
    status, _, _ = ask(server, "PROPFIND", calendars["CalDAVPrincipalURL"], None,
                       {"Authorization": "Basic " + login, "Depth": "0"})
    expect(status == 207, f"the profile's password: {status}")
    made = json.loads(server.command("credential", "list", "user01", "--json").stdout)
    expect([one["label"] for one in made] == ["M\u00fcller's <phone>"] and made[0]["scope"] == ["dav", "mail"], made)
    log = server.log_path.read_text()
    expect("event=login-failed" in log and password not in log and "user01-pw" not in log, "the log of logins")


class Dns:
    """dnsmasq with the records that `pileus dns --json` has printed, but for those that `spoil` changes."""

    def __init__(self, records, spoil=lambda record: record):
        self.port = harness.free_ports(1)[0]
        options = [f"--host-record={HOST},127.0.0.1"]
        for record in records:
            record = spoil(record)
            if record:
                options.append(self.option(record["name"], record["type"], record["value"]))
        self.process = subprocess.Popen(
            [shutil.which("dnsmasq") or "/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv",
             "--no-hosts", f"--port={self.port}", "--listen-address=127.0.0.1", "--bind-interfaces", "--pid-file",
             "--local=/test/", *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                expect(self.process.poll() is None, f"dnsmasq: {self.process.stderr.read().decode()}")
                expect(time.monotonic() < deadline, "dnsmasq doesn't answer")
                time.sleep(0.02)

    @staticmethod
    def option(name, kind, value):
        words = value.rstrip(".").split(" ") if kind != "TXT" else []
        if kind == "MX":
            return f"--mx-host={name},{words[1]},{words[0]}"
        if kind == "SRV":
            priority, weight, port, target = words
            return f"--srv-host={name},{target},{port},{priority},{weight}" if target else f"--srv-host={name}"
        return f"--cname={name},{words[0]}" if kind == "CNAME" else f"--txt-record={name},{value}"

    def __enter__(self):
        return f"127.0.0.1:{self.port}"

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()


def records_of(server, *arguments):
    done = server.command("dns", "--json", *arguments)
    expect(done.returncode == 0, done.stderr)
    return json.loads(done.stdout)


def dns(server, imaps):
    records = records_of(server)
    lines = server.command("dns").stdout
    for name, kind, value in [(DOMAIN, "MX", f"10 {HOST}."), (f"_imaps._tcp.{DOMAIN}", "SRV", f"0 1 {imaps} {HOST}."),
                              (f"_imap._tcp.{DOMAIN}", "SRV", "0 0 0 ."), (f"_caldavs._tcp.{DOMAIN}", "TXT", "path=/dav/"),
                              (f"autoconfig.{DOMAIN}", "CNAME", f"{HOST}.")]:
        expect(any((one["name"], one["type"], one["value"]) == (name, kind, value) for one in records), f"{name} {kind}")
        quoted = f'"{value}"' if kind == "TXT" else value
        expect(f"\n{name}. 3600 IN {kind} {quoted}\n" in lines, f"{name} {kind} is not in the zone text:\n{lines}")
    expect({one["name"] for one in records_of(server, "--domain", "Example.org")} & {"_caldavs._tcp.example.org"}, "--domain")
    expect(server.command("dns", "--domain", "no domain").returncode == 64, "what is no domain")


def findings(server, resolver, status, *arguments):
    done = server.command("doctor", "--json", "--resolver", resolver, "--ca", str(server.ca), *arguments)
    expect(done.returncode == status, f"pileus doctor: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def greets(server, port, greeting):
    context = ssl.create_default_context(cafile=str(server.ca))
    with socket.create_connection(("127.0.0.1", port), 10) as plain, \
            context.wrap_socket(plain, server_hostname=HOST) as tls:
        return tls.recv(100).startswith(greeting)


def doctor(server, imaps, submissions):
    records = records_of(server)
    # Where a protocol of mail is not there yet, it says so and closes; the doctor must see that, and no more.
    silent = [greets(server, imaps, b"* OK"), greets(server, submissions, b"220")].count(False)
    healthy = 1 if silent else 0

    def wrong(found):
        return [one for one in found if one["grade"] == "wrong" and "does not speak" not in one["what"]]

    with Dns(records) as resolver:
        found = findings(server, resolver, healthy)
        expect(sum("does not speak" in one["what"] for one in found) == silent, f"services without a greeting: {found}")
        expect(not wrong(found), f"in a good set-up: {wrong(found)}")
        notes = [one for one in found if one["grade"] == "note" and one["about"] != "clock"]
        expect(not notes, f"in a good set-up: {notes}")
        text = server.command("doctor", "--resolver", resolver, "--ca", str(server.ca)).stdout
        expect(f"{silent} wrong" in text, text)
        done = server.command("doctor", "--json", "--resolver", resolver)
        expect(done.returncode == 1, "a certificate that nobody trusts is let pass")
        expect(any("trusts the certificate" in one["what"] for one in wrong(json.loads(done.stdout))), done.stdout)

    def spoil(record):
        if record["name"].startswith("_imaps."):
            return {**record, "value": record["value"].replace(HOST, f"old.{DOMAIN}")}
        return None if record["name"].startswith("_caldavs.") else record

    with Dns(records, spoil) as resolver:
        found = findings(server, resolver, 1)
        expect(len(wrong(found)) == 1 and f"old.{DOMAIN}" in wrong(found)[0]["what"], f"a wrong record: {wrong(found)}")
        expect(any(one["grade"] == "note" and "_caldavs" in one["what"] for one in found), "a missing record")
        server.stop()
        found = findings(server, resolver, 1)
        expect(any("takes no connection" in one["what"] for one in wrong(found)), f"a stopped server: {found}")
    found = findings(server, f"127.0.0.1:{harness.free_ports(1)[0]}", 1)
    expect(any("has no address" in one["what"] for one in wrong(found)), f"without a resolver: {found}")
    expect(sum("gives no answer" in one["what"] for one in wrong(found)) == 1, f"said more than once: {found}")


def main():
    harness.need_programs("openssl", "dnsmasq")
    with harness.scratch("connecting") as folder:
        imaps, submissions = harness.free_ports(2)
        extra = {"server": [f'host_name = "{HOST}"', f'domains = ["{DOMAIN}"]'],
                 "tls": [f'certificates = [{{ chain = "{folder}/server.pem", key = "{folder}/server.key" }}, '
                         f'{{ chain = "{folder}/public.pem", key = "{folder}/public.key" }}]'],
                 "listen": [f'imaps = ["127.0.0.1:{imaps}"]', f'submissions = ["127.0.0.1:{submissions}"]']}
        harness.make_certificate(folder)
        certificate(folder)
        with Server(folder, sys.argv[1], extra=extra) as server:
            autoconfiguration(server, imaps)
            profiles(server, folder, imaps)
            dns(server, imaps)
            doctor(server, imaps, submissions)
    print("connecting: all good")


if __name__ == "__main__":
    main()
