#!/usr/bin/python3
"""The calendars that the server itself keeps, from elsewhere and of birthdays, with the real binary and a publisher on this
machine: tests/kept_calendars.py sqlite|postgres"""

import gzip
import http.server
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness
from harness import Server, expect

SUBSCRIBED = "{http://calendarserver.org/ns/}subscribed"


def awaited(condition, what, seconds=60):
    """Waits until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, f"waited in vain for: {what}")
        time.sleep(0.05)


def run(server, *arguments, status=0):
    done = server.command(*arguments)
    expect(done.returncode == status,
           f"pileus {' '.join(arguments)}: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


# --- the publisher ---------------------------------------------------------------------------------------------------


def event(uid, *lines, stamp="20260101T000000Z", start="20260105T090000"):
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{stamp}", f"DTSTART;TZID=Europe/Vienna:{start}",
                        f"SUMMARY:{uid}", *lines, "END:VEVENT", ""])


ZONE = ("BEGIN:VTIMEZONE\r\nTZID:Europe/Vienna\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\n"
        "TZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n"
        "DTSTART:19700329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"
        "END:DAYLIGHT\r\nEND:VTIMEZONE\r\n")


def feed(*events, head="X-WR-CALNAME:Days off\r\n"):
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//publisher//EN\r\nMETHOD:PUBLISH\r\n" + head + ZONE + "".join(events) +
            "END:VCALENDAR\r\n").encode()


class Publisher:
    """Answers each path as it is told to: with octets, or by a function of the request handler."""

    def __init__(self):
        publisher = self
        self.pages = {}
        self.requests = []    # (path, headers)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                publisher.requests.append((self.path, dict(self.headers)))
                page = publisher.pages.get(self.path)
                if callable(page):
                    self.close_connection = True
                    try:
                        page(self)
                    except OSError:
                        pass    # the other side has had enough
                elif page is None:
                    publisher.answer(self, 404, b"gone")
                else:
                    tag = f'"{hash(page)}"'
                    if self.headers.get("If-None-Match") == tag:
                        publisher.answer(self, 304, b"", {"ETag": tag})
                    else:
                        publisher.answer(self, 200, page, {"ETag": tag, "Content-Type": "text/calendar"})

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def answer(handler, status, body, headers=None):
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        if status != 304:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if status != 304:
            handler.wfile.write(body)

    def url(self, path, scheme="http"):
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def count(self, path):
        return sum(1 for asked, _ in self.requests if asked == path)


def redirect(location):
    return lambda handler: Publisher.answer(handler, 302, b"", {"Location": location})


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"X-FILLER:" + b"x" * 1000 + b"\r\n")


def drip(handler):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"B")
        time.sleep(0.05)


def bomb(handler):
    body = gzip.compress(b"BEGIN:VCALENDAR\r\n" + b"X-FILLER:xxxxxxxxxxxxxxxx\r\n" * 400_000)
    expect(len(body) < 50_000, "the bomb is no small one")
    Publisher.answer(handler, 200, body, {"Content-Encoding": "gzip"})


def zipped(body):
    return lambda handler: Publisher.answer(handler, 200, gzip.compress(body), {"Content-Encoding": "gzip"})


def status(code):
    return lambda handler: Publisher.answer(handler, code, feed())


# --- subscriptions ---------------------------------------------------------------------------------------------------


class Subscribed:
    """A subscription of the first user, by the command."""

    def __init__(self, server, publisher, path, *options, scheme="http", status=0):
        self.server = server
        self.url = publisher.url(path, scheme)
        self.account = ("--account", server.user, "--url", self.url)
        self.told = run(server, "subscription", "add", *self.account, *options, status=status)
        self.href = f"/dav/calendars/{server.user}/{self.state()['calendar']}/"
        self.client = server.client()

    def state(self):
        for one in json.loads(run(self.server, "subscription", "list", "--account", self.server.user, "--json")):
            if one["url"] == self.url:
                return one
        return None

    def refresh(self, status=0):
        return run(self.server, "subscription", "refresh", *self.account, status=status)

    def sync(self, token=""):
        answer = self.client.sync(self.href, token, expected=207).multistatus()
        return answer.sync_token, {href[len(self.href):]: item.text("{DAV:}getetag") for href, item in answer.items.items()}

    def get(self, name):
        return self.client.request("GET", self.href + name, expected=200).body.decode()

    def end(self):
        run(self.server, "subscription", "remove", *self.account)
        self.client.close()


def deltas(server, publisher):
    first = [event("a"), event("b"), event("c", "RRULE:FREQ=DAILY;COUNT=3"),
             event("c", "RECURRENCE-ID;TZID=Europe/Vienna:20260106T090000", start="20260106T110000"),
             event("odd/name é")]
    publisher.pages["/feed.ics"] = feed(*first)
    calendar = Subscribed(server, publisher, "/feed.ics", scheme="webcal")
    expect(calendar.told.startswith("4 added, 0 changed, 0 removed, 0 refused"), calendar.told)
    token, members = calendar.sync()
    expect(len(members) == 4 and {"a.ics", "b.ics", "c.ics"} < set(members), members)
    series = calendar.get("c.ics")
    expect(series.count("BEGIN:VEVENT") == 2 and "TZID:Europe/Vienna" in series and "METHOD" not in series, series)
    expect("X-WR-CALNAME" not in series, series)
    properties = calendar.client.propfind(calendar.href, "{DAV:}displayname", "{DAV:}resourcetype",
                                          "{DAV:}current-user-privilege-set").items[calendar.href].properties
    expect(properties["{DAV:}displayname"].text == "Days off", "not called as its publisher calls it")
    expect(properties["{DAV:}resourcetype"].find(SUBSCRIBED) is not None, "not of the subscribed type")
    expect(not [one for one in properties["{DAV:}current-user-privilege-set"].iter() if "write" in one.tag], "can be written")
    calendar.client.request("PUT", calendar.href + "a.ics", feed(event("a", "LOCATION:here")),
                            {"Content-Type": "text/calendar"}, expected=403)

    # The same again is not even sent; the same with other stamps, and told anew, changes nothing.
    asked = publisher.count("/feed.ics")
    expect("0 added, 0 changed, 0 removed" in calendar.refresh(), "the same is not the same")
    expect(publisher.count("/feed.ics") == asked + 1, "asked more than once")
    expect("If-None-Match" in publisher.requests[-1][1], "not asked conditionally")
    expect(calendar.state()["status"] == 304, calendar.state())
    publisher.pages["/feed.ics"] = feed(*(one.replace("DTSTAMP:20260101", "DTSTAMP:20260202") for one in first),
                                        head="X-WR-CALNAME:Other\r\nX-WR-CALDESC:of this minute\r\n")
    expect("0 added, 0 changed, 0 removed" in calendar.refresh(), "stamps count as changes")
    expect(calendar.sync(token) == (token, {}), "something has changed")

    # One is changed, one gone, one new: those three, and no other.
    publisher.pages["/feed.ics"] = feed(event("a", "LOCATION:here"), *first[2:], event("d"))
    expect(calendar.refresh().startswith("1 added, 1 changed, 1 removed"), "another delta than that")
    after, changed = calendar.sync(token)
    expect(set(changed) == {"a.ics", "b.ics", "d.ics"} and changed["b.ics"] is None, changed)
    _, all_now = calendar.sync()
    expect(all_now["c.ics"] == members["c.ics"] and all_now["a.ics"] != members["a.ics"], "the wrong tags have changed")
    return calendar, after, all_now


def troubles(server, publisher, calendar, token, members):
    good = publisher.pages["/feed.ics"]

    def fails(page, why):
        publisher.pages["/feed.ics"] = page
        told = calendar.refresh(status=1)
        expect(why in told, f"{why!r} is not in: {told}")
        state = calendar.state()
        expect(why in state["error"] and state["failures"] > 0, state)
        expect(calendar.sync(token) == (token, {}), f"{why}: the calendar has changed")

    fails(good[:len(good) * 2 // 3], "line")
    fails(b"<!DOCTYPE html><html>Log in</html>", "line")
    fails(b"", "")
    fails(feed(), "without any object")
    fails(None, "HTTP 404")
    fails(status(500), "HTTP 500")
    fails(status(206), "HTTP 206")
    fails(endless, "larger")
    fails(bomb, "larger")
    fails(drip, "too long")
    fails(redirect("/feed.ics"), "too many redirects")
    fails(redirect("file:///etc/passwd"), "can't be fetched")
    fails(redirect("http://127.0.0.1:22/"), "can't be fetched")
    fails(redirect("http://169.254.169.254/latest/meta-data/"), "169.254.169.254 is no public address")
    fails(redirect(f"http://[::1]:{publisher.port}/"), "::1 is no public address")
    fails(redirect(f"http://[::ffff:127.0.0.2]:{publisher.port}/"), "127.0.0.2 is no public address")
    fails(redirect(f"http://127.2:{publisher.port}/"), "127.0.0.2 is no public address")
    expect(calendar.state()["failures"] == 17, calendar.state())

    # What it says after a redirect is as good, also compressed; and then there has been no trouble.
    publisher.pages["/feed.ics"] = redirect("other.ics")
    publisher.pages["/other.ics"] = zipped(good)
    expect("0 added, 0 changed, 0 removed" in calendar.refresh(), "a good answer changes something")
    state = calendar.state()
    expect(state["failures"] == 0 and state["error"] == "" and state["status"] == 200, state)
    expect(calendar.sync(token) == (token, {}), "the calendar has changed")

    # What no calendar takes is named, and the rest comes.
    publisher.pages["/feed.ics"] = feed(event("a"), event("bad", "RRULE:FREQ=NEVER"), event("e"))
    told = calendar.refresh()
    expect("1 refused" in told and "refused: bad.ics" in told, told)
    _, now = calendar.sync()
    expect(set(now) == {"a.ics", "e.ics"}, now)

    # When it has been gone for long enough, it is believed.
    text = server.config.read_text()
    server.config.write_text(text.replace('gone_after = "3 d"', 'gone_after = "0 s"'))
    publisher.pages["/feed.ics"] = None
    expect("HTTP 404" in calendar.refresh(status=1), "404 is no trouble")
    server.config.write_text(text)
    expect(calendar.sync()[1] == {}, "its objects are there for ever")
    calendar.end()
    expect(calendar.state() is None, "the subscription is still there")


def guarded(server, publisher):
    """Without leave, nothing on this machine is fetched, however it is called."""
    text = server.config.read_text()
    server.config.write_text(text.replace('allow_from = ["127.0.0.1"]', "allow_from = []"))
    publisher.pages["/guarded.ics"] = feed(event("a"))
    for host in ("127.0.0.1", "localhost", "0.0.0.0", "2130706433", "[::1]", "[::ffff:127.0.0.1]"):
        url = f"http://{host}:{publisher.port}/guarded.ics"
        told = run(server, "subscription", "add", "--account", server.user, "--url", url, status=1)
        expect("is no public address" in told or "connect" in told, f"{host}: {told}")
        run(server, "subscription", "remove", "--account", server.user, "--url", url)
    expect(publisher.count("/guarded.ics") == 0, "it was asked")
    server.config.write_text(text)
    for url in ("file:///etc/passwd", "ftp://example.net/a.ics", "gopher://127.0.0.1/", "a.ics", "http://example.net:25/"):
        run(server, "subscription", "add", "--account", server.user, "--url", url, status=65)


def stripped(server, publisher):
    task = "BEGIN:VTODO\r\nUID:t\r\nDTSTAMP:20260101T000000Z\r\nEND:VTODO\r\n"
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT5M\r\nATTACH:http://example.net/ping\r\nEND:VALARM"
    publisher.pages["/full.ics"] = feed(event("a", "ATTACH:http://example.net/\r\n  a.pdf", alarm), task)
    calendar = Subscribed(server, publisher, "/full.ics", "--name", "Mine", "--refresh", "1 d", "--strip-alarms", "--strip-todos",
                          "--strip-attachments")
    expect(set(calendar.sync()[1]) == {"a.ics"}, "a task is there")
    text = calendar.get("a.ics")
    expect("VALARM" not in text and "ATTACH" not in text and "SUMMARY:a" in text, text)
    # Taken back, it is all there, though the publisher has nothing new.
    calendar.client.proppatch(calendar.href, {"{http://calendarserver.org/ns/}subscribed-strip-" + what: None
                                              for what in ("alarms", "todos", "attachments")})
    calendar.refresh()
    expect(len(calendar.sync()[1]) == 2, "the task hasn't come back")
    text = calendar.get("a.ics")
    expect("VALARM" in text and "a.pdf" in text, text)
    name = calendar.client.propfind(calendar.href, "{DAV:}displayname").items[calendar.href].text("{DAV:}displayname")
    expect(name == "Mine", name)
    calendar.end()


def by_clients(server, publisher):
    """Made, changed and removed by a client; kept by the running server."""
    publisher.pages["/one.ics"] = feed(event("a"))
    publisher.pages["/two.ics"] = feed(event("b"))
    client = server.client()
    href = f"/dav/calendars/{server.user}/holidays/"
    source = '<S:source xmlns:S="http://calendarserver.org/ns/"><D:href>{}</D:href></S:source>'
    client.request("MKCALENDAR", href, (
        '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:resourcetype><D:collection/>'
        '<S:subscribed xmlns:S="http://calendarserver.org/ns/"/></D:resourcetype>' + source.format(publisher.url("/one.ics")) +
        "</D:prop></D:set></C:mkcalendar>"), {"Content-Type": "application/xml"}, expected=201)

    def members():
        return {one[len(href):] for one in client.sync(href, expected=207).multistatus().items}

    awaited(lambda: members() == {"a.ics"}, "the first fetch")
    expect(publisher.count("/one.ics") == 1, "fetched more than once")
    client.request("PROPPATCH", href, (
        '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>' + source.format(publisher.url("/two.ics")) +
        "</D:prop></D:set></D:propertyupdate>"), {"Content-Type": "application/xml"}, expected=207)
    run(server, "subscription", "refresh", "--account", server.user, "--url", publisher.url("/two.ics"))
    expect(members() == {"b.ics"}, "another source has other objects")
    client.request("DELETE", href, expected=204)
    expect(not [one for one in json.loads(run(server, "subscription", "list", "--json")) if "two.ics" in one["url"]], "not ended")
    client.close()


def quota(server, publisher):
    publisher.pages["/big.ics"] = feed(*(event(f"big{number}", "DESCRIPTION:" + "x" * 2000) for number in range(10)))
    run(server, "account", "set", server.user, "--quota", "8 KiB")
    calendar = Subscribed(server, publisher, "/big.ics", status=1)
    expect("quota" in calendar.state()["error"], calendar.state())
    run(server, "account", "set", server.user, "--quota", "none")
    expect("10 added" in calendar.refresh(), "not all have come")
    calendar.end()


# --- birthdays -------------------------------------------------------------------------------------------------------


def broken_off(folder, store, publisher):
    """A large feed is being taken over when the server is told to stop: it stops, and later ends what was begun."""
    many = 8000
    with Server(folder, store, extra={"subscriptions": ['allow_from = ["127.0.0.1"]', "webcal_is_http = true"]}) as server:
        publisher.pages["/many.ics"] = feed(event("a"), event("b"))
        calendar = Subscribed(server, publisher, "/many.ics")
        _, before = calendar.sync()
        expect(set(before) == {"a.ics", "b.ics"}, before)
        publisher.pages["/many.ics"] = feed(*(event(f"m{number}") for number in range(many)))
        # A new rate of refreshing is reason enough to fetch at once.
        calendar.client.proppatch(calendar.href, {"{http://apple.com/ns/ical/}refreshrate": "P1D"})
        awaited(lambda: "a.ics" not in calendar.sync()[1], "the first of the changes")
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
        out = folder / "half"
        run(server, "export", "--account", server.user, str(out))
        there = len(list((out / "calendars" / calendar.href.split("/")[-2]).glob("*.ics")))
        expect(0 < there < many, f"nothing was broken off: {there} objects")
        # The publisher has gone back to what he had: "not modified" would be said of what is here no more.
        publisher.pages["/many.ics"] = feed(event("a"), event("b"))
        server.start()
        calendar.client.close()
        calendar.client = server.client()
        awaited(lambda: set(calendar.sync()[1]) == {"a.ics", "b.ics"}, "what was begun is ended")
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()


def card(name, *lines):
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", f"UID:{name}", f"FN:{name}", *lines, "END:VCARD", ""])


def birthdays(server):
    client = server.client()
    book = f"/dav/addressbooks/{server.user}/contacts/"
    home = f"/dav/calendars/{server.user}/"
    vcard = {"Content-Type": "text/vcard"}
    client.request("PUT", book + "ada.vcf", card("Ada", "BDAY:1985-12-10", "ANNIVERSARY:20100612"), vcard, expected=201)
    client.request("PUT", book + "bob.vcf", card("Bob", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29"), vcard, expected=201)
    client.request("PUT", book + "eve.vcf", card("Eve"), vcard, expected=201)
    expect(home + "birthdays/" not in client.propfind(home, "{DAV:}resourcetype", depth="1").items, "there unasked")
    run(server, "account", "set", server.user, "--birthdays", "on")
    href = home + "birthdays/"

    def summaries():
        body = ('<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/><C:calendar-data/>'
                '</D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>')
        answer = client.request("REPORT", href, body, {"Depth": "1", "Content-Type": "application/xml"})
        if answer.status != 207:
            return None
        found = {}
        for item in answer.multistatus().items.values():
            data = item.text("{urn:ietf:params:xml:ns:caldav}calendar-data")
            summary = [line for line in data.splitlines() if line.startswith("SUMMARY:")][0][len("SUMMARY:"):]
            found[summary] = item.text("{DAV:}getetag")
        return found

    first = summaries()
    expect(set(first) == {"Ada (birthday)", "Ada (anniversary)", "Bob (birthday)"}, first)
    token = client.sync(href, expected=207).multistatus().sync_token
    client.request("PUT", href + "x.ics", feed(event("a")), {"Content-Type": "text/calendar"}, expected=403)

    # A change that isn't about days changes nothing; others are seen soon, and by sync.
    client.request("PUT", book + "eve.vcf", card("Eve", "BDAY:--0704"), vcard, expected=204)
    client.request("PUT", book + "ada.vcf", card("Ada", "BDAY:1985-12-10", "ANNIVERSARY:20100612", "NOTE:x"), vcard, expected=204)
    client.request("DELETE", book + "bob.vcf", expected=204)
    awaited(lambda: set(summaries()) == {"Ada (birthday)", "Ada (anniversary)", "Eve (birthday)"}, "the changes")
    now = summaries()
    expect(now["Ada (birthday)"] == first["Ada (birthday)"], "an event has changed that has not")
    changed = client.sync(href, token, expected=207).multistatus()
    told = sorted(item.status or 200 for item in changed.items.values())
    expect(told == [200, 404], f"sync tells something else: {told}")

    # Moved into another book, it is the same.
    client.make_book(book.replace("contacts", "other"))
    client.request("MOVE", book + "eve.vcf", headers={"Destination": book.replace("contacts", "other") + "eve.vcf"}, expected=201)
    client.request("PUT", book + "dan.vcf", card("Dan", "BDAY:19990101"), vcard, expected=201)
    awaited(lambda: "Dan (birthday)" in summaries(), "the new card")
    expect(summaries()["Eve (birthday)"] == now["Eve (birthday)"], "a moved card has another event")

    # What happened while the server was killed is made up for.
    client.request("PUT", book + "kim.vcf", card("Kim", "BDAY:19990101"), vcard, expected=201)
    client.close()
    server.kill()
    server.start()
    awaited(lambda: "Kim (birthday)" in summaries(), "the card from before the crash")

    # Who deletes the calendar doesn't want it.
    client.request("DELETE", href, expected=204)
    shown = json.loads(run(server, "account", "show", server.user, "--json"))
    expect(shown["birthdays"] == "off", shown)
    run(server, "account", "set", server.user, "--birthdays", "on")
    expect("Kim (birthday)" in summaries(), "it doesn't come back")
    run(server, "account", "set", server.user, "--birthdays", "default")
    expect(summaries() is None, "it doesn't go")
    client.close()


def main():
    store = sys.argv[1]
    publisher = Publisher()
    extra = {"subscriptions": ['allow_from = ["127.0.0.1"]', "webcal_is_http = true", 'max_size = "64 KiB"', 'max_time = "1 s"',
                               'gone_after = "3 d"']}
    with harness.scratch("kept") as folder, Server(folder, store, extra=extra) as server:
        print("deltas", flush=True)
        kept = deltas(server, publisher)
        print("troubles", flush=True)
        troubles(server, publisher, *kept)
        for step in (guarded, stripped, by_clients, quota):
            print(step.__name__, flush=True)
            step(server, publisher)
        print("birthdays", flush=True)
        birthdays(server)
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    print("broken off", flush=True)
    with harness.scratch("broken-off") as folder:
        broken_off(folder, store, publisher)


if __name__ == "__main__":
    main()
