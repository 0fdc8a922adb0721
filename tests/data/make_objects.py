"""Calendar objects and cards for tests: made, not kept, with all that clients make. Each function is a pure function of
its number, so that both sides of a test can make the same."""

import base64
import datetime

BERLIN = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE
"""

NEW_YORK = """BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
END:VTIMEZONE
"""

TITLES = ["Lunch", "Besprechung über Größe", "会議", "Réunion d'équipe", "Встреча", "اجتماع", "Tea \U0001f375 at 4", "a\\, b\\; c",
          "x" * 120]
RULES = ["FREQ=DAILY;COUNT=10", "FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20271231T100000Z", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=12",
         "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=5", "FREQ=WEEKLY;INTERVAL=2;WKST=SU", "FREQ=MONTHLY;BYSETPOS=2;BYDAY=TU;COUNT=6"]


def fold(text):
    """Lines of at most 75 octets, ended by CRLF (RFC 5545 3.1)."""
    folded = []
    for line in text.splitlines():
        piece, size = "", 0
        for character in line:
            octets = len(character.encode())
            if size + octets > 74:
                folded.append(piece)
                piece, size = " ", 1
            piece += character
            size += octets
        folded.append(piece)
    return "\r\n".join(folded) + "\r\n"


def event(number, uid=None, change=0):
    """One of five kinds by its number: plain, recurring with an exception, whole-day, with alarms, with an attachment."""
    uid = uid or f"event-{number}@pileus.test"
    day = 1 + number % 28
    month = 1 + number // 28 % 12
    title = f"{TITLES[number % len(TITLES)]} {number}" + (f" changed {change}" if change else "")
    common = f"UID:{uid}\nDTSTAMP:20250101T000000Z\nSEQUENCE:{change}\nSUMMARY:{title}\n"
    zone, zone_text = ("Europe/Berlin", BERLIN) if number % 2 else ("America/New_York", NEW_YORK)
    start = f"DTSTART;TZID={zone}:2026{month:02}{day:02}T100000\nDTEND;TZID={zone}:2026{month:02}{day:02}T110000\n"
    kind = number % 5
    if kind == 0:
        body = f"BEGIN:VEVENT\n{common}DTSTART:2026{month:02}{day:02}T090000Z\nDURATION:PT30M\nLOCATION:Zimmer {number}\nEND:VEVENT\n"
        zone_text = ""
    elif kind == 1:
        rule = RULES[number // 5 % len(RULES)]
        body = f"BEGIN:VEVENT\n{common}{start}RRULE:{rule}\nEND:VEVENT\n"
        if "DAILY" in rule:
            first = datetime.date(2026, month, day)
            moved, left_out = (f"{first + datetime.timedelta(days=days):%Y%m%d}" for days in (2, 3))
            body = body.replace("END:VEVENT", f"EXDATE;TZID={zone}:{left_out}T100000\nEND:VEVENT")
            body += (f"BEGIN:VEVENT\n{common}RECURRENCE-ID;TZID={zone}:{moved}T100000\n"
                     f"DTSTART;TZID={zone}:{moved}T150000\nDTEND;TZID={zone}:{moved}T160000\nEND:VEVENT\n")
    elif kind == 2:
        body = f"BEGIN:VEVENT\n{common}DTSTART;VALUE=DATE:2026{month:02}{day:02}\nTRANSP:TRANSPARENT\nCATEGORIES:Urlaub,Travel\nEND:VEVENT\n"
        zone_text = ""
    elif kind == 3:
        body = (f"BEGIN:VEVENT\n{common}{start}BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:{title}\nTRIGGER:-PT15M\nEND:VALARM\n"
                "BEGIN:VALARM\nACTION:AUDIO\nTRIGGER;RELATED=END:PT0S\nX-WR-ALARMUID:A1\nEND:VALARM\nEND:VEVENT\n")
    else:
        data = base64.b64encode(bytes((number * 7 + index) % 256 for index in range(600))).decode()
        body = (f"BEGIN:VEVENT\n{common}{start}ATTACH;FMTTYPE=image/png;ENCODING=BASE64;VALUE=BINARY:{data}\n"
                f"ATTACH:https://example.com/{number}\nX-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M\n"
                "DESCRIPTION:Zeile eins\\nZeile zwei: „Anführung“\nEND:VEVENT\n")
    return fold(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Pileus//Tests//EN\n{zone_text}{body}END:VCALENDAR\n")


def small_event(number):
    """About half a kilobyte, for measurements."""
    return fold(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Pileus//Tests//EN\nBEGIN:VEVENT\n"
        f"UID:small-{number}@pileus.test\nDTSTAMP:20250101T000000Z\nDTSTART:202601{1 + number % 28:02}T100000Z\nDURATION:PT1H\n"
        f"SUMMARY:Event {number}\nLOCATION:Room {number % 50}\nDESCRIPTION:{'words and more words ' * 10}\n"
        "END:VEVENT\nEND:VCALENDAR\n")


def planned_event(number):
    """An event of a full calendar, its VEVENT alone: of ten, one recurs for some time and one for ever (birthdays, days of a month,
    every other week, every week); the others lie within ten years, some of them on whole days. The zone is Europe/Berlin."""
    offset = number * 2654435761 % 2**32 % 3650
    start = datetime.date(2021, 1, 1) + datetime.timedelta(days=offset)
    hour = 7 + number % 12
    times = (f"DTSTART;TZID=Europe/Berlin:{start:%Y%m%d}T{hour:02}0000\nDTEND;TZID=Europe/Berlin:{start:%Y%m%d}T{hour:02}4500\n")
    kind, variant = number % 10, number // 10
    if kind == 0:
        until = start + datetime.timedelta(days=180)
        times += "RRULE:" + ["FREQ=WEEKLY;COUNT=12", "FREQ=DAILY;COUNT=5", "FREQ=MONTHLY;COUNT=12",
                             f"FREQ=WEEKLY;BYDAY=MO,WE;UNTIL={until:%Y%m%d}T000000Z"][variant % 4] + "\n"
    elif kind == 1:
        early = start - datetime.timedelta(days=3650)
        if variant % 5 < 2:
            times = f"DTSTART;VALUE=DATE:{early:%Y%m%d}\nRRULE:FREQ=YEARLY\nTRANSP:TRANSPARENT\n"
        else:
            times = times.replace(f"{start:%Y%m%d}", f"{early:%Y%m%d}")
            times += "RRULE:" + ["FREQ=MONTHLY;BYDAY=1TU", "FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY"][variant % 5 - 2] + "\n"
    elif kind == 2:
        times = f"DTSTART;VALUE=DATE:{start:%Y%m%d}\n"
    return (f"BEGIN:VEVENT\nUID:planned-{number}@pileus.test\nDTSTAMP:20250101T000000Z\n{times}SUMMARY:Event {number}\n"
            f"LOCATION:Room {number % 50}\nDESCRIPTION:{'words and more words ' * 5}\nEND:VEVENT\n")


def planned_object(number):
    """The same as an object of its own, with its time zone."""
    return fold(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Pileus//Tests//EN\n{BERLIN}{planned_event(number)}END:VCALENDAR\n")


def task(number):
    return fold("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Pileus//Tests//EN\nBEGIN:VTODO\n"
                f"UID:task-{number}@pileus.test\nDTSTAMP:20250101T000000Z\nSUMMARY:Aufgabe {number}\nPRIORITY:5\n"
                f"DUE:2026{1 + number % 12:02}15T120000Z\nEND:VTODO\nEND:VCALENDAR\n")


def card(number, change=0):
    """vCard 3.0 or 4.0 by its number; some with groups, photographs, non-ASCII names."""
    name = ["Müller", "Łukasz", "李", "O'Neill", "Иванов", "Smith"][number % 6]
    note = f"changed {change}" if change else "Notiz\\, mit Komma"
    if number % 3 == 0:
        return fold(f"BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:00000000-0000-4000-8000-{number:012}\nFN:Person {number} {name}\n"
                    f"N:{name};Person {number};;;\nEMAIL;PREF=1:person{number}@example.com\nTEL;VALUE=uri:tel:+49-30-{number:06}\n"
                    f"BDAY:--0415\nNOTE:{note}\nEND:VCARD\n")
    photo = ""
    if number % 5 == 1:
        photo = "PHOTO;ENCODING=b;TYPE=JPEG:" + base64.b64encode(bytes((number + index) % 256 for index in range(900))).decode() + "\n"
    return fold(f"BEGIN:VCARD\nVERSION:3.0\nUID:card-{number}@pileus.test\nFN:Person {number} {name}\nN:{name};Person {number};;;\n"
                f"EMAIL;TYPE=INTERNET:person{number}@example.com\nTEL;TYPE=CELL:+49 30 {number:06}\n"
                f"item1.ADR:;;Straße {number};Berlin;;10115;Germany\nitem1.X-ABLabel:_$!<Home>!$_\n{photo}NOTE:{note}\nEND:VCARD\n")
